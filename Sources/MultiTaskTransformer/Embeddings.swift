import CKernels
import Kernels

/// dropout(LayerNorm(word + n-grams + position + type)): which of the last three there are is the configuration's.
struct Embeddings: Sendable {
  /// Offsets of the tables, [rows, hidden] each.
  let word: Int
  let position: Int?
  let type: Int?
  let nGram: Int?
  let norm: LayerNorm
  /// The LayerNorm before the first sub-layer, in pre-norm.
  let firstNorm: LayerNorm?

  /// Fills the share's rows of state 0.
  func forward(_ pass: Pass) {
    let (workspace, row) = (pass.workspace, pass.firstRow)
    let state = workspace.states[0]
    let stream = state.stream.start + row * pass.hidden
    let (parameters, epsilon) = (pass.parameters, pass.configuration.layerNormEpsilon)
    pass.batch.withUnsafePointers { ids, positions, nGramStarts, nGrams in
      var embedding = MTTEmbedding(
        ids: ids + row, positions: positions + row, ngram_starts: nGramStarts.map { $0 + row }, ngrams: nGrams,
        word: parameters + word,
        position: position.map { parameters + $0 }, type: type.map { parameters + $0 },
        ngram: nGramStarts == nil ? nil : nGram.map { parameters + $0 })
      mtt_embed_forward(
        &embedding, parameters + norm.gamma, parameters + norm.beta, epsilon, stream,
        workspace.embeddingNormalized.start + row * pass.hidden, workspace.embeddingInverse.start + row, pass.rows,
        pass.hidden, pass.firstToken, pass.dropout(.embeddings))
    }
    if let firstNorm {
      mtt_add_norm_forward(
        nil, nil, stream, parameters + firstNorm.gamma, parameters + firstNorm.beta, epsilon, nil,
        state.output.start + row * pass.hidden, state.normalized.start + row * pass.hidden,
        state.inverse.start + row, pass.rows, pass.hidden, pass.firstToken, Dropout.none)
    }
    pass.clock.mark(.rowOperations)
  }

  /// From the gradient at state 0's output to `embeddingGradients`, the gradient at the embeddings' sum, by token.
  func backward(_ pass: Pass) {
    let (workspace, row) = (pass.workspace, pass.firstRow)
    let gradient = workspace.gradient.start + row * pass.hidden
    if let firstNorm {
      let state = workspace.states[0]
      mtt_add_norm_backward(
        gradient, workspace.streamGradient.start + row * pass.hidden, state.normalized.start + row * pass.hidden,
        state.inverse.start + row, pass.parameters + firstNorm.gamma, gradient, pass.vectorSums + firstNorm.gamma,
        pass.vectorSums + firstNorm.beta, nil, pass.rows, pass.hidden, pass.firstToken, Dropout.none)
    }
    mtt_embed_backward(
      gradient, workspace.embeddingNormalized.start + row * pass.hidden, workspace.embeddingInverse.start + row,
      pass.parameters + norm.gamma, pass.embeddingGradients + row * pass.hidden,
      pass.vectorSums + norm.gamma, pass.vectorSums + norm.beta, pass.rows, pass.hidden, pass.firstToken,
      pass.dropout(.embeddings))
    pass.clock.mark(.rowOperations)
  }
}
