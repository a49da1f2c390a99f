import CKernels
import Kernels

/// Multi-head self-attention within each sentence's real tokens: softmax(QKᵀ/√d) V.
struct SelfAttention: Sendable {
  /// Query, key and value projections side by side, [3 × hidden, hidden].
  let queryKeyValue: Linear
  let headCount: Int

  /// From x [tokens, hidden] to `context`, for the share's rows.
  func forward(_ pass: Pass, layer: Int, _ x: UnsafePointer<Float>) {
    let hidden = pass.hidden
    let activations = pass.workspace.layers[layer]
    queryKeyValue.forward(
      pass, x, into: activations.queryKeyValue.start + pass.firstRow * 3 * hidden, rows: pass.rows)
    let dropout = pass.dropout(.attentionWeights(layer: layer))
    let headSize = hidden / headCount
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      for head in 0..<headCount {
        let matrixRow = tokens.lowerBound * headCount + head * tokens.count
        mtt_attention_forward(
          activations.queryKeyValue.start + tokens.lowerBound * 3 * hidden + head * headSize,
          pass.parameters + queryKeyValue.bias + head * headSize,
          activations.context.start + tokens.lowerBound * hidden + head * headSize,
          activations.logSums.start + matrixRow, tokens.count, headSize, hidden, matrixRow, dropout, pass.scratch)
      }
    }
    pass.clock.mark(.attention)
  }

  /// From the gradient at `context` [tokens, hidden], for the share's rows, to dx += the gradient at x.
  func backward(
    _ pass: Pass, layer: Int, _ contextGradient: UnsafePointer<Float>, addingTo dx: UnsafeMutablePointer<Float>
  ) {
    let hidden = pass.hidden
    let activations = pass.workspace.layers[layer]
    let dropout = pass.dropout(.attentionWeights(layer: layer))
    let headSize = hidden / headCount
    for sentence in pass.share.sentences {
      let tokens = pass.batch.tokens(of: sentence)
      for head in 0..<headCount {
        let matrixRow = tokens.lowerBound * headCount + head * tokens.count
        mtt_attention_backward(
          activations.queryKeyValue.start + tokens.lowerBound * 3 * hidden + head * headSize,
          pass.parameters + queryKeyValue.bias + head * headSize,
          contextGradient + (tokens.lowerBound - pass.firstRow) * hidden + head * headSize,
          activations.logSums.start + matrixRow, pass.vectorSums + queryKeyValue.bias + head * headSize, tokens.count,
          headSize, hidden, matrixRow, dropout, pass.scratch)
      }
    }
    pass.clock.mark(.attention)
    queryKeyValue.backward(
      pass, activations.queryKeyValue.start + pass.firstRow * 3 * hidden, into: dx, rows: pass.rows, add: true)
  }
}
