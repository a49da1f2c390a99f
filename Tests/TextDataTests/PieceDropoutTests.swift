import Testing

@testable import TextData

/// MaxMatch-dropout: words split otherwise by chance, never losing a letter or their tags' places.
@Suite struct PieceDropoutTests {
  private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]

  private func dataset(lowercase: Bool = true) throws -> TextDataset {
    var options = DataOptions(source: .demo, lowercase: lowercase, minimumCount: 1, maxLength: 64)
    options.tokenizer = .wordpiece
    options.vocabularySize = 600
    return try TextDataset.load(options)
  }

  private func batch(
    _ dataset: TextDataset, _ options: Augmentation.Options, rows: [Int32], epoch: Int, seed: UInt64 = 1
  ) -> PaddedBatch {
    var collator = Collator(augmentation: Augmentation(dataset, options: options, seed: seed))
    var batch = Batch()
    collator.collate(dataset.train, rows: rows, padTo: nil, epoch: epoch, into: &batch)
    return PaddedBatch(batch, padding: dataset.train.pieces.special.pad)
  }

  /// Each row's words, put together again from their pieces, with the label on the first; [UNK] apart.
  private func words(_ batch: PaddedBatch, _ dataset: TextDataset) -> [[String]] {
    (0..<batch.count).map { row in
      var words: [String] = []
      for place in row * batch.length..<(row + 1) * batch.length where batch.attentionMask[place] == 1 {
        let piece = dataset.vocabulary[Int(batch.inputIDs[place])]
        let label = batch.taskBLabels[place]
        if piece.hasPrefix("##") {
          #expect(label == ignoredLabel, "only a first piece has its word's tag")
          words[words.count - 1] += piece.dropFirst(2)
        } else {
          words.append("\(label) \(piece)")
        }
      }
      return words
    }
  }

  @Test func wordsAndTheirTagsStay() throws {
    let dataset = try dataset()
    let rows = (0..<60).map { Int32($0 * 5) }
    let plain = padded(dataset.train, rows: rows, padTo: nil)
    let changed = batch(dataset, .init(pieceDropout: 0.5), rows: rows, epoch: 1)
    #expect(changed.inputIDs.count { $0 != 0 } > plain.inputIDs.count { $0 != 0 } * 5 / 4)
    let reference = words(plain, dataset)
    for (row, found) in words(changed, dataset).enumerated() {
      // Punctuation within a word stands apart and has no label of its own: compared as text.
      #expect(found == reference[row])
    }
    #expect(changed.taskALabels == plain.taskALabels)
  }

  @Test func aRowIsAFunctionOfSeedEpochAndRowAlone() throws {
    let dataset = try dataset()
    let options = Augmentation.Options(swap: 0.4, pieceDropout: 0.3)
    let together = batch(dataset, options, rows: [3, 4, 5], epoch: 2)
    let alone = batch(dataset, options, rows: [4], epoch: 2)
    #expect(Array(together.inputIDs[together.length..<together.length + alone.length]) == alone.inputIDs)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 2) == together)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 3) != together)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 2, seed: 2) != together)
  }

  /// Against the rule in plain words: from the longest match down, each is rejected with the same chance, the last kept.
  @Test(arguments: [0.0, 0.1, 0.5, 1.0]) func matchesAreRejectedAsTheRuleSays(probability: Double) throws {
    let vocabulary =
      Self.special + ["u", "un", "una", "unaff", "##n", "##a", "##aff", "##f", "##ff", "##able", "##l"]
      + ["##b", "##e", "##ab", "##le"]
    let tokenizer = WordPieceTokenizer(
      vocabulary: vocabulary, configuration: TokenizerConfiguration(kind: .wordpiece, lowercase: false))
    func expected(_ word: String, _ generator: inout SplitMix64) -> [String] {
      var pieces: [String] = []
      var rest = word[...]
      while !rest.isEmpty {
        let matches = (1...rest.count).reversed().map { String(rest.prefix($0)) }
          .filter { vocabulary.contains((pieces.isEmpty ? "" : "##") + $0) }
        let chosen = matches.first { _ in generator.unit() >= probability } ?? matches[matches.count - 1]
        pieces.append((pieces.isEmpty ? "" : "##") + chosen)
        rest = rest.dropFirst(chosen.count)
      }
      return pieces
    }
    var seen: Set<[String]> = []
    for stream in 0..<300 as Range<UInt64> {
      var (own, other) = (SplitMix64(seed: 5, stream: stream), SplitMix64(seed: 5, stream: stream))
      var ids: [Int32] = []
      var word = "unaffable"
      word.withUTF8 { tokenizer.appendTokens(of: $0, dropping: probability, &own, to: &ids) }
      let pieces = ids.map { vocabulary[Int($0)] }
      #expect(pieces == expected(word, &other))
      #expect(own.next() == other.next(), "as many draws as matches were asked about")
      seen.insert(pieces)
    }
    switch probability {
    case 0: #expect(seen == [["unaff", "##able"]])
    case 1: #expect(seen == [["u", "##n", "##a", "##f", "##f", "##a", "##b", "##l", "##e"]])
    default: #expect(seen.count > 5)
    }
  }

  @Test func aDeadEndMakesNoWordUnknown() {
    let tokenizer = WordPieceTokenizer(
      vocabulary: Self.special + ["ab", "a", "##c"],
      configuration: TokenizerConfiguration(kind: .wordpiece, lowercase: false))
    var generator = SplitMix64(seed: 1, stream: 1)
    for (word, expected) in [("abc", [4, 6]), ("ab", [4]), ("x", [1])] as [(String, [Int32])] {
      var ids: [Int32] = []
      var word = word
      word.withUTF8 { tokenizer.appendTokens(of: $0, dropping: 1, &generator, to: &ids) }
      #expect(ids == expected)
    }
  }

  /// Longer rows are cut to the split's maximum length, [SEP] last.
  @Test func moreTokensThanFitAreCut() throws {
    var options = DataOptions(source: .demo, lowercase: true, minimumCount: 1, maxLength: 10)
    options.tokenizer = .wordpiece
    options.vocabularySize = 600
    let dataset = try TextDataset.load(options)
    let batch = batch(dataset, .init(pieceDropout: 0.9), rows: Array(0..<30), epoch: 0)
    #expect(batch.length == 10)
    for row in 0..<30 {
      let ids = batch.inputIDs[row * 10..<row * 10 + 10].filter { $0 != 0 }
      #expect(ids.last == SpecialToken.sep.id && ids.first == SpecialToken.cls.id)
    }
  }
}
