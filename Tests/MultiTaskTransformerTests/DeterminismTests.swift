import MultiTaskTransformer
import Testing
import TrainingEvents

/// Same inputs, same bits.
@Suite struct DeterminismTests {
  private func trained(
    _ shape: ModelConfiguration = oddShape, seed: UInt64 = 3, threads: Int, shares: Int, steps: Int = 6
  ) -> MultiTaskModel {
    let model = MultiTaskModel(configuration: shape, seed: seed, threads: threads, shares: shares)
    for (step, batch) in trainingBatches(shape, count: steps).enumerated() { train(model, batch, step: step) }
    return model
  }

  @Test(arguments: [oddShape, optionalShape]) func sameSeedGivesSameBits(shape: ModelConfiguration) {
    let first = trained(shape, threads: 1, shares: 1)
    #expect(differences(bits(first), bits(trained(shape, threads: 1, shares: 1))) == [])
    #expect(differences(bits(first), bits(trained(shape, seed: 4, threads: 1, shares: 1))) != [])
  }

  @Test(arguments: [oddShape, optionalShape], [2, 3])
  func threadsDoNotChangeBits(shape: ModelConfiguration, shares: Int) {
    let alone = trained(shape, threads: 1, shares: shares)
    #expect(differences(bits(alone), bits(trained(shape, threads: 2, shares: shares))) == [])
    #expect(differences(bits(alone), bits(trained(shape, threads: 4, shares: shares))) == [])
  }

  @Test(arguments: [oddShape, optionalShape]) func sharesChangeRoundingOnly(shape: ModelConfiguration) {
    // Compared before training: Adam's first steps divide rounding by itself.
    let batch = trainingBatches(shape, count: 1)[0].packed
    let models = (1...9).map { MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: $0) }
    let outcomes = models.map { $0.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 4) }
    let gradients = models.map { $0.gradients().byName }
    for index in models.indices {
      #expect(abs(outcomes[index].losses[.sentence] - outcomes[0].losses[.sentence]) < 1e-5)
      #expect(abs(outcomes[index].losses[.words] - outcomes[0].losses[.words]) < 1e-5)
      #expect(
        outcomes[index].correct[.words] == outcomes[0].correct[.words]
          && outcomes[index].total[.words] == outcomes[0].total[.words])
      for (name, error) in relativeErrors(gradients[index], gradients[0]) {
        #expect(error < 1e-4, "\(index + 1) shares, \(name): \(error)")
      }
    }
  }

  @Test(arguments: [oddShape, optionalShape]) func savedStateContinuesBitForBit(shape: ModelConfiguration) throws {
    let batches = trainingBatches(shape, count: 10)
    let undisturbed = trained(shape, threads: 1, shares: 2, steps: 5)
    let saved = undisturbed.optimizerState()
    #expect(saved.step == 5)
    let resumed = MultiTaskModel(configuration: shape, seed: 77, threads: 2, shares: 2)
    // The other model has a past of its own, which loading must wipe out.
    train(resumed, batches[9], step: 0)
    try resumed.load(parameters: undisturbed.parameters())
    try resumed.load(optimizerStep: saved.step, moments: saved.moments)
    #expect(differences(bits(undisturbed), bits(resumed)) == [])
    for step in 5..<10 {
      let (one, two) = (train(undisturbed, batches[step], step: step), train(resumed, batches[step], step: step))
      #expect(
        one.losses[.sentence].bitPattern == two.losses[.sentence].bitPattern
          && one.losses[.words].bitPattern == two.losses[.words].bitPattern)
    }
    #expect(differences(bits(undisturbed), bits(resumed)) == [])
  }

  @Test(arguments: [MatmulPrecision.f32, .bf16])
  func microBatchesChangeRoundingOnly(precision: MatmulPrecision) {
    let batch = trainingBatches(optionalShape, count: 1)[0].packed
    let models = [1000, 3, 3].enumerated().map { index, tokens in
      MultiTaskModel(
        configuration: optionalShape, seed: 3, threads: index + 1, shares: 2, tokensPerShare: tokens,
        precision: precision)
    }
    let (whole, parts) = (models[0].predict(batch), models[1].predict(batch))
    #expect(zip(whole.logits[.sentence], parts.logits[.sentence]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(zip(whole.logits[.words], parts.logits[.words]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(
      whole.logits[.words].count == parts.logits[.words].count
        && whole.logits[.sentence].count == parts.logits[.sentence].count)
    #expect(whole.classes == parts.classes && whole.tags == parts.tags)
    let states = (models[0].hiddenStates(batch), models[1].hiddenStates(batch))
    #expect(states.0.count == states.1.count && zip(states.0, states.1).allSatisfy { abs($0 - $1) < 1e-4 })
    let outcomes = models.map { $0.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 4) }
    #expect(
      abs(outcomes[0].losses[.sentence] - outcomes[1].losses[.sentence]) < 1e-5
        && abs(outcomes[0].losses[.words] - outcomes[1].losses[.words]) < 1e-5)
    #expect(abs(models[0].gradientNorm - models[1].gradientNorm) < 1e-3 * models[0].gradientNorm)
    for (name, error) in relativeErrors(models[1].gradients().byName, models[0].gradients().byName) {
      #expect(error < 1e-3, "\(name): \(error)")
    }
    // However many threads, the same bits.
    for step in 0..<3 {
      for model in models { train(model, trainingBatches(optionalShape, count: 3)[step], step: step) }
    }
    #expect(differences(bits(models[1]), bits(models[2])) == [])
    #expect(differences(bits(models[0]), bits(models[1])) != [])
  }

  @Test func aSecondPassReplacesGradients() {
    let model = MultiTaskModel(configuration: oddShape, seed: 3, threads: 2, shares: 2)
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    model.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 4)
    let (first, norm) = (model.gradients().map(\.values), model.gradientNorm)
    model.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 4)
    #expect(model.gradients().map(\.values) == first && model.gradientNorm == norm)
  }
}
