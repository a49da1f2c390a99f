import MultiTaskTransformer
import Testing
import TrainingEvents

/// Padding is invisible, and so are the other sentences of a batch.
@Suite struct PaddingTests {
  static let shapes = [oddShape, optionalShape]

  private func sentences(_ shape: ModelConfiguration) -> [SampleBatch.Sentence] {
    SampleBatch.random(lengths: [5, 1, 9, 3], configuration: shape, seed: 8)
  }

  private func model(_ shape: ModelConfiguration) throws -> MultiTaskModel {
    let model = MultiTaskModel(configuration: shape, seed: 1, threads: 1, shares: 2)
    try model.load(parameters: lively(shape, seed: 2))
    return model
  }

  @Test(arguments: shapes, [1, 4, 60]) func addedPaddingChangesNoBit(shape: ModelConfiguration, extra: Int) throws {
    let model = try model(shape)
    let sentences = sentences(shape)
    let (plain, padded) = (SampleBatch(sentences).packed, SampleBatch(sentences, extraPadding: extra).packed)
    let before = model.forwardBackward(plain, weights: PerTask(1, 1), dropoutKey: 3)
    let gradients = model.gradients().map(\.values)
    let after = model.forwardBackward(padded, weights: PerTask(1, 1), dropoutKey: 3)
    #expect(before.losses[.sentence] == after.losses[.sentence] && before.losses[.words] == after.losses[.words])
    #expect(before.total[.words] == after.total[.words] && before.realTokens == after.realTokens)
    #expect(model.gradients().map(\.values) == gradients)
    let (one, two) = (model.predict(plain), model.predict(padded))
    #expect(one.logits[.sentence] == two.logits[.sentence] && one.logits[.words] == two.logits[.words])
  }

  @Test(arguments: shapes) func labelsOnPaddingAreIgnored(shape: ModelConfiguration) throws {
    let model = try model(shape)
    let clean = SampleBatch(sentences(shape), extraPadding: 2)
    var dirty = clean
    for index in dirty.tags.indices where dirty.attentionMask[index] == 0 {
      dirty.tags[index] = 1
      dirty.inputIDs[index] = 5
    }
    let (one, two) = (model.predict(clean.packed).outcome, model.predict(dirty.packed).outcome)
    #expect(
      one.losses[.words] == two.losses[.words] && one.total[.words] == two.total[.words]
        && one.correct[.words] == two.correct[.words])
  }

  @Test(arguments: shapes) func neighboursDoNotMatter(shape: ModelConfiguration) throws {
    let model = try model(shape)
    let sentences = sentences(shape)
    let together = model.predict(SampleBatch(sentences).packed)
    var token = 0
    for (row, sentence) in sentences.enumerated() {
      let alone = model.predict(SampleBatch([sentence]).packed)
      let classes = shape.sentenceClassCount
      let rows = token * shape.tagCount..<(token + sentence.ids.count) * shape.tagCount
      #expect(close(alone.logits[.sentence], together.logits[.sentence][row * classes..<(row + 1) * classes]))
      #expect(close(alone.logits[.words], together.logits[.words][rows]))
      token += sentence.ids.count
    }
  }

  private func close(_ left: [Float], _ right: ArraySlice<Float>) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-4 }
  }
}
