import Testing
import TrainingEvents

/// The float64 reference and the PyTorch fixture, written independently of each other, agree.
@Suite struct ReferenceTests {
  @Test func lossesEqualPyTorchs() throws {
    let fixture = try TorchFixture.load()
    let reference = ReferenceModel(configuration: fixture.configuration)
    let outcome = reference.forward(fixture.tensors(.initial).byName, fixture.batch(0))
    #expect(abs(outcome.losses[.sentence] - fixture.description.firstLossA) < 1e-10)
    #expect(abs(outcome.losses[.words] - fixture.description.firstLossB) < 1e-10)
  }

  @Test func centralDifferencesEqualPyTorchsGradients() throws {
    let fixture = try TorchFixture.load()
    let batch = fixture.batch(0)
    let chosen = probes(fixture.configuration, batch, seed: 3).mapValues { Array($0.prefix(8)) }
    let numeric = numericGradient(
      ReferenceModel(configuration: fixture.configuration), fixture.tensors(.initial).byName, batch, masks: [:],
      weights: PerTask(Double(fixture.description.gradientWeights[0]), Double(fixture.description.gradientWeights[1])),
      at: chosen)
    let torch = fixture.tensors(.gradient).byName
    let expected = Dictionary(
      uniqueKeysWithValues: chosen.map { name, indices in (name, indices.map { torch[name]?[$0] ?? .nan }) })
    for (name, error) in relativeErrors(numeric, expected) {
      #expect(error < 1e-6, "\(name): \(error)")
    }
  }
}
