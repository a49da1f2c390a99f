import Glibc
import Testing
import TrainingEvents

@testable import MultiTaskTransformer

/// What tokens and n-grams say of a sentence's class by themselves.
@Suite struct ClassPriorTests {
  /// A minimum of the objective: its derivatives, worked out here, are 0.
  @Test func theRegressionEndsAtItsMinimum() {
    typealias Row = LogisticRegression.Row
    let rows = [
      Row(features: [0, 2], values: [0.6, 0.8]), Row(features: [1], values: [1]),
      Row(features: [0, 1], values: [3, 4]), Row(features: [2, 3], values: [0.5, 0.5]),
      Row(features: [], values: []),
    ]
    let labels = [0, 1, 2, 0, 1]
    let (features, classes, penalty) = (4, 3, 0.3)
    let fit = LogisticRegression(
      rows, labels: labels, featureCount: features, classCount: classes, penalty: penalty, steps: 4_000)
    var slopes = fit.weights.map { penalty * $0 }
    var biasSlopes = [Double](repeating: 0, count: classes)
    for (row, label) in zip(rows, labels) {
      var logits = fit.biases
      for (feature, value) in zip(row.features, row.values) {
        for column in 0..<classes { logits[column] += value * fit.weights[feature * classes + column] }
      }
      let sum = logits.reduce(0) { $0 + exp($1) }
      for column in 0..<classes {
        let error = exp(logits[column]) / sum - (column == label ? 1 : 0)
        biasSlopes[column] += error
        for (feature, value) in zip(row.features, row.values) { slopes[feature * classes + column] += value * error }
      }
    }
    #expect((slopes + biasSlopes).allSatisfy { abs($0) < 1e-8 })
    #expect(fit.weights.contains { abs($0) > 0.1 })
  }

  /// Class 0 has token 4 and n-gram row 2, class 1 tokens 5 and 6; token 2 is in every sentence, 7 in one without a class.
  private static func train(order: [Int] = [0, 1, 2, 3, 4]) -> PackedBatch {
    typealias Sentence = SampleBatch.Sentence
    func sentence(_ ids: [Int32], _ label: Int32, grams: [Int32] = []) -> Sentence {
      Sentence(
        ids: ids, label: label, tags: ids.map { _ in -100 }, nGrams: ids.indices.map { $0 == 1 ? grams : [] })
    }
    let sentences = [
      sentence([2, 4, 4], 0, grams: [2]), sentence([2, 5], 1), sentence([2, 4], 0, grams: [2, 1]),
      sentence([2, 6, 5, 3], 1), sentence([2, 7], -100),
    ]
    return SampleBatch(order.map { sentences[$0] }).packed
  }

  @Test func whatTellsNothingDoesNotCount() {
    let prior = ClassPrior(fitting: Self.train(), vocabularySize: 9, nGramBuckets: 4, classCount: 2)
    // In all four, in none with a class, in none at all.
    for token in [2, 7, 8] {
      #expect(prior.tokens.squares[token] == 0 && prior.tokens.scores[2 * token..<2 * token + 2] == [0, 0])
    }
    func square(_ count: Double) -> Float { Float((1 + log(5 / (1 + count))) * (1 + log(5 / (1 + count)))) }
    #expect(prior.tokens.squares[3...6] == [square(1), square(2), square(2), square(1)])
    #expect(prior.nGrams.squares == [0, square(1), square(2), 0])
    #expect(prior.tokens.scores[8] > 0.1 && prior.tokens.scores[9] < -0.1 && prior.tokens.scores[10] < -0.1)
    #expect(prior.nGrams.scores[4] > 0.1 && prior.nGrams.scores[5] < -0.1)
  }

  @Test func theOrderOfTrainHardlyMatters() {
    let first = ClassPrior(fitting: Self.train(), vocabularySize: 9, nGramBuckets: 4, classCount: 2)
    let second = ClassPrior(
      fitting: Self.train(order: [3, 0, 4, 2, 1]), vocabularySize: 9, nGramBuckets: 4, classCount: 2)
    for (a, b) in zip(first.tokens.scores + first.bias, second.tokens.scores + second.bias) {
      #expect(abs(a - b) < 1e-5)
    }
  }

  /// Members that were trained have it as it was given, in a model's tensors too, and answer by it.
  @Test func itIsNeverLearnedAndKept() throws {
    var shape = oddShape
    (shape.nGramBuckets, shape.members, shape.classPrior) = (4, 2, 3)
    shape.sentenceClassCount = 2
    let prior = ClassPrior(
      fitting: Self.train(), vocabularySize: shape.vocabularySize, nGramBuckets: 4, classCount: 2)
    func model(_ seed: UInt64) -> ModelEnsemble {
      ModelEnsemble(configuration: shape, tagConstraints: nil, seed: seed, threads: 2, shares: 2)
    }
    let trained = model(3)
    let parameterCount = trained.parameterCount
    trained.take(prior)
    #expect(trained.parameterCount == parameterCount && trained.trainedCount == parameterCount)
    for step in 0..<4 {
      let outcome = Step(
        Self.train(), dropoutKey: UInt64(step), balancer: FixedWeights(PerTask(1, 1)), learningRate: 0.01,
        weightDecay: 0.1, clip: 1
      ).run(on: trained)
      #expect(outcome.isApplied)
    }
    let scores = trained.parameters().filter { $0.name.hasSuffix("class_prior.tokens.scores") }
    #expect(scores.map(\.values) == [0, 1].map { _ in prior.tokens.scores.map { 3 * $0 } })
    #expect(!trained.optimizerState().moments.contains { $0.name.contains("class_prior") })
    let other = model(8)
    try other.load(parameters: trained.parameters())
    #expect(other.predict(Self.train()).logits == trained.predict(Self.train()).logits)
    // Untrained, the prior alone answers.
    let fresh = model(5)
    fresh.take(prior)
    #expect(fresh.predict(Self.train()).classes.prefix(4) == [0, 1, 0, 1])
  }
}
