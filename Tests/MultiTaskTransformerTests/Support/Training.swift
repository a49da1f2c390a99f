import CKernels
import Kernels
import TrainingEvents

@testable import MultiTaskTransformer

/// A fixed sequence of ragged batches to train on.
func trainingBatches(
  _ configuration: ModelConfiguration, count: Int, rows: Int = 6, seed: UInt64 = 21, vocabulary: Int? = nil
) -> [SampleBatch] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { index in
    let lengths = (0..<rows).map { _ in Int.random(in: 1...configuration.maxPositions, using: &generator) }
    return SampleBatch(
      SampleBatch.random(
        lengths: lengths, configuration: configuration, seed: seed &+ UInt64(index), vocabulary: vocabulary))
  }
}

/// One training step; the dropout key and learning rate follow from the step's number.
@discardableResult
func train(_ model: MultiTaskModel, _ batch: SampleBatch, step: Int) -> BatchOutcome {
  let outcome = model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: UInt64(1000 + step))
  model.applyStep(learningRate: 2e-3 / Float(1 + step % 5), weightDecay: 0.05, clip: 1)
  return outcome
}

/// Everything a model holds, as bits by name: equal exactly when two models are.
func bits(_ model: MultiTaskModel) -> [String: [UInt32]] {
  let state = model.optimizerState()
  var all = ["step": [UInt32(state.step)]]
  for tensor in model.parameters() + state.moments { all[tensor.name] = tensor.values.map(\.bitPattern) }
  return all
}

/// Names under which two sets of bits differ.
func differences(_ left: [String: [UInt32]], _ right: [String: [UInt32]]) -> [String] {
  Set(left.keys).union(right.keys).filter { left[$0] != right[$0] }.sorted()
}

extension MultiTaskModel {
  /// One step with the last gradients, scaled down to a norm of `clip` where they exceed it; 0 for no clipping.
  func applyStep(learningRate: Float, weightDecay: Float, clip: Double) {
    let norm = clip > 0 ? gradientNorm : 0
    applyStep(
      learningRate: learningRate, weightDecay: weightDecay, gradientScale: norm > clip ? Float(clip / norm) : 1)
  }

  /// The encoder's output, [real tokens, hidden], rows in packed order.
  func hiddenStates(_ batch: PackedBatch) -> [Float] {
    var states: [Float] = []
    _ = forward(batch) { part, workspace in
      states += workspace.lastState.copy(0..<part.tokenCount * configuration.hiddenSize)
    }
    return states
  }

  /// The factors (0 or 1 / (1 − p)) that dropout multiplies with at `site` for this batch and key.
  ///
  /// - Returns: [tokens, hidden]; [sentences, hidden] for `pooled`; for `attentionWeights` the matrices
  ///   [length, length] of each sentence's heads, one after the other.
  func dropoutMask(site: DropoutSite, batch: PackedBatch, key: UInt64) -> [Float] {
    let dropout = Dropout(key: key, configuration: configuration)(site)
    func mask(rows: Int, columns: Int, firstRow: Int = 0) -> [Float] {
      let mask = FloatBuffer(count: rows * columns)
      mask.start.update(repeating: 1, count: rows * columns)
      mtt_dropout(mask.start, mask.start, rows, columns, firstRow, dropout)
      return mask.copy(0..<rows * columns)
    }
    switch site {
    case .embeddings, .attentionOutput, .feedForwardOutput, .convolutionOutput, .tagInput:
      return mask(rows: batch.tokenCount, columns: configuration.hiddenSize)
    case .pooled:
      return mask(rows: batch.sentenceCount, columns: configuration.hiddenSize)
    case .attentionWeights:
      let heads = configuration.headCount
      return (0..<batch.sentenceCount).flatMap { sentence in
        let tokens = batch.tokens(of: sentence)
        return mask(rows: tokens.count * heads, columns: tokens.count, firstRow: tokens.lowerBound * heads)
      }
    }
  }
}
