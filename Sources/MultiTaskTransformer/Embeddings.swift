import CKernels
import Kernels

/// dropout(LayerNorm(word + position + type)).
struct Embeddings: Sendable {
  /// Offsets of the three tables, [rows, hidden] each.
  let word: Int
  let position: Int
  let type: Int
  let norm: LayerNorm

  /// Writes the share's rows of the first hidden state, [tokens, hidden].
  func forward(_ pass: Pass) {
    let workspace = pass.workspace
    let row = pass.firstRow
    let parameters = pass.parameters
    pass.batch.tokenIDs.withUnsafeBufferPointer { ids in
      pass.batch.positions.withUnsafeBufferPointer { positions in
        guard let ids = ids.baseAddress, let positions = positions.baseAddress else { return }
        mtt_embed_forward(
          ids + row, positions + row, parameters + word, parameters + position, parameters + type,
          parameters + norm.gamma, parameters + norm.beta, pass.configuration.layerNormEpsilon,
          workspace.hiddenStates[0].start + row * pass.hidden, workspace.embeddingNormalized.start + row * pass.hidden,
          workspace.embeddingInverse.start + row, pass.rows, pass.hidden, row, pass.dropout(.embeddings))
      }
    }
    pass.clock.mark(.rowOperations)
  }

  /// From `gradient`, at the output, to `otherGradient`, at the sum of the three rows: the rows' gradient by token.
  func backward(_ pass: Pass) {
    let workspace = pass.workspace
    let row = pass.firstRow
    mtt_embed_backward(
      workspace.gradient.start + row * pass.hidden, workspace.embeddingNormalized.start + row * pass.hidden,
      workspace.embeddingInverse.start + row, pass.parameters + norm.gamma,
      workspace.otherGradient.start + row * pass.hidden, pass.vectorSums + norm.gamma, pass.vectorSums + norm.beta,
      pass.rows, pass.hidden, row, pass.dropout(.embeddings))
    pass.clock.mark(.rowOperations)
  }
}
