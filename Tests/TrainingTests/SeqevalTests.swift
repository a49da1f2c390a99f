import Foundation
import Testing

@testable import Training

/// Entity figures against seqeval's own, on random tag sequences of every scheme.
///
/// `Fixtures/seqeval_parity.py` wrote them, and writes more: the environment variable `MTT_SEQEVAL` names another file.
@Suite struct SeqevalTests {
  private struct Block {
    var scheme: EntityScheme
    var gold: [[String]] = []
    var predicted: [[String]] = []
    /// micro, macro and weighted precision, recall and F1; nil where seqeval has none.
    var normal: [Double]?
    var strict: [Double]?
  }

  private func blocks() throws -> [Block] {
    let path =
      ProcessInfo.processInfo.environment["MTT_SEQEVAL"]
      ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/seqeval.txt").path
    var blocks: [Block] = []
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      switch words[0] {
      case "scheme": blocks.append(Block(scheme: try #require(EntityScheme(rawValue: words[1]))))
      case "default", "strict":
        let figures = words.compactMap { Double($0) }
        let found = words[1] == "none" ? nil : figures
        if words[0] == "default" {
          blocks[blocks.count - 1].normal = found
        } else {
          blocks[blocks.count - 1].strict = found
        }
      default:
        let sides = line.components(separatedBy: " | ").map { $0.split(separator: " ").map(String.init) }
        blocks[blocks.count - 1].gold.append(sides[0])
        blocks[blocks.count - 1].predicted.append(sides[1])
      }
    }
    return blocks
  }

  private func figures(_ scores: EntityScores) -> [Double] {
    [scores.micro, scores.macro, scores.weighted].flatMap { [$0.precision, $0.recall, $0.f1] }
  }

  private func agree(_ ours: [Double], _ theirs: [Double]?) -> Bool {
    // What seqeval cannot say, having no entity to judge, is 0 here.
    let theirs = theirs ?? [Double](repeating: 0, count: ours.count)
    return ours.count == theirs.count && zip(ours, theirs).allSatisfy { abs($0 - $1) < 1e-12 }
  }

  @Test func entityFiguresAreSeqevals() throws {
    let blocks = try blocks()
    #expect(blocks.count >= 400 && Set(blocks.map(\.scheme)).count == 4)
    #expect(blocks.count { $0.strict != nil } > blocks.count / 2)
    for block in blocks {
      let names = Array(Set((block.gold + block.predicted).joined()).union(["O"])).sorted()
      var ids: [String: Int32] = [:]
      for (id, name) in names.enumerated() { ids[name] = Int32(id) }
      let normal = EntitySpans(tags: names)
      let strict = try #require(StrictSpans(tags: names, scheme: block.scheme))
      var normalScores = EntityScores()
      var strictScores = EntityScores()
      for (gold, predicted) in zip(block.gold, block.predicted) {
        let (gold, predicted) = (gold.compactMap { ids[$0] }, predicted.compactMap { ids[$0] })
        normalScores.add(predicted: normal.spans(in: predicted), gold: normal.spans(in: gold))
        strictScores.add(predicted: strict.spans(in: predicted), gold: strict.spans(in: gold))
      }
      #expect(agree(figures(normalScores), block.normal), "\(block)")
      #expect(agree(figures(strictScores), block.strict), "\(block)")
    }
  }

  /// The table of the format notes, strict IOB2.
  @Test(arguments: [
    ("I-P I-P O", ""), ("B-P I-L I-L", "P[0,0]"), ("B-P I-P O I-P", "P[0,1]"), ("B I O", "_[0,1]"),
    ("B-from-loc I-from-loc", "from-loc[0,1]"), ("PER PER O LOC", "error"), ("U-P U-P B-L L-L", "error"),
    ("S-P S-P B-L E-L E-L I-L", "error"),
  ])
  func strictSpansAreSeqevals(text: String, expected: String) {
    let tags = text.split(separator: " ").map(String.init)
    guard let finder = StrictSpans(tags: tags, scheme: .iob2) else {
      #expect(expected == "error")
      return
    }
    let spans = finder.spans(in: tags.indices.map { Int32($0) }).map {
      "\(finder.types[$0.type])[\($0.words.lowerBound),\($0.words.upperBound)]"
    }
    #expect(spans.joined(separator: " ") == expected)
  }
}
