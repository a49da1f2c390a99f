import Testing
import TrainingEvents

@testable import Training

@Suite struct LabelTallyTests {
  @Test func labelsAndConfusionsAreCounted() throws {
    var tally = LabelTally(names: ["x", "y", "z"])
    for (gold, predicted) in [(0, 0), (0, 1), (0, 1), (1, 1), (2, 0), (5, 1)] {
      tally.add(gold: gold, predicted: predicted)
      tally.confuse(gold: gold, predicted: predicted)
    }
    let breakdown = try #require(tally.breakdown())
    #expect(
      breakdown.labels == [
        LabelCounts(name: "x", gold: 3, predicted: 2, correct: 1),
        LabelCounts(name: "y", gold: 1, predicted: 4, correct: 1),
        LabelCounts(name: "z", gold: 1, predicted: 0, correct: 0),
      ])
    #expect(
      breakdown.confusions == [
        Confusion(gold: "x", predicted: "y", count: 2), Confusion(gold: "z", predicted: "x", count: 1),
      ])
    #expect(LabelTally(names: ["x"]).breakdown() == nil)
  }

  @Test func entitiesAreCountedByType() throws {
    let finder = EntitySpans(tags: ["O", "B-P", "I-P", "B-L"])
    var tally = LabelTally(names: finder.types)
    // Gold: P[0,1] L[3,3]; predicted: P[0,0] L[3,3].
    tally.add(predicted: finder.spans(in: [1, 0, 0, 3] as [Int32]), gold: finder.spans(in: [1, 2, 0, 3] as [Int32]))
    #expect(
      try #require(tally.breakdown()).labels == [
        LabelCounts(name: "P", gold: 1, predicted: 1, correct: 0),
        LabelCounts(name: "L", gold: 1, predicted: 1, correct: 1),
      ])
  }
}
