import Foundation
import Kernels
import Testing
import TrainingEvents

@testable import MultiTaskTransformer

/// Muon on the encoder's matrices, against PyTorch's and its definition.
@Suite struct MuonTests {
  private struct Fixture: Decodable {
    var steps: [TorchFixture.Step]
    var tensors: [TorchFixture.Tensor]
  }

  private static func plan(_ change: (inout TrainingPlan) -> Void = { _ in }) -> TrainingPlan {
    var plan = TrainingPlan()
    plan.optimizer = .muon
    change(&plan)
    return plan
  }

  private func model(_ shape: ModelConfiguration = optionalShape, threads: Int = 2, _ plan: TrainingPlan = plan())
    -> MultiTaskModel
  {
    MultiTaskModel(configuration: shape, seed: 3, threads: threads, shares: 2, plan: plan)
  }

  @Test(arguments: [1, 2]) func tenStepsEqualPyTorchs(threads: Int) throws {
    let torch = try TorchFixture.load()
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let fixture = try decoder.decode(Fixture.self, from: try TorchFixture.bytes("muon_fixture.json"))
    let model = model(torch.configuration, threads: threads)
    try model.load(parameters: torch.tensors(.initial))
    let weights = torch.description.trainingWeights
    #expect(fixture.steps.count == 10)
    for (index, step) in fixture.steps.enumerated() {
      let outcome = model.forwardBackward(
        torch.batch(step.batch).packed, weights: PerTask(weights[0], weights[1]), dropoutKey: nil)
      #expect(abs(outcome.losses[.sentence] - step.lossA) < 1e-4, "step \(index)")
      #expect(abs(outcome.losses[.words] - step.lossB) < 1e-4, "step \(index)")
      #expect(abs(model.gradientNorm - step.gradientNorm) < 1e-3 * step.gradientNorm, "step \(index)")
      model.applyStep(
        learningRate: step.learningRate, weightDecay: torch.description.weightDecay, clip: torch.description.clip)
    }
    let final = TorchFixture(description: torch.description, values: try TorchFixture.floats("muon_fixture.bin"))
    let expected = fixture.tensors.map { tensor in
      let count = tensor.shape.reduce(1, *)
      return NamedTensor(
        name: tensor.name, shape: tensor.shape, values: Array(final.values[tensor.offset..<tensor.offset + count]))
    }.byName
    // A key's bias has no influence on the losses; Adam turns the rounding in its gradient into steps of any sign.
    let isCompared = { (name: String) in !name.hasSuffix("key.bias") }
    let errors = relativeErrors(
      model.parameters().byName.filter { isCompared($0.key) }, expected.filter { isCompared($0.key) })
    #expect(errors.count == expected.count - 2)
    for (name, error) in errors { #expect(error <= 1e-4, "\(name): \(error)") }
  }

  /// As the definition has it, in double, for matrices of either shape.
  @Test(arguments: [(5, 5), (4, 13), (17, 6), (1, 9), (40, 40), (33, 50), (40, 160), (200, 70)])
  func theIterationIsNewtonAndSchulzs(rows: Int, columns: Int) {
    ThreadTeam.prepareCallingThread()
    let count = rows * columns
    let iteration = NewtonSchulz(rows: rows, columns: columns)
    var generator = SeededGenerator(seed: 8)
    let start = (0..<count).map { _ in Float.random(in: -3...3, using: &generator) }
    let (found, scratch) = (FloatBuffer(count: count), FloatBuffer(count: iteration.scratchFloats))
    for (index, value) in start.enumerated() { found.start[index] = value }
    iteration.orthogonalize(found.start, scratch: scratch.start)

    func product(_ a: [[Double]], _ b: [[Double]]) -> [[Double]] {
      a.map { row in b[0].indices.map { column in row.indices.reduce(0) { $0 + row[$1] * b[$1][column] } } }
    }
    func transposed(_ a: [[Double]]) -> [[Double]] { a[0].indices.map { column in a.map { $0[column] } } }
    let norm = start.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    var x = (0..<rows).map { row in (0..<columns).map { Double(start[row * columns + $0]) / norm } }
    for _ in 0..<5 {
      let gram = product(x, transposed(x))
      let (once, twice) = (product(gram, x), product(gram, product(gram, x)))
      x = x.indices.map { row in
        x[row].indices.map { 3.4445 * x[row][$0] - 4.7750 * once[row][$0] + 2.0315 * twice[row][$0] }
      }
    }
    for row in 0..<rows {
      for column in 0..<columns { #expect(abs(Double(found.start[row * columns + column]) - x[row][column]) < 1e-4) }
    }
  }

  @Test func threadsChangeNoBitAndSavedStateGoesOnBitForBit() throws {
    let batches = trainingBatches(optionalShape, count: 6)
    let (one, three) = (model(threads: 1), model(threads: 3))
    for step in 0..<3 { for model in [one, three] { train(model, batches[step], step: step) } }
    #expect(differences(bits(one), bits(three)) == [])
    let state = one.optimizerState()
    let names = Set(state.moments.map(\.name))
    #expect(names.contains("optimizer.momentum_buffer.encoder.layer.0.attention.self.query.weight"))
    #expect(!names.contains("optimizer.exp_avg.encoder.layer.0.attention.self.query.weight"))
    #expect(names.contains("optimizer.exp_avg_sq.classifier.tags.weight"))
    let other = model()
    try other.load(parameters: one.parameters())
    try other.load(optimizerStep: state.step, moments: state.moments)
    for step in 3..<6 { for model in [one, other] { train(model, batches[step], step: step) } }
    #expect(differences(bits(one), bits(other)) == [])
    // Another optimizer's state is not taken for Muon's.
    let plain = MultiTaskModel(configuration: optionalShape, seed: 3, threads: 1, shares: 2)
    #expect(throws: ModelError.self) {
      try plain.load(optimizerStep: state.step, moments: state.moments)
    }
  }

  @Test func frozenLayersStayAndRatesCount() throws {
    let batch = trainingBatches(oddShape, count: 1)[0]
    let name = "encoder.layer.1.output.dense.weight"
    func moved(_ change: (inout TrainingPlan) -> Void) throws -> (kept: Bool, update: [Float]) {
      let model = model(oddShape, Self.plan(change))
      let before = model.parameters()
      model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: nil)
      model.applyStep(learningRate: 0.01, weightDecay: 0, clip: 0)
      let after = model.parameters()
      let index = try #require(before.firstIndex { $0.name == name })
      let frozen = zip(before, after).filter { $0.0.name.hasPrefix("encoder.layer.0.") }
      return (
        frozen.allSatisfy { $0.0.values == $0.1.values },
        zip(before[index].values, after[index].values).map { $1 - $0 }
      )
    }
    let whole = try moved { _ in }
    let slow = try moved {
      $0.frozenLayers = [0]
      $0.encoderRate = 0.25
    }
    #expect(!whole.kept && slow.kept)
    for (one, other) in zip(whole.update, slow.update) { #expect(abs(other - 0.25 * one) < 1e-6) }
    // The update's root mean square is AdamW's, about 0.2 times the rate, whatever the gradient's size.
    let squares = whole.update.reduce(0) { $0 + $1 * $1 } / Float(whole.update.count)
    #expect((0.1...0.25).contains(squares.squareRoot() / 0.01))
  }
}
