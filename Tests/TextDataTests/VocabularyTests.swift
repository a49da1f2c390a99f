import Foundation
import Testing

@testable import TextData

@Suite struct VocabularyTests {
  private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]

  @Test func isOrderedByFrequencyThenBytes() throws {
    let folder = try TemporaryFolder(["train/seq.in": "b a c\nc é a Z\nc [PAD]\n", "train/label": "k\nk\nk\n"])
    let data = try folder.load()
    #expect(data.vocabulary == Self.special + ["c", "a", "Z", "b", "é"])
    #expect(padded(data.train, rows: [2], padTo: nil).inputIDs == [2, 4, 1, 3], "a word [PAD] is no padding")
    let frequent = try folder.load(minimumCount: 2)
    #expect(frequent.vocabulary == Self.special + ["c", "a"])
    #expect(padded(frequent.train, rows: [0], padTo: nil).inputIDs == [2, 1, 5, 4, 3])
  }

  @Test func lowercaseMergesSpellings() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "Über über ÜBER Straße\nThe the\n", "train/label": "k\nk\n", "dev/seq.in": "THE İ STRASSE",
      "dev/label": "k",
    ])
    let data = try folder.load(lowercase: true)
    #expect(data.vocabulary == Self.special + ["über", "the", "straße"])
    #expect(data.encoding.tokenizer.lowercase)
    #expect(padded(try #require(data.dev), rows: [0], padTo: nil).inputIDs == [2, 5, 1, 1, 3])
    #expect(try folder.load().vocabulary.count == 10)
  }

  @Test func canonicallyEquivalentSpellingsStayApart() throws {
    let folder = try TemporaryFolder(["train/seq.in": "\u{E9} e\u{301} \u{E9}\n", "train/label": "k\n"])
    let data = try folder.load()
    #expect(data.vocabulary.count == 6)
    #expect(padded(data.train, rows: [0], padTo: nil).inputIDs == [2, 4, 5, 4, 3])
  }

  @Test func aCheckpointEncodesAsTrainingDid() throws {
    let folder = try TemporaryFolder(["train/seq.in": "Play Blue Train\n", "train/label": "k\n"])
    let data = try folder.load(lowercase: true)
    let stored = try JSONEncoder().encode(data.encoding)
    let encoding = try JSONDecoder().decode(TextEncoding.self, from: stored)
    #expect(encoding == data.encoding)
    let split = encoding.encode([["play", "BLUE", "Moon"], []], with: encoding.makeTokenizer())
    #expect(
      padded(split, rows: [0], padTo: nil).inputIDs.dropLast(2)
        == padded(
          data.train, rows: [0], padTo: nil
        ).inputIDs.dropLast(2))
    #expect(padded(split, rows: [0, 1], padTo: nil).inputIDs.dropFirst(3) == [1, 3, 2, 3, 0, 0, 0])
    #expect(split.sentenceClass(of: 0) == ignoredLabel)
    #expect(split.goldTags(of: 0).isEmpty)
  }

  @Test func stringTableNumbersByFirstAppearance() {
    var generator = SplitMix64(seed: 2)
    var table = StringTable()
    var reference: [String: Int32] = [:]
    var wrong: [String] = []
    for _ in 0..<20_000 {
      let word = String(generator.below(6_000), radix: 36)
      let expected = reference[word] ?? Int32(reference.count)
      if table.intern(word) != expected { wrong.append(word) }
      reference[word] = expected
    }
    #expect(wrong.isEmpty)
    #expect(table.count == reference.count)
    #expect(reference.allSatisfy { table.find($0.key) == $0.value && table.string($0.value) == $0.key })
    #expect(table.find("not there") == nil)
  }
}
