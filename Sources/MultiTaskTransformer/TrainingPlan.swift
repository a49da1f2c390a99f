/// Which parts of a model are trained, and how fast each learns compared with the heads.
///
/// Frozen parts have no gradients, no optimizer state and no update, and the backward pass ends at the lowest part that
/// is trained.
public struct TrainingPlan: Codable, Hashable, Sendable {
  /// What moves the encoder's matrices; everything else is AdamW's.
  public enum Optimizer: String, Codable, Hashable, Sendable { case adamW, muon }

  public var optimizer = Optimizer.adamW
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
  /// The matrices that Muon moves; empty with AdamW alone.
  let orthogonalized: [Muon.Matrix]
  /// Of the gradients: everything that is trained, and what of it both tasks share.
  let trainedRegion: GradientSet.Region
  let encoderRegion: GradientSet.Region
  private let isTrained: Set<String>

  init(_ plan: TrainingPlan, _ layout: ParameterLayout) {
    let layers = 1 + (layout.subLayers.last?.layer ?? -1)
    func rate(_ tensor: ParameterLayout.Tensor) -> PartRate? { tensor.part.flatMap { plan.rate($0, layers: layers) } }
    let trained = layout.tensors.filter { rate($0) != nil }
    isTrained = Set(trained.map(\.name))
    rows = plan.rate(.embeddings, layers: layers)
    lowestSubLayer =
      rows != nil
      ? 0
      : layout.subLayers.firstIndex { plan.rate(.layer($0.layer), layers: layers) != nil } ?? layout.subLayers.count

    // The query's weights are where the product of all three begins.
    let atWeight = Dictionary(trained.map { ($0.offset, $0) }) { _, last in last }
    byWeight = layout.linears.reduce(into: [:]) { rates, linear in
      rates[linear.weight] = atWeight[linear.weight].flatMap(rate)
    }
    orthogonalized =
      plan.optimizer == .adamW
      ? []
      : layout.encoderLinears.flatMap { linear -> [Muon.Matrix] in
        let end = linear.weight + linear.inputs * linear.outputs
        // Query, key and value are three matrices in one product.
        return trained.filter { linear.weight..<end ~= $0.offset }.compactMap { tensor in
          let first = (tensor.offset - linear.weight) / linear.inputs
          let piece = ProductWeights.Piece(linear: linear, outputs: first..<first + tensor.count / linear.inputs)
          return rate(tensor).map { Muon.Matrix(piece: piece, rate: $0) }
        }
      }
    let runs = Self.vectorRuns(layout, rate)
    vectors = runs
    let shared = Self.vectorRuns(layout) { $0.part == .heads ? nil : rate($0) }
    func matrices(_ isIncluded: (ParameterLayout.Tensor) -> Bool) -> [Range<Int>] {
      layout.linearsInBackwardOrder.filter { atWeight[$0.weight].map(isIncluded) ?? false }.flatMap { linear in
        linear.gradientBlocks.map { linear.weights(ofOutputs: $0) }
      }
    }
    trainedRegion = GradientSet.Region(
      dense: matrices { _ in true } + runs.map(\.range), includesRows: rows != nil)
    encoderRegion = GradientSet.Region(
      dense: matrices { $0.part != .heads } + shared.map(\.range), includesRows: rows != nil)
  }

  /// nil where the layer is frozen.
  func rate(_ linear: Linear) -> PartRate? { byWeight[linear.weight] }

  /// Whether Muon moves a layer's weights, or one of several matrices in them.
  func orthogonalizes(_ linear: Linear) -> Bool {
    orthogonalized.contains { $0.piece.linear.weight == linear.weight }
  }

  /// Whether Muon moves a tensor.
  func orthogonalizes(_ tensor: ParameterLayout.Tensor) -> Bool {
    orthogonalized.contains { $0.piece.offset == tensor.offset }
  }

  func trains(_ tensor: ParameterLayout.Tensor) -> Bool { isTrained.contains(tensor.name) }

  /// Whether anything that both tasks share is trained.
  var trainsEncoder: Bool { encoderRegion.includesRows || !encoderRegion.dense.isEmpty }

  /// Neighbours with one rate as one run, in the order in which they lie.
  private static func vectorRuns(
    _ layout: ParameterLayout, _ rate: (ParameterLayout.Tensor) -> PartRate?
  ) -> [(range: Range<Int>, rate: PartRate)] {
    let vectors = layout.tensors.filter { $0.offset < layout.vectorCount }.sorted { $0.offset < $1.offset }
    var runs: [(range: Range<Int>, rate: PartRate)] = []
    for (index, tensor) in vectors.enumerated() {
      guard let rate = rate(tensor) else { continue }
      let end = index + 1 < vectors.count ? vectors[index + 1].offset : layout.vectorCount
      if let last = runs.last, last.rate == rate, last.range.upperBound == tensor.offset {
        runs[runs.count - 1].range = last.range.lowerBound..<end
      } else {
        runs.append((tensor.offset..<end, rate))
      }
    }
    return runs
  }
}
