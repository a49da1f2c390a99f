import CKernels
import Kernels

/// The weights in the form that products read fastest, made anew whenever the parameters change: transposed for those
/// in float32, rounded for those in bfloat16.
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
  /// [inputs, outputs] of each layer in float32, at the offset of its weights less `transposedStart`.
  private let transposed: FloatBuffer
  private let transposedStart: Int
  /// [outputs, inputs] of each layer in bfloat16, at the offset of its weights less `roundedStart`.
  private let rounded: AlignedBuffer<BFloat16Bits>
  private let roundedStart: Int
  private let roundedLayers: Set<Int>

  init(_ layout: ParameterLayout, precision: MatmulPrecision) {
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
    let inFloat32 = linears.filter { !roundedLayers.contains($0.weight) }
    func range(_ linears: [Linear]) -> Range<Int> {
      let start = linears.map(\.weight).min() ?? 0
      return start..<(linears.map { $0.weight + $0.inputs * $0.outputs }.max() ?? start)
    }
    let (float32, bfloat16) = (range(inFloat32), range(inBFloat16))
    transposedStart = float32.lowerBound
    transposed = FloatBuffer(count: float32.count)
    roundedStart = bfloat16.lowerBound
    rounded = AlignedBuffer(count: bfloat16.count)
  }

  /// [inputs, outputs] of a layer in float32.
  func transposed(_ linear: Linear) -> UnsafePointer<Float> {
    UnsafePointer(transposed.start + (linear.weight - transposedStart))
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
      mtt_transpose(
        parameters + piece.offset, piece.outputs.count, linear.inputs,
        transposed.start + (linear.weight - transposedStart) + piece.outputs.lowerBound, linear.outputs)
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
