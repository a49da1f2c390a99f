import Kernels

/// Number format of the encoder's matrix products.
public enum MatmulPrecision: String, Codable, Hashable, Sendable {
  case f32
  /// Factors in bfloat16, sums in float32. Weights, their gradients, row operations and both heads stay in float32.
  case bf16
}

/// What the products of one layer in bfloat16 read. Kept from the passes for the gradient of the weights.
struct HalfPrecision {
  let products: BFloat16Products
  /// [tokens, inputs].
  let x: AlignedBuffer<BFloat16Bits>
  /// [tokens, outputs].
  let dy: AlignedBuffer<BFloat16Bits>

  /// The products of every layer in the encoder, by the offset of its weights.
  static func products(_ layout: ParameterLayout) -> [Int: BFloat16Products] {
    var products: [Int: BFloat16Products] = [:]
    var byShape: [[Int]: BFloat16Products] = [:]
    for linear in layout.encoderLinears {
      let shape = [linear.inputs, linear.outputs]
      let prepared = byShape[shape] ?? BFloat16Products(inputs: linear.inputs, outputs: linear.outputs)
      byShape[shape] = prepared
      products[linear.weight] = prepared
    }
    return products
  }

  init(_ products: BFloat16Products, tokens: Int) {
    self.products = products
    x = AlignedBuffer(count: tokens * products.inputs)
    dy = AlignedBuffer(count: tokens * products.outputs)
  }
}
