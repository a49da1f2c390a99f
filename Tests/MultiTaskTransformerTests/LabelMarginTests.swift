import Testing
import TrainingEvents

@testable import MultiTaskTransformer

/// How far labels are believed while a batch is trained on.
@Suite struct LabelMarginTests {
  private func ensemble(_ shape: ModelConfiguration, parts: Int = 1, members: Int = 1, threads: Int = 1) throws
    -> ModelEnsemble
  {
    var shape = shape
    shape.members = members
    let ensemble = ModelEnsemble(
      configuration: shape, tagConstraints: nil, seed: 3, threads: threads, shares: 2, parts: parts)
    for (index, member) in ensemble.members.enumerated() {
      try member.load(parameters: lively(shape, seed: UInt64(4 + index)))
    }
    return ensemble
  }

  private func step(_ batch: PackedBatch, on ensemble: ModelEnsemble, key: UInt64? = nil) {
    let step = Step(
      batch, dropoutKey: key, balancer: FixedWeights(PerTask(1, 0.5)), learningRate: 1e-3, weightDecay: 0, clip: 0)
    _ = step.run(on: ensemble)
  }

  /// What the logits say, by the definition; the place of the smallest tag's margin too.
  private func expected(
    _ logits: PerTask<[Float]>, _ batch: PackedBatch, _ shape: ModelConfiguration
  ) -> [PerTask<LabelMargin?>] {
    func margin(_ row: ArraySlice<Float>, _ label: Int32) -> LabelMargin? {
      guard label >= 0, label < row.count else { return nil }
      let others = row.enumerated().filter { $0.offset != Int(label) }
      guard let rival = others.max(by: { $0.element < $1.element }) else { return nil }
      return LabelMargin(row[row.startIndex + Int(label)] - rival.element, rival: Int32(rival.offset))
    }
    func rows(_ values: [Float], _ columns: Int) -> (Int) -> ArraySlice<Float> {
      { values[$0 * columns..<($0 + 1) * columns] }
    }
    let classes = rows(logits.sentence, shape.sentenceClassCount)
    let tags = rows(logits.words, shape.tagCount)
    return (0..<batch.sentenceCount).map { sentence in
      let tokens = batch.tokens(of: sentence)
      let all = tokens.compactMap { token -> LabelMargin? in
        guard var own = margin(tags(token), batch.tagLabels[token]) else { return nil }
        (own.token, own.tokens) = (Int32(token - tokens.lowerBound), Int32(tokens.count))
        return own
      }
      return PerTask(margin(classes(sentence), batch.classLabels[sentence]), all.min { $0.value < $1.value })
    }
  }

  private func isClose(_ found: LabelMargin?, _ expected: LabelMargin?) -> Bool {
    guard let found, let expected else { return found == nil && expected == nil }
    return abs(found.value - expected.value) < 1e-4 && found.rival == expected.rival && found.token == expected.token
      && found.tokens == expected.tokens
  }

  /// With weighted classes, a chain or a random field too: the margins are the logits', whatever the loss is.
  @Test(arguments: [oddShape, optionalShape], [1, 4])
  func theyAreTheLogits(shape: ModelConfiguration, parts: Int) throws {
    for weights in [[], (0..<shape.sentenceClassCount).map { 0.5 + Float($0) }] {
      let model = try ensemble(shape, parts: parts, threads: 2)
      model.sentenceClassWeights = weights
      for sample in trainingBatches(shape, count: 3) {
        let batch = sample.packed
        let expected = expected(model.predict(batch).logits, batch, shape)
        step(batch, on: model)
        let found = model.labelMargins
        #expect(found.count == batch.sentenceCount)
        for (own, expected) in zip(found, expected) {
          #expect(isClose(own.sentence, expected.sentence) && isClose(own.words, expected.words))
        }
      }
    }
  }

  /// A label that is missing or that the model does not know has none.
  @Test func whatIsNotLabelledHasNone() throws {
    let unknown = Int32(oddShape.sentenceClassCount)
    let batch = PackedBatch(
      count: 3, length: 3, inputIDs: [2, 5, 3, 2, 6, 3, 2, 7, 3], attentionMask: Array(repeating: 1, count: 9),
      taskALabels: [-100, 0, unknown], taskBLabels: [-100, 1, -100, -100, -100, -100, -100, 0, -100])
    let model = try ensemble(oddShape)
    step(batch, on: model)
    let found = model.labelMargins
    #expect(found.map { $0.sentence != nil } == [false, true, false])
    #expect(found.map { $0.words != nil } == [true, false, true])
    #expect(found.map { $0.words?.token } == [1, nil, 1] && found.map { $0.words?.tokens } == [3, nil, 3])
  }

  /// Looking at each task by itself leaves nothing behind, and neither does an evaluation.
  @Test func theyAreTheLastStepsAlone() throws {
    let model = try ensemble(oddShape, parts: 4)
    let batches = trainingBatches(oddShape, count: 2).map(\.packed)
    step(batches[0], on: model)
    let before = model.labelMargins
    _ = model.predict(batches[1])
    #expect(model.labelMargins == before)
    _ = model.taskGradients(batches[1], weights: PerTask(1, 1), dropoutKey: nil)
    step(batches[1], on: model)
    #expect(model.labelMargins.count == batches[1].sentenceCount)
  }

  /// What goes to other processes comes out of it, on top of what they have.
  @Test func othersHaveTheSame() throws {
    let batch = trainingBatches(oddShape, count: 1, rows: 9)[0].packed
    let model = try ensemble(oddShape, parts: 4).members[0]
    func margins(_ own: Range<Int>) -> [PerTask<LabelMargin?>] {
      _ = model.makeGradients(batch, parts: own, weights: PerTask(1, 1), dropoutKey: nil, into: model.gradientSet)
      return model.margins.all
    }
    let all = margins(0..<4)
    _ = margins(2..<4)
    let words = model.margins.words
    #expect(margins(0..<2) != all)
    model.margins.take(words)
    #expect(model.margins.all == all)
  }

  /// A value is the members' mean; what the label is mistaken for is the one's who believes it least.
  @Test func membersAreAveraged() throws {
    let model = try ensemble(oddShape, members: 3)
    let batch = trainingBatches(oddShape, count: 1)[0].packed
    step(batch, on: model)
    let own = model.members.map(\.margins.all)
    for (sentence, common) in model.labelMargins.enumerated() {
      for task in ModelTask.allCases {
        let margins = own.compactMap { $0[sentence][task] }
        #expect(margins.count == (common[task] == nil ? 0 : 3))
        guard let common = common[task], let least = margins.min(by: { $0.value < $1.value }) else { continue }
        #expect(abs(common.value - (margins[0].value + margins[1].value + margins[2].value) / 3) < 1e-5)
        #expect(common.rival == least.rival && common.token == least.token)
      }
    }
    #expect(own[0] != own[1])
  }
}
