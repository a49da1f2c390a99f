import MultiTaskTransformer
import Testing
import TrainingEvents

/// Products in bfloat16: close to float32's, and as repeatable.
@Suite(.enabled(if: MultiTaskModel.supportsBFloat16, "the processor has no bfloat16 products"))
struct BFloat16Tests {
  private func model(threads: Int, precision: MatmulPrecision) -> MultiTaskModel {
    MultiTaskModel(configuration: oddShape, seed: 3, threads: threads, shares: 2, precision: precision)
  }

  @Test func saysWhatItUses() {
    #expect(model(threads: 1, precision: .bf16).precision == .bf16)
    #expect(model(threads: 1, precision: .f32).precision == .f32)
  }

  @Test func gradientsAreFloat32sWithinRounding() {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let models = [MatmulPrecision.f32, .bf16].map { model(threads: 1, precision: $0) }
    let outcomes = models.map { $0.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 4) }
    #expect(abs(outcomes[0].losses[.sentence] - outcomes[1].losses[.sentence]) < 0.02)
    #expect(abs(outcomes[0].losses[.words] - outcomes[1].losses[.words]) < 0.02)
    let errors = relativeErrors(models[1].gradients().byName, models[0].gradients().byName)
    for (name, error) in errors { #expect(error < 0.05, "\(name): \(error)") }
    // Rounding is there to be seen: both would agree to 1e-6 if the products were the same.
    #expect(errors.values.contains { $0 > 1e-4 })
  }

  @Test func threadsDoNotChangeBits() {
    let models = [1, 1, 2, 4].map { model(threads: $0, precision: .bf16) }
    for (step, batch) in trainingBatches(oddShape, count: 6).enumerated() {
      for model in models { train(model, batch, step: step) }
    }
    for other in models.dropFirst() { #expect(differences(bits(models[0]), bits(other)) == []) }
  }

  @Test func loadedWeightsTakeTheOldOnesPlace() throws {
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    let (one, other) = (model(threads: 1, precision: .bf16), model(threads: 1, precision: .bf16))
    train(other, trainingBatches(oddShape, count: 2)[1], step: 0)
    let before = other.predict(batch)
    try other.load(parameters: one.parameters())
    #expect(before.logits[.words] != one.predict(batch).logits[.words])
    #expect(other.predict(batch).logits[.words] == one.predict(batch).logits[.words])
  }
}
