import Testing

@testable import TextData

/// What must hold for every batch, on random rows.
@Suite struct CollationTests {
  /// Splits every word into its letters: a tokenizer with several tokens a word.
  struct LetterTokenizer: Tokenizer {
    let vocabulary = SpecialToken.allCases.map(\.rawValue) + "abcdefghijklmnopqrstuvwxyz".map(String.init)

    func appendTokens(of word: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
      if word.isEmpty { ids.append(SpecialToken.unknown.id) }
      for letter in word { ids.append(Int32(letter - 0x61) + 4) }
    }
  }

  /// A split of `rows` random rows; words have one letter, or up to four if `pieces`.
  static func split(rows: Int, seed: UInt64, pieces: Bool, maxLength: Int, longest: Int = 30) -> EncodedSplit {
    var generator = SplitMix64(seed: seed)
    var table = StringTable()
    var words: [Int32] = []
    var tags: [Int16] = []
    var starts = [0]
    var classes: [Int32] = []
    for _ in 0..<rows {
      for _ in 0..<generator.below(longest + 1) {
        let letters = (0..<(pieces ? 1 + generator.below(4) : 1)).map { _ in
          UInt8(0x61 + generator.below(26))
        }
        words.append(letters.withUnsafeBufferPointer { table.intern($0) })
        tags.append(Int16(generator.below(5)))
      }
      starts.append(words.count)
      classes.append(generator.chance(20) ? ignoredLabel : Int32(generator.below(3)))
    }
    return EncodedSplit(
      words: words, tags: tags, wordStarts: starts, classes: classes,
      pieces: PieceTable(table, tokenizer: LetterTokenizer()), maxLength: maxLength)
  }

  @Test(arguments: [false, true], [6, 40, 200])
  func everyBatchKeepsItsPromises(pieces: Bool, maxLength: Int) {
    let split = Self.split(rows: 50, seed: UInt64(maxLength), pieces: pieces, maxLength: maxLength)
    var reused = Batch()
    for start in stride(from: 0, to: 50, by: 7) {
      let rows = (start..<min(start + 7, 50)).map { Int32($0) }
      for padTo in [nil, 3, 64] {
        let batch = collate(split, rows: rows, padTo: padTo)
        collate(split, rows: rows, padTo: padTo, into: &reused)
        #expect(batch == reused)
        check(padded(split, rows: rows, padTo: padTo), split, rows, padTo)
        let lengths = rows.map { split.length(of: Int($0)) }
        #expect(batch.starts.last.map { Int($0) } == lengths.reduce(0, +))
        #expect(rows.indices.map { batch.tokens(of: $0).count } == lengths)
      }
    }
  }

  private func check(_ batch: PaddedBatch, _ split: EncodedSplit, _ rows: [Int32], _ padTo: Int?) {
    let longest = rows.map { split.length(of: Int($0)) }.max() ?? 0
    #expect(batch.count == rows.count)
    #expect(batch.length == max(longest, padTo ?? 0))
    #expect(batch.taskALabels == rows.map { split.sentenceClass(of: Int($0)) })
    let sizes = [batch.inputIDs, batch.attentionMask, batch.taskBLabels].map(\.count)
    #expect(sizes.allSatisfy { $0 == batch.count * batch.length })
    for (index, row) in rows.enumerated() {
      let range = index * batch.length..<(index + 1) * batch.length
      let ids = Array(batch.inputIDs[range])
      let mask = Array(batch.attentionMask[range])
      let labels = Array(batch.taskBLabels[range])
      let length = split.length(of: Int(row))
      #expect(length <= split.maxLength)
      #expect(ids[0] == SpecialToken.cls.id)
      #expect(ids[length - 1] == SpecialToken.sep.id)
      #expect(ids[length...].allSatisfy { $0 == SpecialToken.pad.id })
      #expect(ids[1..<length - 1].allSatisfy { $0 >= 4 })
      #expect(mask == (0..<batch.length).map { $0 < length ? 1 : 0 })
      let positions = split.wordPositions(of: Int(row))
      let gold = split.goldTags(of: Int(row))
      #expect(gold.count == split.wordCount(of: Int(row)))
      #expect(positions.count <= gold.count)
      var expected = [Int32](repeating: ignoredLabel, count: batch.length)
      for (position, tag) in zip(positions, gold) { expected[Int(position)] = tag }
      #expect(labels == expected)
    }
  }

  @Test func truncationKeepsSeparatorAndGoldTags() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "a b c d e f\na b\n", "train/seq.out": "O O O O B-x I-x\nO O\n", "train/label": "k\nk\n",
    ])
    let data = try folder.load(maxLength: 5)
    #expect(data.train.length(of: 0) == 5)
    #expect(data.train.wordPositions(of: 0) == [1, 2, 3])
    #expect(data.train.goldTags(of: 0).map { data.tags[Int($0)] } == ["O", "O", "O", "O", "B-x", "I-x"])
    #expect(data.train.truncatedRows == 1)
    #expect(data.train.cutWords == 3)
    #expect(
      data.remarks == [
        "train: 1 of 2 sentences cut to 5 tokens, 3 words without a prediction (predicted O, counted as missed)."
      ])
    let batch = padded(data.train, rows: [0, 1], padTo: nil)
    #expect(batch.inputIDs[4] == SpecialToken.sep.id)
    #expect(batch.taskBLabels.suffix(5).map { $0 == ignoredLabel } == [true, false, false, true, true])
  }

  @Test func cutWordsOfSeveralTokens() {
    var table = StringTable()
    let words = ["abc", "d", "ef"].map { table.intern($0) }
    let split = EncodedSplit(
      words: words, tags: [1, 2, 3], wordStarts: [0, 3], classes: [0],
      pieces: PieceTable(table, tokenizer: LetterTokenizer()), maxLength: 6)
    #expect(split.wordPositions(of: 0) == [1, 4])
    #expect(split.cutWords == 1)
    #expect(padded(split, rows: [0], padTo: nil).inputIDs == [2, 4, 5, 6, 7, 3])
    #expect(padded(split, rows: [0], padTo: nil).taskBLabels == [-100, 1, -100, -100, 2, -100])
  }

  @Test func noRowsGiveAnEmptyBatch() {
    let split = Self.split(rows: 2, seed: 1, pieces: false, maxLength: 8)
    let batch = collate(split, rows: [Int32](), padTo: nil)
    #expect(batch == Batch())
  }
}
