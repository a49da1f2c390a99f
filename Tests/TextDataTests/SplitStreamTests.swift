import Testing

@testable import TextData

/// Data that meets a vocabulary and labels that are fixed already.
@Suite struct SplitStreamTests {
  private let encoding = TextEncoding(
    tokenizer: TokenizerConfiguration(lowercase: true),
    vocabulary: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "stop"], sentenceClasses: ["stop", "play"],
    tags: ["O", "B-song"], maxLength: 5)

  /// The parts of a split, and the stream once it is read.
  private func read(
    _ source: DataOptions.Source, _ split: SplitName, _ encoding: TextEncoding? = nil
  ) throws -> (parts: [EncodedPart], stream: SplitStream) {
    var stream = try SplitStream(source, split: split, encoding: encoding ?? self.encoding)
    var parts: [EncodedPart] = []
    try stream.read { part in
      parts.append(part)
      return true
    }
    return (parts, stream)
  }

  @Test func labelsKeepTheNumbersOfTheModel() throws {
    let folder = try TemporaryFolder([
      "test.conll": "# intent: play\nPLAY\tO\nx\tB-song\ny\tI-song\nz\tO\n\n# intent: sing\nstop\tO\n",
      "valid/seq.in": "play\n", "valid/label": "play\n",
    ])
    let (parts, stream) = try read(.folder(folder.path), .test)
    let part = try #require(parts.first)
    #expect(parts.count == 1)
    #expect(part.split.sentenceClass(of: 0) == 1)
    #expect(part.split.sentenceClass(of: 1) == 2)
    #expect(part.split.goldTags(of: 0) == [0, 1, 2, 0])
    #expect(part.classes == ["stop", "play", "sing"])
    #expect(part.tags == ["O", "B-song", "I-song"])
    #expect(padded(part.split, rows: [0], padTo: nil).inputIDs == [2, 4, 1, 1, 3])
    #expect(stream.remarks.count == 3)
    #expect(stream.remarks.last?.hasSuffix("first at \(folder.path)/test.conll:4.") == true)
    #expect(try read(.folder(folder.path), .dev).parts[0].split.sentenceClass(of: 0) == 1)
    #expect(try read(.folder(folder.path + "/valid"), .test).stream.count == 1)
    #expect(try read(.files(train: [], dev: [], test: [folder.path + "/test.conll"]), .test).stream.count == 2)
    #expect(throws: DataError(kind: .missing, description: "\(folder.path): there is no train data in it")) {
      try read(.folder(folder.path), .train)
    }
  }

  @Test func theDemoCorpusEncodesTheSameBothWays() throws {
    let data = try TextDataset.load(DataOptions(source: .demo, lowercase: true, minimumCount: 2, maxLength: 12))
    let test = try #require(data.test)
    let again = try read(.demo, .test, data.encoding).parts
    #expect(again.reduce(0) { $0 + $1.split.count } == test.count)
    for part in again {
      let rows = (0..<Int32(part.split.count)).map { $0 }
      let same = rows.map { $0 + Int32(part.firstSentence) }
      #expect(padded(part.split, rows: rows, padTo: 12) == padded(test, rows: same, padTo: 12))
    }
  }
}
