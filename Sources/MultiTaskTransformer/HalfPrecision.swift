import Kernels

/// Number format of the encoder's matrix products.
public enum MatmulPrecision: String, Codable, Hashable, Sendable {
  case f32
  /// Factors in bfloat16, sums in float32. Weights, their gradients, row operations and both heads stay in float32.
  case bf16
}

/// The encoder's weights in bfloat16, made anew from the float32 ones after each step, and the products that use them.
final class HalfPrecision {
  private let linears: [Linear]
  /// The matrix region of the parameters.
  private let weights: AlignedBuffer<BFloat16Bits>
  private let regionStart: Int
  /// By the offset of a layer's weights.
  private var products: [Int: BFloat16Products] = [:]
  /// Parts of the matrix region that workers round one at a time.
  private let pieces: [Range<Int>]
  private var isStale = true

  init(_ layout: ParameterLayout) {
    linears = layout.encoderLinears
    regionStart = layout.vectorCount
    let end = linears.map { $0.weight + $0.inputs * $0.outputs }.max() ?? regionStart
    weights = AlignedBuffer(count: end - regionStart)
    pieces = stride(from: regionStart, to: end, by: 32_768).map { $0..<min($0 + 32_768, end) }
    var byShape: [[Int]: BFloat16Products] = [:]
    for linear in linears {
      let shape = [linear.inputs, linear.outputs]
      let product = byShape[shape] ?? BFloat16Products(inputs: linear.inputs, outputs: linear.outputs)
      byShape[shape] = product
      products[linear.weight] = product
    }
  }

  /// To be said whenever the float32 weights have changed.
  func weightsChanged() { isStale = true }

  /// Rounds the weights where they have changed.
  func refresh(_ team: ThreadTeam, from parameters: FloatBuffer) {
    guard isStale else { return }
    team.run(tasks: pieces.count) { task, _ in
      let piece = pieces[task]
      roundToBFloat16(
        parameters.start + piece.lowerBound, into: weights.start + (piece.lowerBound - regionStart), count: piece.count)
    }
    isStale = false
  }

  /// A place for the inputs of every layer for `tokens` tokens.
  func makeInputs(tokens: Int) -> [Int: Inputs] {
    var inputs: [Int: Inputs] = [:]
    for linear in linears {
      guard let products = products[linear.weight] else { continue }
      inputs[linear.weight] = Inputs(
        products: products, weights: weights.start + (linear.weight - regionStart), owner: self,
        x: AlignedBuffer(count: tokens * linear.inputs), dy: AlignedBuffer(count: tokens * linear.outputs))
    }
    return inputs
  }

  /// What the products of one layer read. Kept from the passes for the gradient of the weights.
  struct Inputs {
    let products: BFloat16Products
    /// [outputs, inputs], in memory that `owner` holds.
    let weights: UnsafePointer<BFloat16Bits>
    let owner: HalfPrecision
    /// [tokens, inputs].
    let x: AlignedBuffer<BFloat16Bits>
    /// [tokens, outputs].
    let dy: AlignedBuffer<BFloat16Bits>
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
}
