import MultiTaskTransformer
import Testing
import TrainingEvents

@Suite struct LearningTests {
  @Test func thirtyTwoRandomSentencesAreLearntByHeart() {
    let shape = ModelConfiguration(
      vocabularySize: 60, hiddenSize: 48, layerCount: 2, headCount: 4, intermediateSize: 96, maxPositions: 12,
      hiddenDropout: 0, attentionDropout: 0, classifierDropout: 0, sentenceClassCount: 4, tagCount: 6)
    var generator = SeededGenerator(seed: 5)
    let lengths = (0..<32).map { _ in Int.random(in: 3...12, using: &generator) }
    let batch = SampleBatch(SampleBatch.random(lengths: lengths, configuration: shape, seed: 6)).packed
    let model = MultiTaskModel(configuration: shape, seed: 7, threads: 2, shares: 2)
    let start = model.predict(batch).outcome
    // Nothing known yet: near the loss of guessing, ln 4 and ln 6.
    #expect(abs(start.losses[.sentence] - 1.386) < 0.3 && abs(start.losses[.words] - 1.792) < 0.3)
    for step in 0..<400 {
      model.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: nil)
      model.applyStep(learningRate: 3e-3 * min(1, Float(step + 1) / 20), weightDecay: 0, clip: 1)
      if step % 20 == 19, isPerfect(model.predict(batch).outcome) { break }
    }
    let end = model.predict(batch).outcome
    #expect(isPerfect(end), "\(end)")
    #expect(end.total[.sentence] == 32 && end.total[.words] > 100)
  }

  private func isPerfect(_ outcome: BatchOutcome) -> Bool {
    outcome.correct[.sentence] == outcome.total[.sentence] && outcome.correct[.words] == outcome.total[.words]
  }
}
