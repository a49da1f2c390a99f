internal import MultiTaskTransformer

/// What is wrong with a list of frozen parts.
struct FreezeFault: Error {
  var sentence: String
}

/// The parts that `--freeze` names.
enum FrozenParts {
  /// - Parameters:
  ///   - parts: `encoder` (embeddings and all layers), `embeddings`, `layer.2`, `layer.0-2`.
  ///   - layers: how many the encoder has.
  static func plan(_ parts: [String], layers: Int) throws(FreezeFault) -> TrainingPlan {
    var plan = TrainingPlan()
    for part in parts {
      switch part {
      case "encoder":
        plan.frozenEmbeddings = true
        plan.frozenLayers = Set(0..<layers)
      case "embeddings": plan.frozenEmbeddings = true
      default: plan.frozenLayers.formUnion(try range(part, layers: layers))
      }
    }
    return plan
  }

  private static func range(_ part: String, layers: Int) throws(FreezeFault) -> ClosedRange<Int> {
    let prefix = "layer."
    let bounds = part.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard part.hasPrefix(prefix), bounds.count <= 2, let low = bounds.first ?? nil, let high = bounds.last ?? nil,
      low >= 0, low <= high
    else {
      throw FreezeFault(
        sentence: "freeze names \"\(part)\"; it must be encoder, embeddings, or layers such as layer.2 or layer.0-2")
    }
    guard high < layers else {
      throw FreezeFault(
        sentence: "freeze names \"\(part)\", but the encoder has \(layers) layers, counted from 0 to \(layers - 1)")
    }
    return low...high
  }
}
