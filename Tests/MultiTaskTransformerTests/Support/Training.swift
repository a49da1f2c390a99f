import MultiTaskTransformer

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
  let outcome = model.forwardBackward(batch.packed, weightA: 1, weightB: 1, dropoutKey: UInt64(1000 + step))
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
