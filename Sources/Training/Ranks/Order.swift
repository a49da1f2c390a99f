internal import MultiTaskTransformer
internal import RunFolder

/// What rank 0 has the others do next, all between the same two steps.
enum Order: Hashable, Sendable {
  /// Take a step.
  case step(StepSettings)
  /// Train by another plan from the next step on.
  case follow(TrainingPlan)
  /// Send the tensors of the members that are trained there: parameters, and the optimizers' moments if asked for.
  case gather(moments: Bool)
  /// End: the run does.
  case end

  private enum Kind: UInt8 { case step, follow, gatherParameters, gatherAll, end }

  /// As it crosses to other processes.
  var bytes: [UInt8] {
    switch self {
    case .step(let settings):
      let words = [
        UInt64(settings.epoch), UInt64(settings.batch), settings.weightA.bitPattern, settings.weightB.bitPattern,
        settings.dropoutKey, settings.learningRate.bitPattern, settings.weightDecay.bitPattern,
        settings.clip.bitPattern,
      ]
      return words.reduce(into: [Kind.step.rawValue]) { bytes, word in
        bytes += (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
      }
    case .follow(let plan): return [Kind.follow.rawValue] + RunJSON.encode(plan)
    case .gather(let moments): return [(moments ? Kind.gatherAll : .gatherParameters).rawValue]
    case .end: return [Kind.end.rawValue]
    }
  }

  /// Nil for bytes that are no order.
  init?(_ bytes: [UInt8]) {
    let rest = Array(bytes.dropFirst())
    switch bytes.first.flatMap(Kind.init(rawValue:)) {
    case .step:
      guard rest.count == 64 else { return nil }
      let words = (0..<8).map { place in
        rest[8 * place..<8 * place + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
      }
      self = .step(
        StepSettings(
          epoch: Int(words[0]), batch: Int(words[1]), weightA: Double(bitPattern: words[2]),
          weightB: Double(bitPattern: words[3]), dropoutKey: words[4], learningRate: Double(bitPattern: words[5]),
          weightDecay: Double(bitPattern: words[6]), clip: Double(bitPattern: words[7])))
    case .follow:
      guard let plan = try? RunJSON.decode(TrainingPlan.self, from: rest, path: "an order of rank 0") else {
        return nil
      }
      self = .follow(plan)
    case .gatherParameters: self = .gather(moments: false)
    case .gatherAll: self = .gather(moments: true)
    case .end: self = .end
    case nil: return nil
    }
  }
}
