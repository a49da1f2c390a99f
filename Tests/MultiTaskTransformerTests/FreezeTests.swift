import MultiTaskTransformer
import Testing
import TrainingEvents

/// Frozen parts stay as they are and cost nothing; the rest learns as it would without them frozen.
@Suite struct FreezeTests {
  private static let plans: [TrainingPlan] = [
    plan(embeddings: true, layers: []), plan(embeddings: true, layers: [0]), plan(embeddings: false, layers: [1]),
    plan(embeddings: true, layers: [1]), plan(embeddings: true, layers: [0, 1]),
  ]

  private static func plan(embeddings: Bool, layers: Set<Int>) -> TrainingPlan {
    var plan = TrainingPlan()
    plan.frozenEmbeddings = embeddings
    plan.frozenLayers = layers
    return plan
  }

  private static func shape() -> ModelConfiguration {
    ModelConfiguration(
      vocabularySize: 23, hiddenSize: 12, layerCount: 2, headCount: 3, intermediateSize: 20, maxPositions: 16,
      sentenceClassCount: 3, tagCount: 5)
  }

  private func model(_ plan: TrainingPlan) -> MultiTaskModel {
    MultiTaskModel(configuration: Self.shape(), seed: 5, threads: 2, shares: 2, plan: plan)
  }

  private func isFrozen(_ name: String, _ plan: TrainingPlan) -> Bool {
    name.hasPrefix("embeddings.")
      ? plan.frozenEmbeddings : plan.frozenLayers.contains { name.hasPrefix("encoder.layer.\($0).") }
  }

  @Test(arguments: plans) func gradientsAreTheWholeModelsWhereSomethingIsTrained(plan: TrainingPlan) {
    let batch = trainingBatches(Self.shape(), count: 1)[0].packed
    let (whole, part) = (model(TrainingPlan()), model(plan))
    whole.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 9)
    part.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: 9)
    var squares = 0.0
    for (expected, found) in zip(whole.gradients(), part.gradients()) {
      if isFrozen(expected.name, plan) {
        #expect(found.values.allSatisfy { $0 == 0 }, "\(expected.name)")
      } else {
        #expect(found.values == expected.values, "\(expected.name)")
        squares += expected.values.reduce(0) { $0 + Double($1) * Double($1) }
      }
    }
    #expect(abs(part.gradientNorm - squares.squareRoot()) < 1e-5 * part.gradientNorm)
  }

  @Test(arguments: plans) func frozenPartsStayBitForBitAndHaveNoOptimizerState(plan: TrainingPlan) throws {
    let model = model(plan)
    let before = model.parameters()
    for (step, batch) in trainingBatches(Self.shape(), count: 4).enumerated() { train(model, batch, step: step) }
    for (old, new) in zip(before, model.parameters()) {
      #expect((old.values == new.values) == isFrozen(old.name, plan), "\(old.name)")
    }
    let state = model.optimizerState()
    #expect(!state.moments.contains { isFrozen(String($0.name.split(separator: ".", maxSplits: 2)[2]), plan) })
    #expect(model.trainedCount == state.moments.reduce(0) { $0 + $1.values.count } / 2)
    #expect(model.trainedCount < model.parameterCount)
    // Saved and taken up by another model, it goes on bit for bit.
    let other = self.model(plan)
    try other.load(parameters: model.parameters())
    try other.load(optimizerStep: state.step, moments: state.moments)
    let batch = trainingBatches(Self.shape(), count: 5)[4]
    for one in [model, other] { train(one, batch, step: 4) }
    for (one, two) in zip(model.parameters(), other.parameters()) { #expect(one.values == two.values, "\(one.name)") }
  }

  /// Unfrozen later, a part's first steps are an optimizer's first steps, as in PyTorch, whatever the others have done.
  @Test(arguments: [false, true]) func anUnfrozenPartBeginsLikeANewOne(embeddings: Bool) throws {
    let before = Self.plan(embeddings: true, layers: embeddings ? [] : [0, 1])
    let batches = trainingBatches(Self.shape(), count: 6)
    let late = model(before)
    for step in 0..<3 { train(late, batches[step], step: step) }
    let new = model(TrainingPlan())
    try new.load(parameters: late.parameters())
    var after = Self.plan(embeddings: !embeddings, layers: embeddings ? [] : [0])
    after.stepsBeforeEmbeddings = 3
    after.stepsBeforeLayers = [1: 3]
    late.follow(after)
    for one in [late, new] {
      one.forwardBackward(batches[3].packed, weights: PerTask(1, 1), dropoutKey: 1)
      one.applyStep(learningRate: 0.01, weightDecay: 0.1, clip: 0)
    }
    let prefix = embeddings ? "embeddings." : "encoder.layer.1."
    let old = Dictionary(uniqueKeysWithValues: model(before).parameters().map { ($0.name, $0.values) })
    for (one, two) in zip(late.parameters(), new.parameters()) {
      if one.name.hasPrefix(prefix) {
        #expect(one.values == two.values && one.values != old[one.name], "\(one.name)")
      } else if !embeddings, one.name.hasPrefix("embeddings.") || one.name.hasPrefix("encoder.layer.0.") {
        #expect(one.values == old[one.name], "\(one.name)")
      }
    }
    // Saved and taken up by another model, it goes on bit for bit.
    let state = late.optimizerState()
    let other = model(before)
    other.follow(after)
    try other.load(parameters: late.parameters())
    try other.load(optimizerStep: state.step, moments: state.moments)
    for step in 4..<6 { for one in [late, other] { train(one, batches[step], step: step) } }
    #expect(bits(late) == bits(other))
  }

  @Test func eachPartMovesAtItsOwnRate() {
    var plan = TrainingPlan()
    plan.encoderRate = 0.5
    plan.layerDecay = 0.25
    let (whole, part) = (model(TrainingPlan()), model(plan))
    let before = whole.parameters()
    let batch = trainingBatches(Self.shape(), count: 1)[0].packed
    for one in [whole, part] {
      one.forwardBackward(batch, weights: PerTask(1, 1), dropoutKey: nil)
      one.applyStep(learningRate: 0.01, weightDecay: 0.1, clip: 0)
    }
    for (old, (one, two)) in zip(before, zip(whole.parameters(), part.parameters())) {
      let rate: Float =
        old.name.hasPrefix("embeddings.")
        ? 0.5 / 16 : old.name.contains("layer.0.") ? 0.5 / 4 : old.name.contains("layer.1.") ? 0.5 : 1
      for index in old.values.indices {
        let expected = rate * (one.values[index] - old.values[index])
        #expect(abs(two.values[index] - old.values[index] - expected) < 1e-6, "\(old.name)")
      }
    }
  }
}
