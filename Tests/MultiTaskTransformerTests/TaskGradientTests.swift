import Testing
import TrainingEvents

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
        let look = try #require(watched.taskGradients(batch.packed, weights: PerTask(1, 0.5), dropoutKey: 77))
        #expect(look.norms[.sentence] > 0 && look.norms[.words] > 0)
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
    func encoder(_ weights: PerTask<Float>) -> [Double] {
      model.forwardBackward(batch, weights: weights, dropoutKey: 5)
      return model.gradients().filter { $0.name.hasPrefix("embeddings.") || $0.name.hasPrefix("encoder.") }
        .flatMap { $0.values.map(Double.init) }
    }
    let (a, b) = (encoder(PerTask(2, 0)), encoder(PerTask(0, 0.5)))
    let look = try #require(model.taskGradients(batch, weights: PerTask(2, 0.5), dropoutKey: 5))
    #expect(abs(look.norms[.sentence] - norm(a)) < 1e-5 * norm(a))
    #expect(abs(look.norms[.words] - norm(b)) < 1e-5 * norm(b))
    let cosine = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / (norm(a) * norm(b))
    #expect(abs(try #require(look.cosine) - cosine) < 1e-5)
  }

  @Test func aTaskThatCountsNothingHasNoGradient() throws {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let model = MultiTaskModel(configuration: oddShape, seed: 3, threads: 1, shares: 1)
    let alone = try #require(model.taskGradients(batch, weights: PerTask(1, 0), dropoutKey: nil))
    #expect(alone.norms[.sentence] > 0 && alone.norms[.words] == 0 && alone.cosine == nil)
  }

  /// Two passes for nothing: where all of the encoder is frozen, there is nothing that both tasks move.
  @Test func aFrozenEncoderIsNotLookedAt() {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    var plan = TrainingPlan()
    plan.frozenEmbeddings = true
    plan.frozenLayers = Set(0..<oddShape.layerCount)
    let frozen = MultiTaskModel(configuration: oddShape, seed: 3, threads: 1, shares: 1, plan: plan)
    #expect(frozen.taskGradients(batch, weights: PerTask(1, 1), dropoutKey: nil) == nil)
    plan.frozenLayers.remove(0)
    frozen.follow(plan)
    #expect(frozen.taskGradients(batch, weights: PerTask(1, 1), dropoutKey: nil) != nil)
  }
}
