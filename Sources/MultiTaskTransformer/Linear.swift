import Kernels

/// y = x Wᵀ + b. The bias is added by whichever row operation follows, so products here are without it.
struct Linear: Sendable {
  /// Offset of the weights, [outputs, inputs].
  let weight: Int
  /// Offset of the bias, [outputs].
  let bias: Int
  let inputs: Int
  let outputs: Int

  /// The outputs in blocks of about equally many weights, over which sums of gradients go.
  var gradientBlocks: [Range<Int>] { Self.blocks(outputs, of: max(64, 65_536 / inputs)) }

  /// A part of the weights.
  struct Tile: Sendable {
    let outputs: Range<Int>
    let inputs: Range<Int>
  }

  /// The weights in tiles whose gradients are made by one product each: large enough to keep a product efficient, with
  /// sides long enough that copying its factors costs little, small enough that the last ones leave no worker idle for
  /// long.
  var gradientTiles: [Tile] {
    let width = inputs <= 384 ? inputs : 256
    return Self.blocks(outputs, of: max(64, 65_536 / width)).flatMap { outputs in
      Self.blocks(inputs, of: width).map { Tile(outputs: outputs, inputs: $0) }
    }
  }

  private static func blocks(_ count: Int, of size: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  /// Where the weights of some outputs lie.
  func weights(ofOutputs outputs: Range<Int>) -> Range<Int> {
    weight + outputs.lowerBound * inputs..<weight + outputs.upperBound * inputs
  }

  /// y = x Wᵀ for the share's rows: x [rows, inputs], y [rows, outputs]. Strides are floats from row to row; nil where
  /// rows lie without gaps.
  func forward(
    _ pass: Pass, _ x: UnsafePointer<Float>, xStride: Int? = nil, into y: UnsafeMutablePointer<Float>,
    yStride: Int? = nil, rows: Int
  ) {
    let panels = pass.weights.forwardPanels(self)
    if pass.weights.isRounded(self) {
      BFloat16Matmul.round(x, stride: xStride, rows: rows, columns: inputs, into: pass.words)
      BFloat16Matmul.forward(
        pass.words, panels: panels, into: y, yStride: yStride, rows: rows, inputs: inputs, outputs: outputs)
    } else {
      Matmul.forward(
        x, xStride: xStride, panels: panels, into: y, yStride: yStride, rows: rows, inputs: inputs, outputs: outputs)
    }
    pass.clock.mark(.forwardProducts)
  }

  /// dx = dy W, or dx += dy W: dy [rows, outputs], dx [rows, inputs].
  func backward(
    _ pass: Pass, _ dy: UnsafePointer<Float>, dyStride: Int? = nil, into dx: UnsafeMutablePointer<Float>,
    dxStride: Int? = nil, rows: Int, add: Bool = false
  ) {
    let panels = pass.weights.backwardPanels(self)
    if pass.weights.isRounded(self) {
      BFloat16Matmul.round(dy, stride: dyStride, rows: rows, columns: outputs, into: pass.words)
      BFloat16Matmul.inputGradient(
        pass.words, panels: panels, into: dx, dxStride: dxStride, rows: rows, inputs: inputs, outputs: outputs,
        add: add)
    } else {
      Matmul.inputGradient(
        dy, dyStride: dyStride, panels: panels, into: dx, dxStride: dxStride, rows: rows, inputs: inputs,
        outputs: outputs, add: add)
    }
    pass.clock.mark(.inputGradients)
  }
}

/// x̂·γ + β over the hidden dimension.
struct LayerNorm: Sendable {
  /// Offset of γ, [hidden].
  let gamma: Int
  /// Offset of β, [hidden].
  let beta: Int
}
