import MultiTaskTransformer
import Testing
import TrainingEvents

@Suite struct DropoutTests {
  let configuration = roundShape
  let sample = SampleBatch(SampleBatch.random(lengths: [16, 9, 1, 12, 16, 14], configuration: roundShape, seed: 1))

  private func model(shares: Int = 1) -> MultiTaskModel {
    MultiTaskModel(configuration: configuration, seed: 1, threads: 1, shares: shares)
  }

  private func probability(_ site: DropoutSite) -> Double {
    switch site {
    case .attentionWeights: Double(configuration.attentionDropout)
    case .pooled, .tagInput: Double(configuration.classifierDropout)
    case .embeddings, .attentionOutput, .feedForwardOutput, .convolutionOutput: Double(configuration.hiddenDropout)
    }
  }

  private func expectedCount(_ site: DropoutSite) -> Int {
    switch site {
    case .attentionWeights: configuration.headCount * sample.lengths.reduce(0) { $0 + $1 * $1 }
    case .pooled: sample.count * configuration.hiddenSize
    default: sample.lengths.reduce(0, +) * configuration.hiddenSize
    }
  }

  @Test func masksDropTheirShareAndScaleTheRest() {
    let model = model()
    for site in dropoutSites(configuration) {
      let mask = model.dropoutMask(site: site, batch: sample.packed, key: 42)
      let chance = probability(site)
      #expect(mask.count == expectedCount(site), "\(site)")
      let kept = mask.filter { $0 != 0 }
      #expect(kept.allSatisfy { abs(Double($0) * (1 - chance) - 1) < 1e-6 }, "\(site)")
      let dropped = Double(mask.count - kept.count)
      let spread = (Double(mask.count) * chance * (1 - chance)).squareRoot()
      #expect(abs(dropped - Double(mask.count) * chance) < 4.5 * spread, "\(site): \(dropped) of \(mask.count)")
    }
  }

  @Test func masksDependOnKeyAndSiteOnly() {
    let (model, shared) = (model(), model(shares: 3))
    let sites = dropoutSites(configuration)
    for site in sites {
      let mask = model.dropoutMask(site: site, batch: sample.packed, key: 1)
      #expect(mask == model.dropoutMask(site: site, batch: sample.packed, key: 1))
      #expect(mask == shared.dropoutMask(site: site, batch: sample.packed, key: 1))
      #expect(mask != model.dropoutMask(site: site, batch: sample.packed, key: 2))
    }
    // Sites of one shape and probability: no two drop the same elements.
    let tokenSites = sites.filter { probability($0) == Double(configuration.hiddenDropout) }
    let masks = tokenSites.map { model.dropoutMask(site: $0, batch: sample.packed, key: 1) }
    #expect(Set(masks).count == masks.count)
  }

  @Test func differentKeysGiveDifferentLosses() {
    let model = model()
    let losses = (1...4).map { key in
      model.forwardBackward(sample.packed, weights: PerTask(1, 1), dropoutKey: UInt64(key)).losses[.words]
    }
    #expect(Set(losses).count == 4)
    let without = model.forwardBackward(sample.packed, weights: PerTask(1, 1), dropoutKey: nil)
    #expect(without.losses[.words] == model.predict(sample.packed).outcome.losses[.words])
  }
}
