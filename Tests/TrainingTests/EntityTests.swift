import Testing

@testable import Training

@Suite struct EntityTests {
  /// Spans as `type[first,last]`, of a sequence of tag strings.
  private func spans(_ text: String) -> [String] {
    let tags = text.split(separator: " ").map(String.init)
    let finder = EntitySpans(tags: tags)
    return finder.spans(in: tags.indices.map { Int32($0) }).map {
      "\(finder.types[$0.type])[\($0.words.lowerBound),\($0.words.upperBound)]"
    }
  }

  /// seqeval's own answers in its default mode.
  @Test(arguments: [
    ("I-P I-P O", ["P[0,1]"]),
    ("B-P I-L I-L", ["P[0,0]", "L[1,2]"]),
    ("B-P I-P O I-P", ["P[0,1]", "P[3,3]"]),
    ("B I O", ["_[0,1]"]),
    ("B-from-loc I-from-loc", ["from-loc[0,1]"]),
    ("PER PER O LOC", ["ER[0,1]", "OC[3,3]"]),
    ("ORG ORG O", []),
    ("U-P U-P B-L L-L", ["P[0,1]", "L[2,3]"]),
    ("S-P S-P B-L E-L E-L I-L", ["P[0,0]", "P[1,1]", "L[2,3]", "L[4,4]", "L[5,5]"]),
    ("O O O", []),
    ("B-P B-P I-P", ["P[0,0]", "P[1,2]"]),
    ("O B-P", ["P[1,1]"]),
  ])
  func spansAreSeqevals(text: String, expected: [String]) {
    #expect(spans(text) == expected)
  }

  @Test func anEmptySentenceHasNone() {
    #expect(EntitySpans(tags: ["O"]).spans(in: [Int32]()).isEmpty)
  }

  @Test func f1CountsWholeSpansOfTheRightType() {
    let finder = EntitySpans(tags: ["O", "B-P", "I-P", "B-L"])
    var f1 = EntityF1()
    // Gold: P[0,1] L[3,3]; predicted: P[0,0] L[3,3].
    f1.add(predicted: finder.spans(in: [1, 0, 0, 3] as [Int32]), gold: finder.spans(in: [1, 2, 0, 3] as [Int32]))
    #expect(f1.precision == 0.5 && f1.recall == 0.5 && f1.f1 == 0.5)
    // Gold: P[0,0]; predicted: L[0,0].
    f1.add(predicted: finder.spans(in: [3] as [Int32]), gold: finder.spans(in: [1] as [Int32]))
    #expect(f1.correct == 1 && f1.predicted == 3 && f1.gold == 3)
  }

  @Test func nothingAgainstNothingIsZero() {
    #expect(EntityF1().f1 == 0 && EntityF1().precision == 0 && EntityF1().recall == 0)
  }
}
