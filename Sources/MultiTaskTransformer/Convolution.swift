import CKernels
import Kernels

/// GELU(W·[previous; own; next] + b): a convolution of width 3 over the sentence.
struct Convolution: Sendable {
  /// [hidden, 3 × hidden].
  let kernel: Linear

  /// From x [rows, hidden] to y [rows, hidden].
  func forward(_ pass: Pass, _ index: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>) {
    let hidden = pass.hidden
    let activations = pass.workspace.activations[index]
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      mtt_gather_neighbours(
        x + (tokens.lowerBound - pass.firstRow) * hidden, activations.projected.start + tokens.lowerBound * 3 * hidden,
        tokens.count, hidden)
    }
    pass.clock.mark(.rowOperations)
    let derivative = activations.derivative.start + pass.firstRow * hidden
    kernel.forward(pass, activations.projected.start + pass.firstRow * 3 * hidden, into: derivative, rows: pass.rows)
    mtt_gelu_forward(derivative, pass.parameters + kernel.bias, y, pass.rows, hidden, hidden)
    pass.clock.mark(.rowOperations)
  }

  /// From dy [rows, hidden] to dx = (or += if `add`) the gradient at x.
  func backward(
    _ pass: Pass, _ index: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, add: Bool
  ) {
    let hidden = pass.hidden
    let derivative = pass.workspace.activations[index].derivative.start + pass.firstRow * hidden
    let neighbours = pass.workspace.wideGradient.start + pass.firstRow * pass.workspace.wideColumns
    mtt_gelu_backward(derivative, dy, pass.vectorSums + kernel.bias, pass.rows, hidden, hidden)
    pass.clock.mark(.rowOperations)
    kernel.backward(pass, derivative, into: neighbours, rows: pass.rows)
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      let row = tokens.lowerBound - pass.firstRow
      mtt_scatter_neighbours(neighbours + row * 3 * hidden, dx + row * hidden, tokens.count, hidden, add)
    }
    pass.clock.mark(.rowOperations)
  }
}
