import CKernels

/// A place in the model where elements are dropped.
public enum DropoutSite: Hashable, Sendable {
  case embeddings
  case attentionWeights(layer: Int)
  case attentionOutput(layer: Int)
  case feedForwardOutput(layer: Int)
  case convolutionOutput(layer: Int)
  /// The sentence head's input.
  case pooled
  /// The tag head's input.
  case tagInput

  fileprivate var number: UInt64 {
    switch self {
    case .embeddings: 1
    case .pooled: 2
    case .tagInput: 3
    case .attentionWeights(let layer): 4 + 4 * UInt64(layer)
    case .attentionOutput(let layer): 5 + 4 * UInt64(layer)
    case .feedForwardOutput(let layer): 6 + 4 * UInt64(layer)
    case .convolutionOutput(let layer): 7 + 4 * UInt64(layer)
    }
  }
}

/// Every mask of one step: functions of the step's key alone, however the batch is split.
struct Dropout: Sendable {
  /// nil: nothing is dropped.
  let key: UInt64?
  let configuration: ModelConfiguration

  /// Drops nothing.
  static var none: MTTDropout { MTTDropout(key: 0, threshold: 0, scale: 1) }

  func callAsFunction(_ site: DropoutSite) -> MTTDropout {
    let probability =
      switch site {
      case .embeddings: configuration.embeddingDropout ?? configuration.hiddenDropout
      case .attentionOutput, .feedForwardOutput, .convolutionOutput: configuration.hiddenDropout
      case .attentionWeights: configuration.attentionDropout
      case .pooled, .tagInput: configuration.classifierDropout
      }
    guard let key, probability > 0 else { return Self.none }
    return MTTDropout(
      key: mixed(key, site.number), threshold: UInt32(min(Double(probability), 1) * 4_294_967_295),
      scale: 1 / (1 - probability))
  }
}

/// Two numbers hashed to one: every bit of the result depends on every bit of both.
public func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 { mtt_mixed(a, b) }
