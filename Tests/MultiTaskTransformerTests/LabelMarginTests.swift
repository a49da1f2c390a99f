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

  /// What the logits say, by the definition.
  private func expected(_ logits: PerTask<[Float]>, _ batch: PackedBatch, _ shape: ModelConfiguration) -> BatchMargins {
    func margins(_ values: [Float], _ columns: Int, _ labels: [Int32]) -> [LabelMargin?] {
      labels.enumerated().map { row, label in
        guard 0..<Int32(columns) ~= label else { return nil }
        let own = values[row * columns..<(row + 1) * columns]
        let others = own.enumerated().filter { $0.offset != Int(label) }
        guard let rival = others.max(by: { $0.element < $1.element }) else { return nil }
        return LabelMargin(own[own.startIndex + Int(label)] - rival.element, rival: Int32(rival.offset))
      }
    }
    return BatchMargins(
      classes: margins(logits.sentence, shape.sentenceClassCount, batch.classLabels),
      tags: margins(logits.words, shape.tagCount, batch.tagLabels))
  }

  private func areClose(_ found: [LabelMargin?], _ expected: [LabelMargin?]) -> Bool {
    found.count == expected.count
      && zip(found, expected).allSatisfy { found, expected in
        guard let found, let expected else { return found == nil && expected == nil }
        return abs(found.value - expected.value) < 1e-4 && found.rival == expected.rival
      }
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
        #expect(areClose(found.classes, expected.classes) && areClose(found.tags, expected.tags))
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
    #expect(found.classes.map { $0 != nil } == [false, true, false])
    #expect(found.tags.indices.filter { found.tags[$0] != nil } == [1, 7])
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
    #expect(model.labelMargins.classes.count == batches[1].sentenceCount)
    #expect(model.labelMargins.tags.count == batches[1].tokenCount)
  }

  /// What goes to other processes comes out of it, on top of what they have.
  @Test func othersHaveTheSame() throws {
    let batch = trainingBatches(oddShape, count: 1, rows: 9)[0].packed
    let model = try ensemble(oddShape, parts: 4).members[0]
    func margins(_ own: Range<Int>) -> BatchMargins {
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
    for list in [\BatchMargins.classes, \.tags] {
      for (place, common) in model.labelMargins[keyPath: list].enumerated() {
        let margins = own.compactMap { $0[keyPath: list][place] }
        #expect(margins.count == (common == nil ? 0 : 3))
        guard let common, let least = margins.min(by: { $0.value < $1.value }) else { continue }
        #expect(abs(common.value - (margins[0].value + margins[1].value + margins[2].value) / 3) < 1e-5)
        #expect(common.rival == least.rival)
      }
    }
    #expect(own[0] != own[1])
  }
}
