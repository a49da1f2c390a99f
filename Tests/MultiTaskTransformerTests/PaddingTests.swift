import MultiTaskTransformer
import Testing

/// Padding is invisible, and so are the other sentences of a batch.
@Suite struct PaddingTests {
  private let sentences = SampleBatch.random(lengths: [5, 1, 9, 3], configuration: oddShape, seed: 8)

  private func model() throws -> MultiTaskModel {
    let model = MultiTaskModel(configuration: oddShape, seed: 1, threads: 1, shares: 2)
    try model.load(parameters: lively(oddShape, seed: 2))
    return model
  }

  @Test(arguments: [1, 4, 60]) func addedPaddingChangesNoBit(extra: Int) throws {
    let model = try model()
    let (plain, padded) = (SampleBatch(sentences).packed, SampleBatch(sentences, extraPadding: extra).packed)
    let before = model.forwardBackward(plain, weightA: 1, weightB: 1, dropoutKey: 3)
    let gradients = model.gradients().map(\.values)
    let after = model.forwardBackward(padded, weightA: 1, weightB: 1, dropoutKey: 3)
    #expect(before.lossA == after.lossA && before.lossB == after.lossB)
    #expect(before.totalB == after.totalB && before.realTokens == after.realTokens)
    #expect(model.gradients().map(\.values) == gradients)
    let (one, two) = (model.predict(plain), model.predict(padded))
    #expect(one.logitsA == two.logitsA && one.logitsB == two.logitsB)
  }

  @Test func labelsOnPaddingAreIgnored() throws {
    let model = try model()
    let clean = SampleBatch(sentences, extraPadding: 2)
    var dirty = clean
    for index in dirty.tags.indices where dirty.attentionMask[index] == 0 {
      dirty.tags[index] = 1
      dirty.inputIDs[index] = 5
    }
    let (one, two) = (model.evaluate(clean.packed), model.evaluate(dirty.packed))
    #expect(one.lossB == two.lossB && one.totalB == two.totalB && one.correctB == two.correctB)
  }

  @Test func neighboursDoNotMatter() throws {
    let model = try model()
    let together = model.predict(SampleBatch(sentences).packed)
    var token = 0
    for (row, sentence) in sentences.enumerated() {
      let alone = model.predict(SampleBatch([sentence]).packed)
      let classes = oddShape.sentenceClassCount
      let rows = token * oddShape.tagCount..<(token + sentence.ids.count) * oddShape.tagCount
      #expect(close(alone.logitsA, together.logitsA[row * classes..<(row + 1) * classes]))
      #expect(close(alone.logitsB, together.logitsB[rows]))
      token += sentence.ids.count
    }
  }

  private func close(_ left: [Float], _ right: ArraySlice<Float>) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) < 1e-4 }
  }
}
