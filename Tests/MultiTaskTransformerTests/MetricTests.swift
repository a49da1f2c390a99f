import MultiTaskTransformer
import Testing
import TrainingEvents

/// Losses and counts against what the logits say.
@Suite struct MetricTests {
  @Test(arguments: [1, 2, 5]) func countsAndLossesFollowFromTheLogits(shares: Int) throws {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: shares)
    try model.load(parameters: lively(oddShape, seed: 2))
    var sentences = SampleBatch.random(lengths: [5, 1, 9, 3, 14, 7, 2], configuration: oddShape, seed: 8)
    sentences[0].label = -100
    sentences[1].label = 3
    sentences[4].tags[2] = 5
    sentences[4].tags[3] = 900
    let batch = SampleBatch(sentences, extraPadding: 1)
    let predictions = model.predict(batch.packed)
    let tags = batch.real(batch.tags)
    #expect(
      predictions.logits[.sentence].count == batch.count * 3 && predictions.logits[.words].count == tags.count * 5)
    #expect(predictions.classes == argmax(predictions.logits[.sentence], 3))
    #expect(predictions.tags == argmax(predictions.logits[.words], 5))

    let expected = ReferenceModel(configuration: oddShape).forward(lively(oddShape, seed: 2).byName, batch)
    for outcome in [
      predictions.outcome, model.predict(batch.packed).outcome,
      model.forwardBackward(batch.packed, weights: PerTask(3, 0.1), dropoutKey: nil),
    ] {
      #expect(outcome.total[.sentence] == batch.classes.count { $0 != -100 })
      #expect(outcome.correct[.sentence] == zip(predictions.classes, batch.classes).count { $0 == $1 })
      #expect(outcome.total[.words] == tags.count { $0 != -100 })
      #expect(outcome.correct[.words] == zip(predictions.tags, tags).count { $0 == $1 })
      #expect(outcome.realTokens == tags.count)
      #expect(
        abs(outcome.losses[.sentence] - expected.losses[.sentence]) < 1e-5
          && abs(outcome.losses[.words] - expected.losses[.words]) < 1e-5)
    }
    for (found, wanted) in zip(predictions.logits[.words], expected.logits[.words]) {
      #expect(abs(Double(found) - wanted) < 1e-4)
    }
    for (found, wanted) in zip(predictions.logits[.sentence], expected.logits[.sentence]) {
      #expect(abs(Double(found) - wanted) < 1e-4)
    }
  }

  private func argmax(_ logits: [Float], _ width: Int) -> [Int32] {
    (0..<logits.count / width).map { row in
      let values = logits[row * width..<(row + 1) * width]
      return Int32(values.indices.reduce(values.startIndex) { values[$1] > values[$0] ? $1 : $0 } - row * width)
    }
  }

  /// Smoothing is a way to train: how good a model is is measured without.
  @Test func evaluationSmoothsNoLabels() throws {
    var smoothed = oddShape
    smoothed.labelSmoothing = 0.3
    let batch = SampleBatch(SampleBatch.random(lengths: [5, 1, 9], configuration: oddShape, seed: 8)).packed
    let models = try [oddShape, smoothed].map { shape in
      let model = MultiTaskModel(configuration: shape, seed: 1, threads: 1, shares: 1)
      try model.load(parameters: lively(oddShape, seed: 2))
      return model
    }
    #expect(models[0].predict(batch).outcome == models[1].predict(batch).outcome)
    let trained = models.map { $0.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: nil).losses[.sentence] }
    #expect(trained[0] != trained[1])
  }

  /// A model for inference gives the bits of the one that was trained.
  @Test func inferenceGivesTheSameBits() throws {
    let model = MultiTaskModel(configuration: optionalShape, seed: 1, threads: 1, shares: 2)
    let batch = SampleBatch(SampleBatch.random(lengths: [5, 1, 9], configuration: optionalShape, seed: 8)).packed
    for step in 0..<3 {
      model.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: UInt64(step))
      model.applyStep(learningRate: 1e-2, weightDecay: 0.01, clip: 1)
    }
    let bare = MultiTaskModel(configuration: optionalShape, seed: 9, threads: 1, shares: 2, purpose: .inference)
    try bare.load(parameters: model.parameters())
    let (found, wanted) = (bare.predict(batch), model.predict(batch))
    #expect(
      found.logits[.sentence] == wanted.logits[.sentence] && found.logits[.words] == wanted.logits[.words]
        && found.outcome == wanted.outcome)
    #expect(bare.parameters().map(\.values) == model.parameters().map(\.values))
  }

  @Test func nothingLabelledGivesZeroLossAndGradient() {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    var sentences = SampleBatch.random(lengths: [5, 1, 9], configuration: oddShape, seed: 8)
    for row in sentences.indices {
      sentences[row].label = row == 0 ? 3 : -100
      sentences[row].tags = sentences[row].tags.map { _ in row == 2 ? 7 : -100 }
    }
    let outcome = model.forwardBackward(SampleBatch(sentences).packed, weights: PerTask(1, 1), dropoutKey: 1)
    #expect(outcome.losses[.sentence] == 0 && outcome.losses[.words] == 0)
    #expect(
      outcome.total[.sentence] == 1 && outcome.total[.words] == 9 && outcome.correct[.sentence] == 0
        && outcome.correct[.words] == 0)
    #expect(model.gradientNorm == 0)
    #expect(model.gradients().allSatisfy { $0.values.allSatisfy { $0 == 0 } })
    model.applyStep(learningRate: 1e-3, weightDecay: 0, clip: 1)
    #expect(model.parameters().allSatisfy { $0.values.allSatisfy { $0.isFinite } })
  }

  @Test func shortestAndLongSentencesAreFinite() {
    let shape = ModelConfiguration(
      vocabularySize: 50, hiddenSize: 24, layerCount: 2, headCount: 3, intermediateSize: 40, maxPositions: 200,
      sentenceClassCount: 2, tagCount: 3)
    let model = MultiTaskModel(configuration: shape, seed: 1, threads: 2, shares: 2)
    for lengths in [[1], [200], [1, 200, 1, 199], [1, 1, 1]] {
      let batch = SampleBatch(SampleBatch.random(lengths: lengths, configuration: shape, seed: 8))
      for step in 0..<2 {
        let outcome = train(model, batch, step: step)
        #expect(outcome.losses[.sentence].isFinite && outcome.losses[.words].isFinite && model.gradientNorm.isFinite)
        #expect(outcome.losses[.sentence] > 0)
      }
      #expect(model.predict(batch.packed).logits[.words].allSatisfy { $0.isFinite })
    }
  }

  @Test func brokenWeightsShowInTheNorm() throws {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    var parameters = model.parameters()
    let index = try #require(parameters.firstIndex { $0.name == "encoder.layer.0.output.dense.weight" })
    parameters[index].values[3] = .nan
    try model.load(parameters: parameters)
    let outcome = model.forwardBackward(
      trainingBatches(oddShape, count: 1)[0].packed, weights: PerTask(1, 1), dropoutKey: nil)
    #expect(!outcome.losses[.words].isFinite && !model.gradientNorm.isFinite)
  }
}
