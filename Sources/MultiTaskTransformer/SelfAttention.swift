import CKernels
import Kernels

/// Multi-head self-attention within each sentence's real tokens: output(softmax(QKᵀ/√d) V).
struct SelfAttention: Sendable {
  /// Query, key and value projections side by side, [3 × hidden, hidden].
  let queryKeyValue: Linear
  let output: Linear
  let headCount: Int
  /// Offset of a score by head and clipped distance, [heads, 2 × clip + 1]; nil without.
  let relative: Int?
  let relativeClip: Int

  private var distances: Int { 2 * relativeClip + 1 }

  private func relativeBias(_ pass: Pass, _ head: Int) -> MTTRelativeBias {
    MTTRelativeBias(values: relative.map { pass.parameters + $0 + head * distances }, clip: relativeClip)
  }

  /// From x [rows, hidden] to y [rows, hidden], without the output's bias.
  func forward(
    _ pass: Pass, _ index: Int, _ layer: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    let hidden = pass.hidden
    let activations = pass.workspace.activations[index]
    queryKeyValue.forward(pass, x, into: activations.projected.start + pass.firstRow * 3 * hidden, rows: pass.rows)
    let dropout = pass.dropout(.attentionWeights(layer: layer))
    let firstRow = pass.batch.firstToken * headCount
    let headSize = hidden / headCount
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      for head in 0..<headCount {
        let matrixRow = tokens.lowerBound * headCount + head * tokens.count
        mtt_attention_forward(
          activations.projected.start + tokens.lowerBound * 3 * hidden + head * headSize,
          pass.parameters + queryKeyValue.bias + head * headSize, relativeBias(pass, head),
          activations.inner.start + tokens.lowerBound * hidden + head * headSize,
          activations.logSums.start + matrixRow, tokens.count, headSize, hidden, firstRow + matrixRow, dropout,
          pass.scratch)
      }
    }
    pass.clock.mark(.attention)
    output.forward(pass, activations.inner.start + pass.firstRow * hidden, into: y, rows: pass.rows)
  }

  /// From dy [rows, hidden] to dx = (or += if `add`) the gradient at x.
  func backward(
    _ pass: Pass, _ index: Int, _ layer: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    add: Bool
  ) {
    let hidden = pass.hidden
    let activations = pass.workspace.activations[index]
    let contextGradient = pass.workspace.projection.start
    output.backward(pass, dy, into: contextGradient + pass.firstRow * hidden, rows: pass.rows)
    let dropout = pass.dropout(.attentionWeights(layer: layer))
    let firstRow = pass.batch.firstToken * headCount
    let headSize = hidden / headCount
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      for head in 0..<headCount {
        let matrixRow = tokens.lowerBound * headCount + head * tokens.count
        mtt_attention_backward(
          activations.projected.start + tokens.lowerBound * 3 * hidden + head * headSize,
          pass.parameters + queryKeyValue.bias + head * headSize, relativeBias(pass, head),
          contextGradient + tokens.lowerBound * hidden + head * headSize, activations.logSums.start + matrixRow,
          pass.vectorSums + queryKeyValue.bias + head * headSize,
          relative.map { pass.vectorSums + $0 + head * distances }, tokens.count, headSize, hidden,
          firstRow + matrixRow, dropout, pass.scratch)
      }
    }
    pass.clock.mark(.attention)
    queryKeyValue.backward(
      pass, activations.projected.start + pass.firstRow * 3 * hidden, into: dx, rows: pass.rows, add: add)
  }
}
