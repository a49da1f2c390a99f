import MultiTaskTransformer
import Testing
import TrainingEvents

/// Gradients, losses and weights against PyTorch's from the same start.
@Suite struct TorchFixtureTests {
  private func model(_ fixture: TorchFixture, shares: Int) throws -> MultiTaskModel {
    let model = MultiTaskModel(configuration: fixture.configuration, seed: 99, threads: 1, shares: shares)
    try model.load(parameters: fixture.tensors(.initial))
    return model
  }

  @Test(arguments: [1, 2]) func gradientsEqualPyTorchs(shares: Int) throws {
    let fixture = try TorchFixture.load()
    let model = try model(fixture, shares: shares)
    let weights = fixture.description.gradientWeights
    let outcome = model.forwardBackward(
      fixture.batch(0).packed, weights: PerTask(weights[0], weights[1]), dropoutKey: nil)
    #expect(abs(outcome.losses[.sentence] - fixture.description.firstLossA) < 1e-5)
    #expect(abs(outcome.losses[.words] - fixture.description.firstLossB) < 1e-5)
    let errors = relativeErrors(model.gradients().byName, fixture.tensors(.gradient).byName)
    #expect(errors.count == expectedParameters(fixture.configuration).count)
    for (name, error) in errors { #expect(error <= 1e-4, "\(name): \(error)") }
  }

  @Test(arguments: [1, 2], [0, 1]) func classWeightsEqualPyTorchs(shares: Int, which: Int) throws {
    let fixture = try TorchFixture.load()
    let expected = fixture.description.weighted[which]
    var configuration = fixture.configuration
    configuration.labelSmoothing = expected.smoothing
    let model = MultiTaskModel(configuration: configuration, seed: 99, threads: 1, shares: shares)
    try model.load(parameters: fixture.tensors(.initial))
    model.sentenceClassWeights = fixture.description.classWeights
    let batch = fixture.batch(0).packed
    let outcome = model.forwardBackward(batch, weights: PerTask(1, 0), dropoutKey: nil)
    #expect(abs(outcome.losses[.sentence] - expected.lossA) < 1e-5)
    let errors = relativeErrors(
      model.gradients().byName.filter { $0.key.hasPrefix("classifier.sentence.") },
      [
        "classifier.sentence.bias": expected.biasGradient, "classifier.sentence.weight": expected.weightGradient,
      ])
    #expect(errors.count == 2)
    for (name, error) in errors { #expect(error <= 1e-4, "\(name): \(error)") }
    // Evaluation counts every sentence alike.
    if expected.smoothing == 0 {
      #expect(abs(model.predict(batch).outcome.losses[.sentence] - fixture.description.firstLossA) < 1e-5)
    }
  }

  @Test(arguments: [1, 2]) func tenStepsEqualPyTorchs(shares: Int) throws {
    let fixture = try TorchFixture.load()
    let model = try model(fixture, shares: shares)
    let weights = fixture.description.trainingWeights
    #expect(fixture.description.steps.count == 10)
    for (index, step) in fixture.description.steps.enumerated() {
      let outcome = model.forwardBackward(
        fixture.batch(step.batch).packed, weights: PerTask(weights[0], weights[1]), dropoutKey: nil)
      #expect(abs(outcome.losses[.sentence] - step.lossA) < 1e-4, "step \(index)")
      #expect(abs(outcome.losses[.words] - step.lossB) < 1e-4, "step \(index)")
      #expect(abs(model.gradientNorm - step.gradientNorm) < 1e-3 * step.gradientNorm, "step \(index)")
      model.applyStep(
        learningRate: step.learningRate, weightDecay: fixture.description.weightDecay, clip: fixture.description.clip)
    }
    // A key's bias has no influence on the losses; Adam turns the rounding in its gradient into steps of any sign.
    let final = fixture.tensors(.final).byName.filter { !$0.key.hasSuffix("key.bias") }
    let errors = relativeErrors(model.parameters().byName, final)
    for (name, error) in errors where !name.hasSuffix("key.bias") { #expect(error <= 1e-4, "\(name): \(error)") }
  }
}
