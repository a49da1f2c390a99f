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

  public init() {}

  /// A part of a model.
  enum Part: Hashable, Sendable {
    case embeddings
    case layer(Int)
    case heads
  }

  /// The part's learning rate over the heads'; nil where it is frozen.
  func rate(_ part: Part, layers: Int) -> Double? {
    switch part {
    case .heads: 1
    case .layer(let layer):
      frozenLayers.contains(layer) ? nil : encoderRate * power(layerDecay, layers - 1 - layer)
    case .embeddings: frozenEmbeddings ? nil : encoderRate * power(layerDecay, layers)
    }
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }
}

/// A plan applied to a model's parameters.
struct PartRates: Sendable {
  /// Rate of each linear layer by the offset of its weights; frozen ones are not in it.
  private let byWeight: [Int: Double]
  /// The runs of the vector region that are trained, in order, each with one rate.
  let vectors: [(range: Range<Int>, rate: Double)]
  /// Rate of the embedding rows; nil where they are frozen.
  let rows: Double?
  /// The first sub-layer that the backward pass goes through; as many as there are where it goes through none.
  let lowestSubLayer: Int
  private let isTrained: Set<String>

  init(_ plan: TrainingPlan, _ layout: ParameterLayout) {
    let layers = 1 + (layout.subLayers.last?.layer ?? -1)
    func partRate(_ part: TrainingPlan.Part) -> Double? { plan.rate(part, layers: layers) }
    let parts = Self.parts(layout)
    var byWeight: [Int: Double] = [:]
    for linear in layout.linears { byWeight[linear.weight] = parts[linear.weight].flatMap(partRate) }
    self.byWeight = byWeight
    rows = partRate(.embeddings)
    lowestSubLayer =
      rows != nil ? 0 : layout.subLayers.firstIndex { partRate(.layer($0.layer)) != nil } ?? layout.subLayers.count
    var isTrained: Set<String> = []
    var vectors: [(range: Range<Int>, rate: Double)] = []
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
  func rate(_ linear: Linear) -> Double? { byWeight[linear.weight] }

  func trains(_ tensor: ParameterLayout.Tensor) -> Bool { isTrained.contains(tensor.name) }

  /// The part that each vector and matrix belongs to, by offset. A LayerNorm belongs to the sub-layer that ends in it.
  private static func parts(_ layout: ParameterLayout) -> [Int: TrainingPlan.Part] {
    var parts: [Int: TrainingPlan.Part] = [:]
    for tensor in layout.tensors {
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
