import Glibc
import Testing
import TrainingEvents

@testable import MultiTaskTransformer

/// Head B's chain over tags, as a conditional random field or for its marginals, and legal decoding against every path
/// there is.
@Suite struct ChainTests {
  private static let bio = TagConstraints([.other, .begins("x"), .continues("x"), .begins("y"), .continues("y")])

  private var shape: ModelConfiguration {
    var shape = oddShape
    shape.tagLoss = .crf
    return shape
  }

  @Test func theReferencesSumIsOverAllPaths() {
    let chain = ReferenceChain(lively(shape, seed: 4).byName, 5, Self.bio)
    var generator = SeededGenerator(seed: 2)
    for length in 1...4 {
      let emissions = (0..<length).map { _ in (0..<5).map { _ in 2 * generator.normal() } }
      let paths = chain.paths(length)
      let sum = paths.reduce(0) { $0 + exp(chain.score(emissions, path: $1)) }
      for path in paths.prefix(7) {
        let direct = log(sum) - chain.score(emissions, path: path)
        #expect(abs(chain.loss(emissions, path: path) - direct) < 1e-10)
      }
      for (place, marginals) in chain.logMarginals(emissions).enumerated() {
        for tag in 0..<5 {
          let through = paths.filter { $0[place] == tag }.reduce(0) { $0 + exp(chain.score(emissions, path: $1)) }
          #expect(abs(exp(marginals[tag]) - through / sum) < 1e-10)
        }
      }
    }
  }

  @Test(arguments: [nil, bio]) func decodingFindsTheBestPath(constraints: TagConstraints?) throws {
    var withPrior = oddShape
    withPrior.tagPrior = 0.5
    var withChain = withPrior
    withChain.tagChain = true
    for (configuration, seed) in [
      (shape, UInt64(4)), (shape, 5), (oddShape, 6), (withPrior, 7), (withChain, 8),
    ] {
      let model = MultiTaskModel(
        configuration: configuration, tagConstraints: constraints, seed: 1, threads: 1, shares: 1)
      try model.load(parameters: lively(configuration, seed: seed))
      let batch = SampleBatch(
        SampleBatch.random(lengths: [5, 1, 4, 2, 5, 5], configuration: configuration, seed: seed))
      let predictions = model.predict(batch.packed)
      // With neither random field nor prior all steps score 0 but for the forbidden ones.
      let none = ["crf.transitions": 25, "crf.start_transitions": 5, "crf.end_transitions": 5].mapValues {
        Array(repeating: 0.0, count: $0)
      }
      let chain = ReferenceChain(
        configuration.chainName == nil ? none : lively(configuration, seed: seed).byName, 5, constraints, penalty: 1e4,
        name: configuration.chainName ?? "crf")
      var first = 0
      for length in batch.lengths {
        // Every other token, as where a word has two.
        for tokens in [Array(first..<first + length), Array(stride(from: first, to: first + length, by: 2))] {
          let emissions = tokens.map { predictions.logits[.words][$0 * 5..<($0 + 1) * 5].map(Double.init) }
          let best = try #require(
            chain.paths(tokens.count).max { chain.score(emissions, path: $0) < chain.score(emissions, path: $1) })
          #expect(model.decode(predictions.logits[.words], tokens: tokens.map { Int32($0) }).map { Int($0) } == best)
        }
        first += length
      }
      #expect(model.decode(predictions.logits[.words], tokens: []) == [])
    }
  }

  @Test func legalStepsAreBIOs() {
    let names = ["O", "B-x", "I-x", "B-y", "I-y"]
    for (from, source) in names.enumerated() {
      for (to, target) in names.enumerated() {
        let legal = !target.hasPrefix("I-") || source.dropFirst() == target.dropFirst()
        #expect(Self.bio.allows(to, after: from) == legal, "\(source) to \(target)")
      }
    }
    #expect((0..<5).map { Self.bio.allowsFirst($0) } == [true, true, false, true, false])
  }

  /// A shape with thousands of tags is made, asked and trained at once: nothing is squared but what decoding needs.
  @Test func aPriorOfManyTagsIsKeptOnce() throws {
    var wide = oddShape
    wide.tagCount = 1000
    var withPrior = wide
    withPrior.tagPrior = 0.5
    let layouts = [ParameterLayout(wide), ParameterLayout(withPrior)]
    // Each share keeps sums of the vector region: a prior, which is never learned, is not in it.
    #expect(layouts[0].vectorCount == layouts[1].vectorCount)
    #expect(layouts[1].learnedCount == layouts[0].learnedCount && layouts[1].count > layouts[0].count + 1_000_000)
    let prior = try #require(layouts[1].prior)
    #expect(prior.transitions >= layouts[1].learnedCount)
  }

  @Test(arguments: [true, false]) func longSentencesAndStrongLogitsStayFinite(isRandomField: Bool) throws {
    var shape = shape
    shape.tagLoss = isRandomField ? .crf : .crossEntropy
    shape.tagChain = true
    shape.maxPositions = 300
    let model = MultiTaskModel(
      configuration: shape, tagConstraints: Self.bio, seed: 1, threads: 1, shares: 1)
    var parameters = lively(shape, seed: 3)
    let index = try #require(parameters.firstIndex { $0.name == "classifier.tags.weight" })
    parameters[index].values = parameters[index].values.map { 30 * $0 }
    try model.load(parameters: parameters)
    let batch = SampleBatch(SampleBatch.random(lengths: [300, 200, 1], configuration: shape, seed: 3))
    let outcome = model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: nil)
    let expected = ReferenceModel(configuration: shape, constraints: Self.bio).forward(parameters.byName, batch)
    if isRandomField {
      #expect(abs(outcome.losses[.words] - expected.losses[.words]) < 1e-4 * expected.losses[.words])
    } else {
      // Marginals below 1e-30 are taken to be that.
      let losses = batch.real(batch.tags).enumerated().filter { (0..<5).contains($0.element) }.map { token, tag in
        min(-expected.logits[.words][token * 5 + Int(tag)], 30 * log(10.0))
      }
      let mean = losses.reduce(0, +) / Double(losses.count)
      #expect(abs(outcome.losses[.words] - mean) < 0.01 * mean)
    }
    #expect(model.gradientNorm.isFinite && model.gradientNorm > 0)
  }
}
