import Kernels

/// The weights in the form that products read fastest, made anew whenever the parameters change: in panels for those in
/// float32, rounded for those in bfloat16.
final class ProductWeights {
  /// Some outputs of one linear layer: what a worker changes and makes anew at a time.
  struct Piece: Sendable {
    let linear: Linear
    let outputs: Range<Int>

    var count: Int { outputs.count * linear.inputs }
    /// Offset among the parameters.
    var offset: Int { linear.weight + outputs.lowerBound * linear.inputs }
  }

  /// All of the matrix region.
  let pieces: [Piece]
  /// Of each layer in float32, by the offset of its weights: where its panels lie.
  private let panelStarts: [Int: Int]
  /// Panels of Wᵀ, for the forward pass, and of W, for input gradients.
  private let forwardPanels: FloatBuffer
  private let backwardPanels: FloatBuffer
  /// [outputs, inputs] of each layer in bfloat16, at the offset of its weights less `roundedStart`.
  private let rounded: AlignedBuffer<BFloat16Bits>
  private let roundedStart: Int
  private let roundedLayers: Set<Int>

  init(_ layout: ParameterLayout, precision: MatmulPrecision, purpose: Purpose) {
    let linears = layout.linears.sorted { $0.weight < $1.weight }
    var end = layout.vectorCount
    for linear in linears {
      precondition(
        (end..<end + 16).contains(linear.weight), "the matrix region must hold linear layers and nothing else")
      end = linear.weight + linear.inputs * linear.outputs
    }
    precondition(layout.denseCount < end + 16, "the matrix region must hold linear layers and nothing else")
    pieces = linears.flatMap { linear in
      // About 64 KB, which stay in the cache while they are changed and then copied; whole cache lines of the copy.
      let block = max(16, 16_384 / linear.inputs / 16 * 16)
      return stride(from: 0, to: linear.outputs, by: block).map {
        Piece(linear: linear, outputs: $0..<min($0 + block, linear.outputs))
      }
    }
    let inBFloat16 = precision == .bf16 ? layout.encoderLinears : []
    let roundedLayers = Set(inBFloat16.map(\.weight))
    self.roundedLayers = roundedLayers
    var panelStarts: [Int: Int] = [:]
    var panelCount = 0
    for linear in linears where !roundedLayers.contains(linear.weight) {
      panelStarts[linear.weight] = panelCount
      panelCount += Self.panelFloats(linear)
    }
    self.panelStarts = panelStarts
    forwardPanels = FloatBuffer(count: panelCount)
    backwardPanels = FloatBuffer(count: purpose == .training ? panelCount : 0)
    let bfloat16Start = inBFloat16.map(\.weight).min() ?? 0
    roundedStart = bfloat16Start
    rounded = AlignedBuffer(
      count: (inBFloat16.map { $0.weight + $0.inputs * $0.outputs }.max() ?? bfloat16Start) - bfloat16Start)
  }

  /// Room for a layer's panels of either kind.
  private static func panelFloats(_ linear: Linear) -> Int {
    let (inputs, outputs) = (linear.inputs, linear.outputs)
    let floats = max(
      Matmul.panelFloats(depth: inputs, columns: outputs), Matmul.panelFloats(depth: outputs, columns: inputs))
    return (floats + 15) / 16 * 16
  }

  private func panelStart(_ linear: Linear) -> Int {
    guard let start = panelStarts[linear.weight] else {
      preconditionFailure("a layer whose products are in bfloat16 has no panels")
    }
    return start
  }

  /// The panels of Wᵀ of a layer in float32.
  func forwardPanels(_ linear: Linear) -> UnsafePointer<Float> {
    UnsafePointer(forwardPanels.start + panelStart(linear))
  }

  /// The panels of W of a layer in float32.
  func backwardPanels(_ linear: Linear) -> UnsafePointer<Float> {
    UnsafePointer(backwardPanels.start + panelStart(linear))
  }

  /// [outputs, inputs] of a layer in bfloat16.
  func rounded(_ linear: Linear) -> UnsafePointer<BFloat16Bits> {
    UnsafePointer(rounded.start + (linear.weight - roundedStart))
  }

  /// Makes a piece's copy anew.
  func refresh(_ piece: Piece, from parameters: UnsafePointer<Float>) {
    let linear = piece.linear
    if roundedLayers.contains(linear.weight) {
      roundToBFloat16(
        parameters + piece.offset, into: rounded.start + (piece.offset - roundedStart), count: piece.count)
    } else {
      let start = panelStart(linear)
      Matmul.packForward(
        parameters + piece.offset, outputs: piece.outputs, inputs: linear.inputs, into: forwardPanels.start + start)
      guard backwardPanels.count > 0 else { return }
      Matmul.packInputGradient(
        parameters + piece.offset, rows: piece.outputs, outputs: linear.outputs, inputs: linear.inputs,
        into: backwardPanels.start + start)
    }
  }

  /// Makes all copies anew.
  func refresh(_ team: ThreadTeam, from parameters: UnsafePointer<Float>) {
    team.run(tasks: pieces.count) { task, _ in refresh(pieces[task], from: parameters) }
  }
}

extension ParameterLayout {
  /// The linear layers that every token goes through between the embeddings and the heads.
  var encoderLinears: [Linear] {
    subLayers.flatMap { subLayer in
      switch subLayer.function {
      case .attention(let attention): [attention.queryKeyValue, attention.output]
      case .convolution(let convolution): [convolution.kernel]
      case .feedForward(let feedForward): [feedForward.intermediate, feedForward.output]
      }
    }
  }

  /// All linear layers, in the order in which the backward pass leaves their gradients' factors.
  var linearsInBackwardOrder: [Linear] {
    let encoder = subLayers.reversed().flatMap { subLayer -> [Linear] in
      switch subLayer.function {
      case .attention(let attention): [attention.queryKeyValue, attention.output]
      case .convolution(let convolution): [convolution.kernel]
      case .feedForward(let feedForward): [feedForward.output, feedForward.intermediate]
      }
    }
    return encoder + [tagClassifier, sentenceClassifier, pooler]
  }

  /// All linear layers.
  var linears: [Linear] { encoderLinears + [pooler, sentenceClassifier, tagClassifier] }
}
