import Testing

@testable import TextData

@Suite struct AugmentationTests {
  /// Two sentences with one entity type of two distinct values, and a rare word.
  private func dataset(nGramBuckets: Int = 0) throws -> TextDataset {
    try TextDataset.load(
      DataOptions(
        source: .demo, lowercase: false, minimumCount: 1, maxLength: 64, nGramBuckets: nGramBuckets))
  }

  private func batch(
    _ dataset: TextDataset, _ options: Augmentation.Options, rows: [Int32], epoch: Int, seed: UInt64 = 1
  ) -> PaddedBatch {
    var collator = Collator(
      augmentation: Augmentation(dataset, options: options, seed: seed))
    var batch = Batch()
    collator.collate(dataset.train, rows: rows, padTo: nil, epoch: epoch, into: &batch)
    return PaddedBatch(batch, padding: dataset.train.pieces.special.pad)
  }

  @Test func withoutAnyChangeItIsPlainCollation() throws {
    let dataset = try dataset(nGramBuckets: 1000)
    let rows = (0..<40).map { Int32($0 * 7) }
    #expect(batch(dataset, .init(), rows: rows, epoch: 3) == padded(dataset.train, rows: rows, padTo: nil))
  }

  /// Each word that is the row's own says where it stood there, with its tag; those put in say nothing.
  @Test func wordsKnowTheirPlaces() throws {
    let dataset = try dataset()
    let rows = (0..<40).map { Int32($0 * 7) }
    let options = Augmentation.Options(swap: 0.5, wordDropout: 0.3)
    var collator = Collator(augmentation: Augmentation(dataset, options: options, seed: 1))
    var batch = Batch()
    collator.collate(dataset.train, rows: rows, padTo: nil, epoch: 1, into: &batch)
    let train = dataset.train
    var (own, others) = (0, 0)
    for (sentence, row) in rows.enumerated() {
      let places = batch.tokens(of: sentence).map { (token: $0, place: Int(batch.wordPlaces[$0])) }
      let words = places.filter { $0.place >= 0 }
      #expect(words.map(\.place) == words.map(\.place).sorted() && Set(words.map(\.place)).count == words.count)
      for (token, place) in words {
        #expect(batch.tokenIDs[token] == train.pieces.ids[Int(train.words[train.firstWord(of: Int(row)) + place])])
        #expect(batch.tagLabels[token] == train.goldTags(of: Int(row))[place])
      }
      own += words.count
      others += places.count - 2 - words.count
    }
    #expect(own > 100 && others > 10)
  }

  @Test func aRowIsAFunctionOfSeedEpochAndRowAlone() throws {
    let dataset = try dataset(nGramBuckets: 1000)
    let options = Augmentation.Options(swap: 0.5, unknownWords: true, nGramDropout: 0.3)
    let together = batch(dataset, options, rows: [3, 4, 5], epoch: 2)
    let alone = batch(dataset, options, rows: [4], epoch: 2)
    let ids = together.inputIDs[together.length..<together.length + alone.length]
    #expect(Array(ids) == alone.inputIDs)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 2) == together)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 3) != together)
    #expect(batch(dataset, options, rows: [3, 4, 5], epoch: 2, seed: 2) != together)
  }

  /// What is kept of train is what occurs in it, not a place for every type in every class.
  @Test func manyTypesInManyClassesTakeLinearTime() throws {
    let growth = try growth(from: 1000) { count in
      func lines(_ start: String) -> String { (0..<count).map { "\(start)\($0)\n" }.joined() }
      let folder = try TemporaryFolder([
        "train/seq.in": lines("w"), "train/seq.out": lines("B-t"), "train/label": lines("c"),
      ])
      let dataset = try folder.load()
      return { _ = Augmentation(dataset, options: .init(swap: 1), seed: 1) }
    }
    #expect(growth < 24)
  }

  @Test func swappedSpansAreValuesThatTheirClassHasOrElseOfTheirType() throws {
    let dataset = try dataset()
    // Every value of every type: the type, then the words.
    func spans(_ ids: [Int32], _ tags: [Int32]) -> [[String]] {
      var spans: [[String]] = []
      for (id, tag) in zip(ids, tags) where tag >= 0 {
        let name = dataset.tags[Int(tag)]
        let word = dataset.vocabulary[Int(id)]
        if name.hasPrefix("B-") { spans.append([String(name.dropFirst(2)), word]) }
        if name.hasPrefix("I-") {
          #expect(spans.last?.first == String(name.dropFirst(2)), "an I- tag must follow its type")
          spans[spans.count - 1].append(word)
        }
      }
      return spans
    }
    // By type, then class; those of all classes under nil.
    var known: [String: [Int32?: Set<[String]>]] = [:]
    for row in 0..<dataset.train.count {
      let plain = padded(dataset.train, rows: [Int32(row)], padTo: nil)
      for span in spans(plain.inputIDs, plain.taskBLabels) {
        known[span[0], default: [:]][plain.taskALabels[0], default: []].insert(span)
        known[span[0], default: [:]][nil, default: []].insert(span)
      }
    }
    let rich = known.values.map { classes in classes.filter { $0.key != nil && $0.value.count >= 30 } }
    #expect(zip(rich, known.values).contains { rich, all in rich.values.contains { $0 != all[nil] } })
    #expect(known.values.contains { $0.values.contains { $0.count < 30 } }, "and some classes are poor in a type")
    var changed = 0
    for row in 0..<300 {
      let plain = padded(dataset.train, rows: [Int32(row)], padTo: nil)
      let swapped = batch(dataset, .init(swap: 1), rows: [Int32(row)], epoch: 0)
      let (before, after) = (
        spans(plain.inputIDs, plain.taskBLabels), spans(swapped.inputIDs, swapped.taskBLabels)
      )
      #expect(before.map(\.first) == after.map(\.first), "the types of row \(row) must stay")
      for span in after {
        let own = known[span[0]]?[swapped.taskALabels[0]] ?? []
        #expect(own.count >= 30 ? own.contains(span) : known[span[0]]?[nil]?.contains(span) == true)
      }
      if before != after { changed += 1 }
    }
    #expect(changed > 200)
  }

  @Test func onlyWordsOutsideEntitiesAreLeftOut() throws {
    let dataset = try dataset()
    var (outside, kept) = (0, 0)
    for row in 0..<400 {
      let plain = padded(dataset.train, rows: [Int32(row)], padTo: nil)
      let changed = batch(dataset, .init(wordDropout: 0.3), rows: [Int32(row)], epoch: 0)
      let before = zip(plain.inputIDs, plain.taskBLabels).filter { $0.1 >= 0 }
      let after = zip(changed.inputIDs, changed.taskBLabels).filter { $0.1 >= 0 }
      // What is left is in its order, with its own tags.
      var rest = before[...]
      for word in after {
        while let first = rest.first, first != word { rest = rest.dropFirst() }
        #expect(!rest.isEmpty, "row \(row) has a word that is not its own")
        rest = rest.dropFirst()
      }
      func isOutside(_ word: (Int32, Int32)) -> Bool { dataset.tags[Int(word.1)] == "O" }
      #expect(before.count { !isOutside($0) } == after.count { !isOutside($0) })
      outside += before.count(where: isOutside)
      kept += after.count(where: isOutside)
    }
    #expect(abs(Double(kept) / Double(outside) - 0.7) < 0.03)
  }

  @Test func aRowKeepsAWordWhateverTheChance() throws {
    let dataset = try TemporaryFolder([
      "train/seq.in": "hello there\nplay jazz now\n", "train/seq.out": "O O\nO B-style O\n",
      "train/label": "greet\nplay\n",
    ]).load()
    let batch = batch(dataset, .init(wordDropout: 1), rows: [0, 1], epoch: 0)
    let words = batch.inputIDs.map { dataset.vocabulary[Int($0)] }
    #expect(words == ["[CLS]", "there", "[SEP]", "[CLS]", "jazz", "[SEP]"])
  }

  @Test func rareWordsBecomeUnknownMoreOftenThanFrequentOnes() throws {
    let dataset = try dataset()
    var (rare, rareUnknown, frequent, frequentUnknown) = (0, 0, 0, 0)
    var counts = [Int](repeating: 0, count: dataset.vocabulary.count)
    let all = (0..<Int32(dataset.train.count)).map { $0 }
    let plain = padded(dataset.train, rows: all, padTo: nil)
    for id in plain.inputIDs { counts[Int(id)] += 1 }
    let changed = batch(dataset, .init(unknownWords: true), rows: all, epoch: 0)
    for (before, after) in zip(plain.inputIDs, changed.inputIDs) where before > 3 {
      #expect(after == before || after == SpecialToken.unknown.id)
      let isUnknown = after == SpecialToken.unknown.id
      if counts[Int(before)] <= 3 {
        rare += 1
        rareUnknown += isUnknown ? 1 : 0
      } else if counts[Int(before)] >= 50 {
        frequent += 1
        frequentUnknown += isUnknown ? 1 : 0
      }
    }
    #expect(rare > 20 && frequent > 1000)
    #expect(Double(rareUnknown) / Double(rare) > 0.15)
    #expect(Double(frequentUnknown) / Double(frequent) < 0.05)
  }

  @Test func nGramsAreLeftOutAtTheirRate() throws {
    let dataset = try dataset(nGramBuckets: 1000)
    let rows = (0..<400).map { Int32($0) }
    let plain = padded(dataset.train, rows: rows, padTo: nil)
    let changed = batch(dataset, .init(nGramDropout: 0.3), rows: rows, epoch: 0)
    #expect(changed.nGramStarts.count == plain.nGramStarts.count)
    let share = Double(changed.nGrams.count) / Double(plain.nGrams.count)
    #expect(abs(share - 0.7) < 0.02)
  }
}

@Suite struct CharacterNGramTests {
  @Test func checksumIsTheStandardOne() {
    #expect(crc32("123456789".utf8) == 0xCBF4_3926)
  }

  /// `<at>` has the 3-grams <at, at> and the 4-gram <at>; nothing longer.
  @Test func shortWordsHaveTheirNGrams() {
    let table = NGramTable(StringTable(["at", "a", "1x", "2x"]), buckets: 20_000, lowercase: false)
    let expected = ["<at", "at>", "<at>"].map { 1 + Int32(crc32($0.utf8) % 19_999) }
    #expect(Set(table.rows[table.range(of: 0)]) == Set(expected))
    #expect(table.range(of: 1).count == 1)
    #expect(table.rows[table.range(of: 2)] == table.rows[table.range(of: 3)], "every digit counts as 0")
  }

  @Test func theTableHasTwoRowsForThreeNGramsOfTrain() throws {
    // <at, at>, <at> and <a>; what only later words have does not count.
    let words = StringTable(["at", "a", "AT", "other"])
    #expect(NGramTable(words, buckets: nil, trainWords: 3, lowercase: true).buckets == 4 * 2 / 3)
    #expect(NGramTable(words, buckets: nil, trainWords: 3, lowercase: false).buckets == 7 * 2 / 3)
    #expect(NGramTable(words, buckets: nil, trainWords: 3, most: 3, lowercase: false).buckets == 3)
    #expect(NGramTable(words, buckets: 9, trainWords: 3, most: 3, lowercase: false).buckets == 9, "asked for")
    #expect(NGramTable.mostRows(sentences: 3_400) == 27_200 && NGramTable.mostRows(sentences: 30) == 20_000)
    let demo = try TextDataset.load(
      DataOptions(source: .demo, lowercase: false, minimumCount: 1, maxLength: 64, nGramBuckets: nil))
    let buckets = demo.tokenizer.nGramBuckets
    #expect(buckets > 1000 && demo.train.nGrams.rows.allSatisfy { $0 < buckets })
  }

  @Test func repeatedNGramsCountOnceAndCharactersAreScalars() {
    let table = NGramTable(StringTable(["aaaa", "né", "ÑÉ"]), buckets: 20_000, lowercase: true)
    // <aa aaa aa> <aaa aaaa aaa> <aaaa aaaa>
    #expect(table.range(of: 0).count == 8)
    #expect(table.range(of: 1).count == 3)
    let lowered = NGramTable(StringTable(["ñé"]), buckets: 20_000, lowercase: false)
    #expect(table.rows[table.range(of: 2)].elementsEqual(lowered.rows))
  }
}
