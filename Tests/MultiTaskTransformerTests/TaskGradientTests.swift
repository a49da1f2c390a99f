import Testing

@testable import MultiTaskTransformer

/// Looking at each task's own gradients tells the truth and disturbs nothing.
@Suite struct TaskGradientTests {
  @Test(arguments: [oddShape, optionalShape]) func lookingLeavesEveryBit(shape: ModelConfiguration) throws {
    let batches = trainingBatches(shape, count: 6)
    let undisturbed = MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: 2)
    let watched = MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: 2)
    for (step, batch) in batches.enumerated() {
      train(undisturbed, batch, step: step)
      if step % 2 == 0 {
        let look = try #require(watched.taskGradients(batch.packed, weightA: 1, weightB: 0.5, dropoutKey: 77))
        #expect(look.normA > 0 && look.normB > 0)
        #expect(look.cosine.map { abs($0) <= 1 } == true)
      }
      train(watched, batch, step: step)
    }
    #expect(differences(bits(undisturbed), bits(watched)) == [])
  }

  /// Whatever the layout: the tensors of the encoder and its embeddings, found by their names.
  @Test(arguments: [oddShape, optionalShape]) func normsAndCosineAreThoseOfTheEncodersTensors(
    shape: ModelConfiguration
  ) throws {
    let batch = trainingBatches(shape, count: 1)[0].packed
    let model = MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: 2)
    try model.load(parameters: lively(shape, seed: 4))
    func encoder(_ weightA: Float, _ weightB: Float) -> [Double] {
      model.forwardBackward(batch, weightA: weightA, weightB: weightB, dropoutKey: 5)
      return model.gradients().filter { $0.name.hasPrefix("embeddings.") || $0.name.hasPrefix("encoder.") }
        .flatMap { $0.values.map(Double.init) }
    }
    let (a, b) = (encoder(2, 0), encoder(0, 0.5))
    let look = try #require(model.taskGradients(batch, weightA: 2, weightB: 0.5, dropoutKey: 5))
    #expect(abs(look.normA - norm(a)) < 1e-5 * norm(a))
    #expect(abs(look.normB - norm(b)) < 1e-5 * norm(b))
    let cosine = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
    #expect(abs(try #require(look.cosine) - cosine) < 1e-5)
  }

  @Test func aTaskThatCountsNothingHasNoGradient() throws {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let model = MultiTaskModel(configuration: oddShape, seed: 3, threads: 1, shares: 1)
    let alone = try #require(model.taskGradients(batch, weightA: 1, weightB: 0, dropoutKey: nil))
    #expect(alone.normA > 0 && alone.normB == 0 && alone.cosine == nil)
  }

  /// Two passes for nothing: where all of the encoder is frozen, there is nothing that both tasks move.
  @Test func aFrozenEncoderIsNotLookedAt() {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    var plan = TrainingPlan()
    plan.frozenEmbeddings = true
    plan.frozenLayers = Set(0..<oddShape.layerCount)
    let frozen = MultiTaskModel(configuration: oddShape, seed: 3, threads: 1, shares: 1, plan: plan)
    #expect(frozen.taskGradients(batch, weightA: 1, weightB: 1, dropoutKey: nil) == nil)
    plan.frozenLayers.remove(0)
    frozen.follow(plan)
    #expect(frozen.taskGradients(batch, weightA: 1, weightB: 1, dropoutKey: nil) != nil)
  }
}
