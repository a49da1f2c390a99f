import CKernels
import Kernels

/// output(GELU(intermediate(x))), token by token.
struct FeedForward: Sendable {
  let intermediate: Linear
  let output: Linear

  /// Floats from row to row of what is as wide as the intermediate layer.
  var wideStride: Int { Matmul.rowStride(intermediate.outputs) }

  /// From x [rows, hidden] to y [rows, hidden], without the output's bias.
  func forward(_ pass: Pass, _ index: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let activations = pass.workspace.activations[index]
    let wide = pass.firstRow * wideStride
    let derivative = activations.derivative.start + wide
    let activated = activations.inner.start + wide
    intermediate.forward(pass, x, into: derivative, yStride: wideStride, rows: pass.rows)
    mtt_gelu_forward(
      derivative, pass.parameters + intermediate.bias, activated, pass.rows, intermediate.outputs, wideStride)
    pass.clock.mark(.rowOperations)
    output.forward(pass, activated, xStride: wideStride, into: y, rows: pass.rows)
  }

  /// From dy [rows, hidden] to dx = (or += if `add`) the gradient at x.
  func backward(
    _ pass: Pass, _ index: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, add: Bool
  ) {
    let derivative = pass.workspace.activations[index].derivative.start + pass.firstRow * wideStride
    let activatedGradient = pass.workspace.wideGradient.start + pass.firstRow * pass.workspace.wideColumns
    output.backward(pass, dy, into: activatedGradient, dxStride: wideStride, rows: pass.rows)
    mtt_gelu_backward(
      derivative, activatedGradient, pass.vectorSums + intermediate.bias, pass.rows, intermediate.outputs, wideStride)
    pass.clock.mark(.rowOperations)
    intermediate.backward(pass, derivative, dyStride: wideStride, into: dx, rows: pass.rows, add: add)
  }
}
