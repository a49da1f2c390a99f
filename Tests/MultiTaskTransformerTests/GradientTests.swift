import MultiTaskTransformer
import Testing
import TrainingEvents

/// Every parameter's gradient against central differences of the float64 reference.
@Suite struct GradientTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var configuration = oddShape
    var lengths = [4, 1, 9, 2, 6]
    var extraPadding = 0
    var dropoutKey: UInt64?
    var weights = PerTask<Float>.all(1)
    var classesIgnored = false
    var tagsIgnored = false
    var shares = 1
    var parts = 1
    var tokensPerShare = 1000
    /// Whether some steps from tag to tag are forbidden.
    var isConstrained = false
    var classWeights: [Float] = []
    /// Most elements of a tensor to probe.
    var probes = 40

    /// Ragged, with ignored labels, one class and one tag not seen in training.
    var batch: SampleBatch {
      var sentences = SampleBatch.random(lengths: lengths, configuration: configuration, seed: 11)
      sentences[1].label = -100
      sentences[3].label = Int32(configuration.sentenceClassCount)
      sentences[2].tags[3] = Int32(configuration.tagCount) + 1
      sentences[2].tags[4] = 0
      for row in sentences.indices where classesIgnored { sentences[row].label = -100 }
      for row in sentences.indices where tagsIgnored {
        sentences[row].tags = Array(repeating: -100, count: sentences[row].ids.count)
      }
      return SampleBatch(sentences, extraPadding: extraPadding)
    }

    func changed(_ change: (inout ModelConfiguration) -> Void) -> Case {
      var changed = self
      change(&changed.configuration)
      return changed
    }
  }

  static let cases: [Case] = [
    Case(testDescription: "plain, odd sizes"),
    Case(testDescription: "round sizes, two shares", configuration: roundShape, shares: 2, probes: 12),
    Case(testDescription: "padded, dropout, three shares", extraPadding: 4, dropoutKey: 7, shares: 3),
    Case(testDescription: "dropout, round sizes", configuration: roundShape, dropoutKey: 8, probes: 12),
    Case(testDescription: "task weights, dropout", dropoutKey: 9, weights: PerTask(0.3, 1.7), probes: 12),
    Case(testDescription: "every tag ignored", dropoutKey: 10, weights: PerTask(2, 1), tagsIgnored: true, probes: 8),
    Case(
      testDescription: "every class ignored", extraPadding: 1, weights: PerTask(1, 0.5), classesIgnored: true,
      shares: 2, probes: 8),
    // Longer than any block of the attention kernel; in one layer to save time.
    Case(testDescription: "long sentences", lengths: [70, 3, 7, 2, 129], dropoutKey: 11, probes: 2).changed {
      $0.maxPositions = 130
      $0.layerCount = 1
    },
    Case(testDescription: "pre-norm", dropoutKey: 12, probes: 12).changed { $0.normalization = .pre },
    Case(testDescription: "relative positions", dropoutKey: 13, shares: 2, probes: 12).changed {
      $0.positions = .relative
      $0.relativeClip = 3
    },
    Case(testDescription: "convolution", dropoutKey: 14, shares: 2, probes: 12).changed { $0.convolution = true },
    Case(
      testDescription: "wide rows that lie apart, gradients in tiles", configuration: roundShape, dropoutKey: 22,
      shares: 2, probes: 6
    ).changed {
      $0.intermediateSize = 1024
      $0.layerCount = 1
      $0.convolution = true
    },
    Case(testDescription: "n-grams", dropoutKey: 15, probes: 12).changed {
      $0.nGramBuckets = 11
      $0.embeddingDropout = 0.4
    },
    Case(testDescription: "label smoothing", weights: PerTask(2, 1), probes: 8).changed { $0.labelSmoothing = 0.1 },
    Case(
      testDescription: "class weights", weights: PerTask(0.6, 1), shares: 3, classWeights: [0.4, 1.7, 3], probes: 25),
    Case(testDescription: "class weights and smoothing", shares: 2, classWeights: [2.5, 0.3, 1], probes: 25).changed {
      $0.labelSmoothing = 0.2
    },
    Case(
      testDescription: "class weights, every class ignored", classesIgnored: true, classWeights: [2, 1, 3], probes: 3),
    Case(testDescription: "random field", dropoutKey: 16, weights: PerTask(1, 0.7), shares: 2, probes: 25).changed {
      $0.tagLoss = .crf
    },
    Case(testDescription: "random field, forbidden steps", isConstrained: true, probes: 12).changed {
      $0.tagLoss = .crf
    },
    Case(testDescription: "random field, every tag ignored", tagsIgnored: true, probes: 3).changed {
      $0.tagLoss = .crf
    },
    Case(testDescription: "marginals", dropoutKey: 20, weights: PerTask(1, 0.7), shares: 2, probes: 25).changed {
      $0.tagChain = true
    },
    Case(testDescription: "marginals, forbidden steps", isConstrained: true, probes: 25).changed { $0.tagChain = true },
    Case(testDescription: "marginals, every tag ignored", tagsIgnored: true, probes: 3).changed { $0.tagChain = true },
    Case(testDescription: "class prior", dropoutKey: 22, weights: PerTask(1, 0.7), probes: 12).changed {
      $0.classPrior = 2
    },
    Case(
      testDescription: "class prior of n-grams, micro-batches, three shares", dropoutKey: 23, shares: 3,
      tokensPerShare: 4, classWeights: [0.4, 1.7, 3], probes: 12
    ).changed {
      $0.nGramBuckets = 11
      $0.classPrior = 0.5
    },
    Case(
      testDescription: "every option", configuration: optionalShape, extraPadding: 2, dropoutKey: 17,
      weights: PerTask(0.5, 1),
      shares: 3, probes: 12),
    Case(
      testDescription: "micro-batches, one of them a single sentence", dropoutKey: 18, tokensPerShare: 6, probes: 20),
    Case(
      testDescription: "micro-batches, every option, two shares", configuration: optionalShape, extraPadding: 2,
      dropoutKey: 19, weights: PerTask(1, 0.4), shares: 2, tokensPerShare: 4, classWeights: [0.4, 1.7, 3], probes: 12),
    Case(testDescription: "four parts", dropoutKey: 20, weights: PerTask(1, 0.6), parts: 4, probes: 12),
    // Of five sentences, so that some parts are empty.
    Case(
      testDescription: "eight parts, micro-batches, every option", configuration: optionalShape, extraPadding: 2,
      dropoutKey: 21, weights: PerTask(1, 0.4), shares: 2, parts: 8, tokensPerShare: 4, classWeights: [0.4, 1.7, 3],
      probes: 12),
  ]

  @Test(arguments: cases) func everyTensorMatchesCentralDifferences(_ test: Case) throws {
    let constraints =
      test.isConstrained ? TagConstraints([.other, .begins("x"), .continues("x"), .begins("y"), .continues("y")]) : nil
    let model = MultiTaskModel(
      configuration: test.configuration, tagConstraints: constraints, seed: 1, threads: 1, shares: test.shares,
      parts: test.parts, tokensPerShare: test.tokensPerShare)
    let parameters = lively(test.configuration, seed: 5)
    try model.load(parameters: parameters)
    model.sentenceClassWeights = test.classWeights
    let batch = test.batch
    let masks = test.dropoutKey.map { dropoutMasks(model, batch.packed, key: $0) } ?? [:]
    var reference = ReferenceModel(configuration: test.configuration, constraints: constraints)
    reference.classWeights = test.classWeights.map(Double.init)

    let outcome = model.forwardBackward(
      batch.packed, weights: test.weights, dropoutKey: test.dropoutKey)
    let expected = reference.forward(parameters.byName, batch, masks: masks)
    #expect(abs(outcome.losses[.sentence] - expected.losses[.sentence]) <= 1e-5 * max(1, expected.losses[.sentence]))
    #expect(abs(outcome.losses[.words] - expected.losses[.words]) <= 1e-5 * max(1, expected.losses[.words]))
    #expect(
      outcome.correct[.sentence] == expected.correct[.sentence] && outcome.total[.sentence] == expected.total[.sentence]
    )
    #expect(outcome.correct[.words] == expected.correct[.words] && outcome.total[.words] == expected.total[.words])
    #expect(outcome.realTokens == batch.lengths.reduce(0, +))

    let chosen = probes(
      test.configuration, batch, seed: 13, large: min(test.probes, 32), small: test.probes)
    let numeric = numericGradient(
      reference, parameters.byName, batch, masks: masks, weights: test.weights.map { Double($0) }, at: chosen)
    let gradients = model.gradients().byName
    #expect(Set(gradients.keys) == Set(numeric.keys))
    let probed = Dictionary(
      uniqueKeysWithValues: chosen.map { name, indices in (name, indices.map { gradients[name]?[$0] ?? .nan }) })
    for (name, error) in relativeErrors(probed, numeric).sorted(by: { $0.key < $1.key }) {
      #expect(error <= 1e-4, "\(name): \(error)")
    }
  }

  @Test func rowsOutsideTheBatchHaveNoGradient() throws {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    let batch = SampleBatch(
      SampleBatch.random(lengths: [3, 5, 2, 4], configuration: oddShape, seed: 2, vocabulary: 9), extraPadding: 3)
    // A first pass over other words, so that a gradient left behind would be found.
    let other = SampleBatch(SampleBatch.random(lengths: [12, 9, 12], configuration: oddShape, seed: 3))
    model.forwardBackward(other.packed, weights: PerTask(1, 1), dropoutKey: 1)
    model.forwardBackward(batch.packed, weights: PerTask(1, 1), dropoutKey: 2)
    let gradients = model.gradients().byName
    let used = Set(batch.real(batch.inputIDs).map { Int($0) })
    try expectZero(gradients, "embeddings.word_embeddings.weight") { !used.contains($0) }
    try expectZero(gradients, "embeddings.position_embeddings.weight") { $0 >= 5 }
    try expectZero(gradients, "embeddings.token_type_embeddings.weight") { $0 == 1 }
  }

  private func expectZero(_ gradients: [String: [Double]], _ name: String, rows: (Int) -> Bool) throws {
    let table = try #require(gradients[name])
    let width = oddShape.hiddenSize
    for row in 0..<table.count / width {
      let isZero = table[row * width..<(row + 1) * width].allSatisfy { $0 == 0 }
      #expect(isZero == rows(row), "\(name), row \(row)")
    }
  }

  @Test func jointGradientIsTheWeightedSumOfBothTasks() throws {
    let model = MultiTaskModel(configuration: roundShape, seed: 1, threads: 1, shares: 1)
    try model.load(parameters: lively(roundShape, seed: 4))
    let batch = SampleBatch(SampleBatch.random(lengths: [4, 7, 1], configuration: roundShape, seed: 6)).packed
    func gradients(_ weights: PerTask<Float>) -> [String: [Double]] {
      model.forwardBackward(batch, weights: weights, dropoutKey: 5)
      return model.gradients().byName
    }
    let (onlyA, onlyB, joint) = (gradients(PerTask(1, 0)), gradients(PerTask(0, 1)), gradients(PerTask(0.5, 2)))
    let sum = joint.keys.reduce(into: [String: [Double]]()) { sums, name in
      sums[name] = zip(onlyA[name] ?? [], onlyB[name] ?? []).map { 0.5 * $0 + 2 * $1 }
    }
    for (name, error) in relativeErrors(joint, sum) { #expect(error <= 1e-5, "\(name): \(error)") }
    // The shared encoder learns from both tasks, each head from its own only.
    let shared = "encoder.layer.0.attention.self.query.weight"
    #expect(norm(onlyA[shared] ?? []) > 1e-3 && norm(onlyB[shared] ?? []) > 1e-3)
    #expect(norm(onlyB["classifier.sentence.weight"] ?? [1]) == 0)
    #expect(norm(onlyA["classifier.tags.weight"] ?? [1]) == 0)
  }
}

/// Every site's multipliers, as the reference takes them.
func dropoutMasks(_ model: MultiTaskModel, _ batch: PackedBatch, key: UInt64) -> ReferenceModel.Masks {
  dropoutSites(model.configuration).reduce(into: [:]) { masks, site in
    masks[site] = model.dropoutMask(site: site, batch: batch, key: key).map(Double.init)
  }
}

func dropoutSites(_ configuration: ModelConfiguration) -> [DropoutSite] {
  [.embeddings, .pooled, .tagInput]
    + (0..<configuration.layerCount).flatMap { layer in
      [.attentionWeights(layer: layer), .attentionOutput(layer: layer), .feedForwardOutput(layer: layer)]
        + (configuration.convolution ? [.convolutionOutput(layer: layer)] : [])
    }
}
