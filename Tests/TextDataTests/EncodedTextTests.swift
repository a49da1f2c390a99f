import Testing

@testable import TextData

/// Data that meets a vocabulary and labels that are fixed already.
@Suite struct EncodedTextTests {
  private let encoding = TextEncoding(
    tokenizer: TokenizerConfiguration(lowercase: true),
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "stop"], sentenceClasses: ["stop", "play"],
    tags: ["O", "B-song"], maxLength: 5)

  @Test func labelsKeepTheNumbersOfTheModel() throws {
    let folder = try TemporaryFolder([
      "test.conll": "# intent: play\nPLAY\tO\nx\tB-song\ny\tI-song\nz\tO\n\n# intent: sing\nstop\tO\n",
      "valid/seq.in": "play\n", "valid/label": "play\n",
    ])
    let test = try encoding.load(.folder(folder.path), split: .test)
    #expect(test.split.sentenceClass(of: 0) == 1)
    #expect(test.split.sentenceClass(of: 1) == 2)
    #expect(test.split.goldTags(of: 0) == [0, 1, 2, 0])
    #expect(test.unseenClasses == ["sing"])
    #expect(test.unseenTags == ["I-song"])
    #expect(collate(test.split, rows: [0], padTo: nil).inputIDs == [2, 4, 1, 1, 3])
    #expect(test.remarks.count == 3)
    #expect(test.remarks.last?.hasSuffix("first at \(folder.path)/test.conll:4.") == true)
    #expect(try encoding.load(.folder(folder.path), split: .dev).split.sentenceClass(of: 0) == 1)
    #expect(try encoding.load(.folder(folder.path + "/valid"), split: .test).split.count == 1)
    #expect(
      try encoding.load(.files(train: [], dev: [], test: [folder.path + "/test.conll"]), split: .test).split.count == 2)
    #expect(throws: DataError(kind: .missing, description: "\(folder.path): there is no train data in it")) {
      try encoding.load(.folder(folder.path), split: .train)
    }
  }

  @Test func theDemoCorpusEncodesTheSameBothWays() throws {
    let data = try TextDataset.load(DataOptions(source: .demo, lowercase: true, minimumCount: 2, maxLength: 12))
    let test = try #require(data.test)
    let again = try data.encoding.load(.demo, split: .test).split
    #expect(again.count == test.count)
    let rows = (0..<Int32(test.count)).map { $0 }
    #expect(collate(again, rows: rows, padTo: nil) == collate(test, rows: rows, padTo: nil))
  }

  @Test func sentencesStreamOneAtATime() throws {
    let folder = try TemporaryFolder([
      "a.jsonl": "{\"text\":\"b c\",\"label\":\"x\"}\n{\"tokens\":[],\"label\":\"x\"}\n"
    ])
    var seen: [String] = []
    let remarks = try readSentences(at: folder.path + "/a.jsonl") { sentence in
      seen.append(
        "\(sentence.line) \(sentence.labelString ?? "") \((0..<sentence.wordCount).map { sentence.word($0) })")
    }
    #expect(seen == ["1 x [\"b\", \"c\"]"])
    #expect(remarks == ["\(folder.path)/a.jsonl:2: 1 object without words skipped."])
  }
}
