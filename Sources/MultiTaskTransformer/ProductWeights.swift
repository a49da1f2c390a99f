import Kernels

/// The weights in the form that products read fastest, made anew whenever the parameters change: panels, of rounded
/// numbers for products in bfloat16.
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
  /// Of each layer, by the offset of its weights: where its panels lie.
  private let panelStarts: [Int: Int]
  /// Panels of Wᵀ, for the forward pass, and of W, for input gradients.
  private let forwardPanels: FloatBuffer
  private let backwardPanels: FloatBuffer
  /// The layers whose products are in bfloat16, by the offset of their weights.
  private let rounded: Set<Int>

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
    let rounded = Set(precision == .bf16 ? layout.encoderLinears.map(\.weight) : [])
    self.rounded = rounded
    var panelStarts: [Int: Int] = [:]
    var panelCount = 0
    for linear in linears {
      panelStarts[linear.weight] = panelCount
      panelCount += Self.panelFloats(linear, rounded: rounded.contains(linear.weight))
    }
    self.panelStarts = panelStarts
    forwardPanels = FloatBuffer(count: panelCount)
    backwardPanels = FloatBuffer(count: purpose == .training ? panelCount : 0)
  }

  /// Room for a layer's panels of either kind.
  private static func panelFloats(_ linear: Linear, rounded: Bool) -> Int {
    func floats(depth: Int, columns: Int) -> Int {
      rounded
        ? BFloat16Matmul.panelFloats(depth: depth, columns: columns)
        : Matmul.panelFloats(depth: depth, columns: columns)
    }
    let (inputs, outputs) = (linear.inputs, linear.outputs)
    return (max(floats(depth: inputs, columns: outputs), floats(depth: outputs, columns: inputs)) + 15) / 16 * 16
  }

  private func panelStart(_ linear: Linear) -> Int {
    guard let start = panelStarts[linear.weight] else { preconditionFailure("a layer that is not the model's") }
    return start
  }

  /// Whether a layer's products are in bfloat16.
  func isRounded(_ linear: Linear) -> Bool { rounded.contains(linear.weight) }

  /// The panels of Wᵀ of a layer.
  func forwardPanels(_ linear: Linear) -> UnsafePointer<Float> {
    UnsafePointer(forwardPanels.start + panelStart(linear))
  }

  /// The panels of W of a layer.
  func backwardPanels(_ linear: Linear) -> UnsafePointer<Float> {
    UnsafePointer(backwardPanels.start + panelStart(linear))
  }

  /// Makes a piece's copy anew.
  func refresh(_ piece: Piece, from parameters: UnsafePointer<Float>) {
    let (linear, weights) = (piece.linear, parameters + piece.offset)
    let (inputs, outputs) = (linear.inputs, linear.outputs)
    let forward = forwardPanels.start + panelStart(linear)
    let backward = backwardPanels.count > 0 ? backwardPanels.start + panelStart(linear) : nil
    if isRounded(linear) {
      BFloat16Matmul.packForward(weights, outputs: piece.outputs, inputs: inputs, into: forward)
      guard let backward else { return }
      BFloat16Matmul.packInputGradient(weights, rows: piece.outputs, outputs: outputs, inputs: inputs, into: backward)
    } else {
      Matmul.packForward(weights, outputs: piece.outputs, inputs: inputs, into: forward)
      guard let backward else { return }
      Matmul.packInputGradient(weights, rows: piece.outputs, outputs: outputs, inputs: inputs, into: backward)
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
