/// What is wrong with a list of frozen parts.
public struct FreezeFault: Error, Hashable, Sendable {
  public var sentence: String
}

/// Parts of the encoder that are not trained.
public struct FrozenParts: Hashable, Sendable {
  public var embeddings = false
  /// Counted from 0, the lowest.
  public var layers: Set<Int> = []

  public init() {}

  /// - Parameters:
  ///   - names: `encoder` (embeddings and all layers), `embeddings`, `layer.2`, `layer.0-2`.
  ///   - count: how many layers the encoder has.
  public init(_ names: [String], layers count: Int) throws(FreezeFault) {
    for name in names {
      switch name {
      case "encoder": formUnion(.encoder(layers: count))
      case "embeddings": embeddings = true
      default: layers.formUnion(try Self.range(name, layers: count))
      }
    }
  }

  /// All of an encoder.
  static func encoder(layers count: Int) -> FrozenParts {
    var parts = FrozenParts()
    parts.embeddings = true
    parts.layers = Set(0..<count)
    return parts
  }

  mutating func formUnion(_ other: FrozenParts) {
    embeddings = embeddings || other.embeddings
    layers.formUnion(other.layers)
  }

  public var isEmpty: Bool { !embeddings && layers.isEmpty }

  /// The parts by the names that `--freeze` takes, as few as say it.
  public func names(layers count: Int) -> [String] {
    if embeddings, layers.count == count { return ["encoder"] }
    var names = embeddings ? ["embeddings"] : []
    var next = 0
    while next < count {
      let first = next
      while layers.contains(next) { next += 1 }
      if next > first { names.append(next == first + 1 ? "layer.\(first)" : "layer.\(first)-\(next - 1)") }
      next += 1
    }
    return names
  }

  private static func range(_ part: String, layers: Int) throws(FreezeFault) -> ClosedRange<Int> {
    let prefix = "layer."
    let bounds = part.dropFirst(prefix.count).split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard part.hasPrefix(prefix), bounds.count <= 2, let low = bounds.first ?? nil, let high = bounds.last ?? nil,
      low >= 0, low <= high
    else {
      throw FreezeFault(
        sentence: "--freeze names \"\(part)\"; it must be encoder, embeddings, or layers such as layer.2 or layer.0-2")
    }
    guard high < layers else {
      throw FreezeFault(
        sentence: "--freeze names \"\(part)\", but the encoder has \(layers) layers, counted from 0 to \(layers - 1)")
    }
    return low...high
  }
}

/// Gradual unfreezing: all of the encoder begins frozen; then, every so many epochs, one part more is trained, the top
/// layer first and the embeddings last (Howard and Ruder, arXiv:1801.06146).
extension RunConfiguration {
  /// How many parts have been unfrozen by the time an epoch is trained; 0 without gradual unfreezing.
  public func unfrozenParts(epoch: Int) -> Int {
    guard let unfreezeEvery, unfreezeEvery > 0 else { return 0 }
    return min(max(0, epoch) / unfreezeEvery, layers + 1)
  }

  /// What is not trained once so many parts have been unfrozen; what `freeze` names never is.
  public func frozen(unfrozen count: Int) throws(FreezeFault) -> FrozenParts {
    var parts = try FrozenParts(freeze, layers: layers)
    guard unfreezeEvery != nil else { return parts }
    var waiting = FrozenParts()
    waiting.embeddings = count <= layers
    waiting.layers = Set(0..<max(0, layers - count))
    parts.formUnion(waiting)
    return parts
  }

  /// The names of what is not trained in an epoch, for people.
  public func frozenNames(epoch: Int) -> [String] {
    (try? frozen(unfrozen: unfrozenParts(epoch: epoch)))?.names(layers: layers) ?? freeze
  }
}
