import MultiTaskTransformer
import Testing

/// Looking at each task's own gradients tells the truth and disturbs nothing.
@Suite struct TaskGradientTests {
  @Test(arguments: [oddShape, optionalShape]) func lookingLeavesEveryBit(shape: ModelConfiguration) {
    let batches = trainingBatches(shape, count: 6)
    let undisturbed = MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: 2)
    let watched = MultiTaskModel(configuration: shape, seed: 3, threads: 2, shares: 2)
    for (step, batch) in batches.enumerated() {
      train(undisturbed, batch, step: step)
      if step % 2 == 0 {
        let look = watched.taskGradients(batch.packed, weightA: 1, weightB: 0.5, dropoutKey: 77)
        #expect(look.normA > 0 && look.normB > 0)
        #expect(look.cosine.map { abs($0) <= 1 } == true)
      }
      train(watched, batch, step: step)
    }
    #expect(differences(bits(undisturbed), bits(watched)) == [])
  }

  @Test func theNormsScaleWithTheWeightsAndTheCosineDoesNot() throws {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let model = MultiTaskModel(configuration: oddShape, seed: 3, threads: 1, shares: 1)
    let plain = model.taskGradients(batch, weightA: 1, weightB: 1, dropoutKey: nil)
    let scaled = model.taskGradients(batch, weightA: 2, weightB: 0.25, dropoutKey: nil)
    #expect(abs(scaled.normA / plain.normA - 2) < 1e-4)
    #expect(abs(scaled.normB / plain.normB - 0.25) < 1e-4)
    #expect(abs(try #require(scaled.cosine) - (try #require(plain.cosine))) < 1e-4)
    let alone = model.taskGradients(batch, weightA: 1, weightB: 0, dropoutKey: nil)
    #expect(alone.normB == 0 && alone.cosine == nil)
  }
}
