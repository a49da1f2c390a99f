import CKernels
import Kernels
import TrainingEvents

extension MultiTaskModel {
  /// Forward only, dropout off: with logits.
  public func predict(_ batch: PackedBatch) -> BatchPredictions {
    var predictions = BatchPredictions(outcome: BatchOutcome(), logits: PerTask.all([]), classes: [], tags: [])
    predictions.outcome = forward(batch) { part, workspace in
      predictions.logits.sentence += workspace.sentenceLogits.copy(
        0..<part.sentenceCount * configuration.sentenceClassCount)
      predictions.logits.words += workspace.tagLogits.copy(0..<part.tokenCount * configuration.tagCount)
      predictions.classes += workspace.classes.copy(0..<part.sentenceCount)
      predictions.tags += workspace.tags.copy(0..<part.tokenCount)
    }
    updateDecodingScores()
    return predictions
  }

  private func updateDecodingScores() {
    guard decodingScoresAreStale else { return }
    decodingScores.update(
      parameterBuffer.start, layout.chain ?? layout.prior, constraints, penalty: ChainParameters.decodingPenalty)
    decodingScoresAreStale = false
  }

  /// The most probable tag of each labelled token under a chain's marginals; elsewhere that of `tags`.
  ///
  /// - Parameters:
  ///   - logits: [tokens, C_b], as `BatchPredictions.logits.words`.
  ///   - tags: [tokens].
  func marginalTags(_ logits: [Float], _ tags: [Int32], of batch: PackedBatch, with scores: ChainScores) -> [Int32] {
    var (logits, tags) = (logits, tags)
    var chain = scores.chain
    let size = mtt_chain_scratch(batch.longest, configuration.tagCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { scratch in
      for sentence in 0..<batch.sentenceCount {
        let rows = batch.tokens(of: sentence).filter { batch.tagLabels[$0] >= 0 }.map { Int32($0) }
        guard !rows.isEmpty else { continue }
        _ = mtt_chain_cross_entropy(
          &logits, rows, batch.tagLabels, &tags, rows.count, &chain, false, 0, nil, nil, nil, scratch.baseAddress)
      }
    }
    return tags
  }

  /// The best sequence of tags through some tokens of the last `predict`: the chain's, or, without
  /// one, the legal one with the largest sum of logits and, if there is one, the prior's scores.
  ///
  /// - Parameters:
  ///   - logits: [tokens, C_b], as `BatchPredictions.logits.words`.
  ///   - tokens: the first tokens of one sentence's words, in order.
  /// - Returns: a tag for each of `tokens`.
  public func decode(_ logits: [Float], tokens: [Int32]) -> [Int32] {
    decode(logits, tokens: tokens, with: decodingScores)
  }

  func decode(_ logits: [Float], tokens: [Int32], with scores: ChainScores) -> [Int32] {
    guard !tokens.isEmpty else { return [] }
    var path = [Int32](repeating: 0, count: tokens.count)
    var chain = scores.chain
    let size = mtt_chain_scratch(tokens.count, configuration.tagCount)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { scratch in
      logits.withUnsafeBufferPointer { logits in
        tokens.withUnsafeBufferPointer { tokens in
          mtt_chain_decode(logits.baseAddress, tokens.baseAddress, tokens.count, &chain, &path, scratch.baseAddress)
        }
      }
    }
    return path
  }
}
