import Glibc
import MultiTaskTransformer
import Testing
import TrainingEvents

/// What train's transitions between tags say when a softmax head is decoded.
@Suite struct TagPriorTests {
  /// Sentences over three tags: 0 1 2 | 0 0 | 0 1 2 2.
  private static let prior = TagPrior(
    steps: [
      1, 2, 0,  //
      0, 0, 2,  //
      0, 0, 1,
    ], first: [3, 0, 0], last: [1, 0, 2])

  @Test func scoresAreSmoothedLogProbabilities() {
    // Tag 0 is 4 of 9 tokens, tag 1 two, tag 2 three, and one more of each; each row is smoothed by ten that follow chance.
    func score(_ seen: Double, of all: Double, chance: Double) -> Double { log((seen + 10 * chance) / (all + 10)) }
    func near(_ value: Float, _ expected: Double) -> Bool { abs(Double(value) - expected) < 1e-6 }
    #expect(near(Self.prior.transitions[0 * 3 + 1], score(2, of: 4, chance: 3.0 / 12)))
    #expect(near(Self.prior.transitions[1 * 3 + 2], score(2, of: 2, chance: 4.0 / 12)))
    #expect(near(Self.prior.transitions[1 * 3 + 0], score(0, of: 2, chance: 5.0 / 12)))
    #expect(near(Self.prior.start[0], score(3, of: 3, chance: 5.0 / 12)))
    #expect(near(Self.prior.start[2], score(0, of: 3, chance: 4.0 / 12)))
    #expect(near(Self.prior.end[2], score(2, of: 3, chance: 4.0 / 10)))
    let sum = Self.prior.start.reduce(0) { $0 + exp(Double($1)) }
    #expect(abs(sum - 1) < 1e-6)
  }

  @Test func whatTrainLacksStaysPossible() {
    for prior in [
      TagPrior(steps: [0, 0, 0, 0], first: [0, 0], last: [0, 0]),
      TagPrior(steps: [3, 0, 0, 0], first: [1, 0], last: [1, 0]),
    ] {
      #expect((prior.transitions + prior.start + prior.end).allSatisfy { $0.isFinite && $0 <= 0 })
    }
  }

  /// Two members, plain and with a prior: the same losses, gradients and weights; the prior stays as it was given.
  @Test func trainingDoesNotSeeIt() throws {
    var plain = oddShape
    plain.tagCount = 3
    plain.members = 2
    var shape = plain
    shape.tagPrior = 0.25
    let models = [plain, shape].map {
      ModelEnsemble(configuration: $0, tagConstraints: nil, seed: 3, threads: 2, shares: 2)
    }
    models[1].take(Self.prior)
    #expect(models[0].parameterCount == models[1].parameterCount && models[1].trainedCount == models[1].parameterCount)
    let batch = SampleBatch(SampleBatch.random(lengths: [5, 3, 7, 2], configuration: plain, seed: 5)).packed
    for step in 0..<4 {
      let outcomes = models.map { model in
        Step(
          batch, dropoutKey: UInt64(step), balancer: FixedWeights(PerTask(1, 1)), learningRate: 0.01, weightDecay: 0.1,
          clip: 1
        ).run(on: model)
      }
      #expect(outcomes[0] == outcomes[1] && outcomes[0].isApplied)
    }
    let learned = models[1].parameters().filter { !$0.name.contains("tag_prior") }
    #expect(learned.byName == models[0].parameters().byName)
    #expect(models[1].optimizerState().moments.byName == models[0].optimizerState().moments.byName)
    let given = models[1].parameters().filter { $0.name.hasSuffix("tag_prior.transitions") }
    #expect(given.map(\.values) == [1, 2].map { _ in Self.prior.transitions.map { 0.25 * $0 } })
  }
}
