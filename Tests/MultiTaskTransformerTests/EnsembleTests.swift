import Foundation
import MultiTaskTransformer
import Testing
import TrainingEvents

/// Several models that answer as one.
@Suite struct EnsembleTests {
  private func ensemble(_ members: Int, threads: Int = 1) -> ModelEnsemble {
    var shape = optionalShape
    shape.members = members
    return ModelEnsemble(
      configuration: shape, tagConstraints: nil, seed: 3, threads: threads, shares: 2)
  }

  private func train(_ ensemble: ModelEnsemble, steps: Range<Int>) {
    let batches = trainingBatches(optionalShape, count: steps.upperBound)
    for step in steps {
      let outcome = Step(
        batches[step].packed, dropoutKey: UInt64(step), balancer: FixedWeights(PerTask(1, 1)), learningRate: 1e-3,
        weightDecay: 0.01, clip: 1
      ).run(on: ensemble)
      #expect(outcome.isApplied)
    }
  }

  private func bits(_ ensemble: ModelEnsemble) -> [String: [UInt32]] {
    Dictionary(
      uniqueKeysWithValues: ensemble.parameters().map { ($0.name, $0.values.map(\.bitPattern)) })
  }

  @Test func oneMemberIsThePlainModel() {
    let one = ensemble(1)
    let model = MultiTaskModel(configuration: optionalShape, seed: 3, threads: 1, shares: 2)
    train(one, steps: 0..<3)
    for (step, batch) in trainingBatches(optionalShape, count: 3).enumerated() {
      model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: UInt64(step))
      model.applyStep(learningRate: 1e-3, weightDecay: 0.01, clip: 1)
    }
    let plain = model.parameters()
    #expect(one.parameters().map(\.name) == plain.map(\.name))
    #expect(one.parameters().map(\.values) == plain.map(\.values))
  }

  @Test func membersDifferAndThreadsChangeNoBit() {
    let first = ensemble(3)
    let second = ensemble(3, threads: 2)
    train(first, steps: 0..<3)
    train(second, steps: 0..<3)
    #expect(bits(first) == bits(second))
    let name = "embeddings.word_embeddings.weight"
    #expect(bits(first)["member.0.\(name)"] != bits(first)["member.1.\(name)"])
    #expect(first.parameterCount == 3 * ensemble(1).parameterCount)
  }

  @Test func answersAreTheMembersMeans() {
    let three = ensemble(3)
    train(three, steps: 0..<4)
    let batch = trainingBatches(optionalShape, count: 1)[0].packed
    let common = three.predict(batch)
    let own = three.members.map { $0.predict(batch) }
    for index in common.logits[.words].indices {
      let mean = own.reduce(0.0) { $0 + Double($1.logits[.words][index]) } / 3
      #expect(abs(Double(common.logits[.words][index]) - mean) < 1e-5)
    }
    let classes = optionalShape.sentenceClassCount
    for row in 0..<batch.sentenceCount {
      var probabilities = [Double](repeating: 0, count: classes)
      for answer in own {
        let powers = (0..<classes).map { exp(Double(answer.logits[.sentence][row * classes + $0])) }
        for column in 0..<classes { probabilities[column] += powers[column] / powers.reduce(0, +) / 3 }
      }
      for column in 0..<classes {
        #expect(abs(exp(Double(common.logits[.sentence][row * classes + column])) - probabilities[column]) < 1e-5)
      }
      #expect(common.classes[row] == Int32(probabilities.firstIndex(of: probabilities.max() ?? 0) ?? -1))
    }
  }

  /// With a learned chain the members' common tags are those of the chain's marginals, as for one model.
  @Test func commonTagsFollowTheChain() throws {
    var shape = optionalShape
    shape.tagLoss = .crossEntropy
    shape.tagChain = true
    shape.members = 2
    let two = ModelEnsemble(configuration: shape, tagConstraints: nil, seed: 3, threads: 1, shares: 2)
    var one = shape
    one.members = 1
    let parameters = lively(one, seed: 2)
    for member in two.members { try member.load(parameters: parameters) }
    let batch = trainingBatches(optionalShape, count: 1)[0]
    let alone = two.members[0].predict(batch.packed)
    let common = two.predict(batch.packed)
    #expect(common.tags == alone.tags && common.outcome.correct[.words] == alone.outcome.correct[.words])
    let marginals = ReferenceChain(parameters.byName, shape.tagCount, nil).logMarginals(
      alone.logits[.words].map(Double.init), batch)
    let tags = marginals.indices.filter { $0.isMultiple(of: shape.tagCount) }.map { start in
      Int32((0..<shape.tagCount).max { marginals[start + $0] < marginals[start + $1] } ?? -1)
    }
    #expect(alone.tags == tags)
    // Largest logits would be others.
    let plain = alone.logits[.words].indices.filter { $0.isMultiple(of: shape.tagCount) }.map { start in
      Int32((0..<shape.tagCount).max { alone.logits[.words][start + $0] < alone.logits[.words][start + $1] } ?? -1)
    }
    #expect(plain != tags)
  }

  @Test func savedMembersContinueBitForBit() throws {
    let whole = ensemble(2)
    train(whole, steps: 0..<2)
    let resumed = ensemble(2)
    train(resumed, steps: 0..<1)
    let state = whole.optimizerState()
    try resumed.load(parameters: whole.parameters())
    try resumed.load(optimizerStep: state.step, moments: state.moments)
    train(whole, steps: 2..<4)
    train(resumed, steps: 2..<4)
    #expect(bits(whole) == bits(resumed))
  }

  @Test func tensorsOfNoMemberAreNamed() {
    let two = ensemble(2)
    var tensors = two.parameters()
    tensors[0].name = "member.2.embeddings.word_embeddings.weight"
    #expect(throws: ModelError.self) { try two.load(parameters: tensors) }
    #expect(throws: ModelError.self) { try two.load(parameters: two.members[0].parameters()) }
  }
}
