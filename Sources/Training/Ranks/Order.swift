internal import MultiTaskTransformer
internal import RunFolder
internal import Storage
internal import TrainingEvents

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
      var writer = ByteWriter()
      writer.put(byte: Kind.step.rawValue)
      writer.put(settings.epoch)
      writer.put(settings.batch)
      writer.put(fixed: settings.dropoutKey)
      for task in ModelTask.allCases { writer.put(settings.weights[task]) }
      for value in [settings.learningRate, settings.weightDecay, settings.clip] { writer.put(value) }
      return writer.bytes
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
      guard let settings = try? rest.withUnsafeBytes({ (bytes) throws(CodingFault) in try Self.settings(bytes) }) else {
        return nil
      }
      self = .step(settings)
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

  private static func settings(_ bytes: UnsafeRawBufferPointer) throws(CodingFault) -> StepSettings {
    var reader = ByteReader(bytes)
    let (epoch, batch, dropoutKey) = (try reader.integer(), try reader.integer(), try reader.fixed64())
    let settings = StepSettings(
      epoch: epoch, batch: batch, weights: try PerTask { _ throws(CodingFault) in try reader.double() },
      dropoutKey: dropoutKey, learningRate: try reader.double(), weightDecay: try reader.double(),
      clip: try reader.double())
    guard reader.isAtEnd else { throw CodingFault("goes on behind its last value") }
    return settings
  }
}
