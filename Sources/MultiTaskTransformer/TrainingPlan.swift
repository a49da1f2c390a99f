/// Which parts of a model are trained, and how fast each learns compared with the heads.
///
/// Frozen parts have no gradients, no optimizer state and no update, and the backward pass ends at the lowest part that
/// is trained.
public struct TrainingPlan: Hashable, Sendable {
  public var frozenEmbeddings = false
  /// Layers counted from 0, the lowest.
  public var frozenLayers: Set<Int> = []
  /// The encoder's learning rate over the heads'.
  public var encoderRate = 1.0
  /// What a layer's rate is multiplied by for each layer above it; the embeddings lie below the lowest layer.
  public var layerDecay = 1.0

  /// Optimizer steps done before a part was trained, where it was frozen at first: AdamW corrects the bias of a part's
  /// moments by the part's own steps, as PyTorch does for parameters whose gradients begin later.
  public var stepsBeforeEmbeddings = 0
  public var stepsBeforeLayers: [Int: Int] = [:]

  public init() {}

  /// A part of a model.
  enum Part: Hashable, Sendable {
    case embeddings
    case layer(Int)
    case heads
  }

  /// The part's learning rate over the heads', and when it began; nil where it is frozen.
  func rate(_ part: Part, layers: Int) -> PartRate? {
    switch part {
    case .heads: PartRate(factor: 1)
    case .layer(let layer):
      frozenLayers.contains(layer)
        ? nil
        : PartRate(
          factor: encoderRate * power(layerDecay, layers - 1 - layer), stepsBefore: stepsBeforeLayers[layer] ?? 0)
    case .embeddings:
      frozenEmbeddings
        ? nil : PartRate(factor: encoderRate * power(layerDecay, layers), stepsBefore: stepsBeforeEmbeddings)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

/// How fast a trained part learns.
struct PartRate: Hashable, Sendable {
  /// Its learning rate over the heads'.
  var factor: Double
  /// Optimizer steps done before its first.
  var stepsBefore = 0
}

/// A plan applied to a model's parameters.
struct PartRates: Sendable {
  /// Rate of each linear layer by the offset of its weights; frozen ones are not in it.
  private let byWeight: [Int: PartRate]
  /// The runs of the vector region that are trained, in order, each with one rate.
  let vectors: [(range: Range<Int>, rate: PartRate)]
  /// Rate of the embedding rows; nil where they are frozen.
  let rows: PartRate?
  /// The first sub-layer that the backward pass goes through; as many as there are where it goes through none.
  let lowestSubLayer: Int
  private let isTrained: Set<String>

  init(_ plan: TrainingPlan, _ layout: ParameterLayout) {
    let layers = 1 + (layout.subLayers.last?.layer ?? -1)
    func partRate(_ part: TrainingPlan.Part) -> PartRate? { plan.rate(part, layers: layers) }
    let parts = Self.parts(layout)
    var byWeight: [Int: PartRate] = [:]
    for linear in layout.linears { byWeight[linear.weight] = parts[linear.weight].flatMap(partRate) }
    self.byWeight = byWeight
    rows = partRate(.embeddings)
    lowestSubLayer =
      rows != nil ? 0 : layout.subLayers.firstIndex { partRate(.layer($0.layer)) != nil } ?? layout.subLayers.count
    var isTrained: Set<String> = []
    var vectors: [(range: Range<Int>, rate: PartRate)] = []
    let ordered = layout.tensors.sorted { $0.offset < $1.offset }
    for (index, tensor) in ordered.enumerated() {
      // A table's offset is no part's; all tables are the embeddings'.
      let rate = tensor.offset >= layout.denseCount ? rows : parts[tensor.offset].flatMap(partRate)
      guard let rate else { continue }
      isTrained.insert(tensor.name)
      guard tensor.offset < layout.vectorCount else { continue }
      let next = index + 1 < ordered.count ? ordered[index + 1].offset : layout.vectorCount
      let end = min(next, layout.vectorCount)
      if let last = vectors.last, last.rate == rate, last.range.upperBound == tensor.offset {
        vectors[vectors.count - 1].range = last.range.lowerBound..<end
      } else {
        vectors.append((tensor.offset..<end, rate))
      }
    }
    self.vectors = vectors
    self.isTrained = isTrained
  }

  /// nil where the layer is frozen.
  func rate(_ linear: Linear) -> PartRate? { byWeight[linear.weight] }

  func trains(_ tensor: ParameterLayout.Tensor) -> Bool { isTrained.contains(tensor.name) }

  /// The part that each vector and matrix belongs to, by offset. A LayerNorm belongs to the sub-layer that ends in it.
  private static func parts(_ layout: ParameterLayout) -> [Int: TrainingPlan.Part] {
    var parts: [Int: TrainingPlan.Part] = [:]
    for tensor in layout.tensors where tensor.initial != .given {
      if tensor.name.hasPrefix("embeddings.") {
        parts[tensor.offset] = .embeddings
      } else if tensor.name.hasPrefix("encoder.layer."), let layer = Int(tensor.name.split(separator: ".")[2]) {
        parts[tensor.offset] = .layer(layer)
      } else {
        parts[tensor.offset] = .heads
      }
    }
    for subLayer in layout.subLayers {
      parts[subLayer.norm.gamma] = .layer(subLayer.layer)
      parts[subLayer.norm.beta] = .layer(subLayer.layer)
    }
    if let norm = layout.embeddings.firstNorm {
      parts[norm.gamma] = .embeddings
      parts[norm.beta] = .embeddings
    }
    return parts
  }
}
