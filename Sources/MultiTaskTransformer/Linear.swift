import Kernels

/// y = x Wᵀ + b. The bias is added by whichever row operation follows, so products here are without it.
struct Linear: Sendable {
  /// Offset of the weights, [outputs, inputs].
  let weight: Int
  /// Offset of the bias, [outputs].
  let bias: Int
  let inputs: Int
  let outputs: Int

  /// The outputs in blocks whose weight gradients are made by one product each: large enough to keep a product
  /// efficient, small enough that the last ones leave no worker idle for long.
  var gradientBlocks: [Range<Int>] {
    let block = max(64, 65_536 / inputs)
    return stride(from: 0, to: outputs, by: block).map { $0..<min($0 + block, outputs) }
  }

  /// Where the weights of some outputs lie.
  func weights(ofOutputs outputs: Range<Int>) -> Range<Int> {
    weight + outputs.lowerBound * inputs..<weight + outputs.upperBound * inputs
  }

  /// y = x Wᵀ for the share's rows: x [rows, inputs], y [rows, outputs].
  func forward(_ pass: Pass, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int) {
    if let half = pass.workspace.halves[weight] {
      let rounded = half.x.start + pass.firstRow * inputs
      roundToBFloat16(x, into: rounded, count: rows * inputs)
      half.products.forward(rounded, pass.weights.rounded(self), into: y, rows: rows)
    } else {
      Matmul.forward(
        x, panels: pass.weights.forwardPanels(self), into: y, rows: rows, inputs: inputs, outputs: outputs)
    }
    pass.clock.mark(.products)
  }

  /// dx = dy W, or dx += dy W: dy [rows, outputs], dx [rows, inputs].
  func backward(
    _ pass: Pass, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int, add: Bool = false
  ) {
    if let half = pass.workspace.halves[weight] {
      let rounded = half.dy.start + pass.firstRow * outputs
      roundToBFloat16(dy, into: rounded, count: rows * outputs)
      half.products.inputGradient(rounded, pass.weights.rounded(self), into: dx, rows: rows, add: add)
    } else {
      Matmul.inputGradient(
        dy, panels: pass.weights.backwardPanels(self), into: dx, rows: rows, inputs: inputs, outputs: outputs,
        add: add)
    }
    pass.clock.mark(.products)
  }
}

/// x̂·γ + β over the hidden dimension.
struct LayerNorm: Sendable {
  /// Offset of γ, [hidden].
  let gamma: Int
  /// Offset of β, [hidden].
  let beta: Int
}
