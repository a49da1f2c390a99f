import Testing

@testable import TextData

/// Where words and tags stand in columns, and which lines are none of them.
@Suite struct ColumnTests {
  private func read(_ text: String) throws -> (rows: [String], remarks: [String]) {
    let folder = try TemporaryFolder(["train.conll": text])
    let data = try folder.load()
    return (data.rendered(data.train), folder.remarks(data))
  }

  private func failure(_ text: String) throws -> String { try TemporaryFolder(["train.conll": text]).failure().text }

  @Test(arguments: [0, 1]) func aColumnThatCountsWordsHoldsNone(_ first: Int) throws {
    let text =
      "\(first)\tHer\tO\n\(first + 1)\tvisit\tO\n\(first + 2)\tto\tO\n\(first + 3)\tTuvalu\tB-LOC\n\n\(first)\thi\tO\n"
    let (rows, remarks) = try read(text)
    #expect(rows == ["? | Her/O visit/O to/O Tuvalu/B-LOC", "? | hi/O"])
    #expect(
      remarks.contains(
        "train.conll: column 1 counts the words; words are read from column 2, tags from column 3."))
  }

  @Test func rangesAndEmptyNodesAreNoWords() throws {
    let text = """
      # sent_id = 1
      # text = zum Haus: O
      1-2\tzum\t_\t_
      1\tzu\tADP\tO
      2\tdem\tDET\tO
      2.1\t(ist)\tAUX\t_
      3\tHaus\tNOUN\tB-X

      """
    let (rows, remarks) = try read(text)
    #expect(rows == ["? | zu/O dem/O Haus/B-X"])
    let unread = try #require(remarks.first { $0.hasPrefix("train.conll: not read:") })
    #expect(unread.contains("column 3"))
    #expect(unread.contains("lines of ranges and empty nodes (1-2, 1.1) (2 times, first on line 3)"))
    #expect(unread.contains("comment \"sent_id\" (once, on line 1)"))
  }

  @Test(
    arguments: [
      ("0", .word), ("1", .word), ("01", .word), ("2", .other), ("1-2", .range), ("1.1", .range), ("10-11", .range),
      ("", .other), ("-", .other), ("1-", .other), ("-1", .other), ("1-2-3", .other), ("1-x", .other), ("+1", .other),
      ("1x", .other), ("99999999999999999999", .other),
    ] as [(String, WordCounter.Cell)])
  func aSentencesFirstNumberIs(cell: String, kind: WordCounter.Cell) {
    var counter = WordCounter()
    #expect(Array(cell.utf8).withUnsafeBufferPointer { counter.note($0) } == kind)
    #expect(counter.words == (kind == .word ? 1 : 0))
  }

  @Test func theOnlyColumnOfTagsHoldsThem() throws {
    let counted = try read("#\thttp://x\t[2020]\n1\tHer\tO\t-\tanna\n2\tTuvalu\tB-LOC\t-\tanna\n")
    #expect(counted.rows == ["? | Her/O Tuvalu/B-LOC"])
    let plain = try read("Her O NN\nTuvalu B-LOC NNP\n")
    #expect(plain.rows == ["? | Her/O Tuvalu/B-LOC"])
    #expect(plain.remarks.contains("train.conll: tags are read from column 2, the only one that has any."))
    #expect(try read("EU NNP B-NP B-ORG\nsaid VBD B-VP O\n").rows == ["? | EU/B-ORG said/O"], "the last, as CoNLL-2003")
  }

  @Test func twoColumnsOfTagsAreRefusedByName() throws {
    #expect(
      try failure("1\tNorth\tB-LOC\tO\n2\tSea\tI-LOC\tB-OTH\n")
        == "train.conll:1: tags stand in columns 3 (\"B-LOC\") and 4 (\"B-OTH\"): "
        + "which are meant is not clear; leave one of them, or number them, as in --columns word=2,tag=3")
    #expect(try failure("North B-LOC O x\nSea I-LOC B-OTH y\n").contains("tags stand in columns 2"))
  }

  @Test func countingThatBreaksOffIsRefused() throws {
    let rows = String(repeating: "1\ta\tO\n2\tb\tO\n\n", count: 40_000) + "1\ta\tO\nb\tc\tO\n"
    #expect(
      try failure(rows)
        == "train.conll:120002: the first column counted the words of each sentence so far, but here it "
        + "is \"b\": count on from 0 or 1, or leave that column out")
    #expect(try read("1 CD O\n").rows == ["? | 1/O"], "a single 1 counts nothing")
    #expect(try read("0 O\n1 O\n").rows == ["? | 0/O 1/O"], "two columns are words and tags")
  }

  @Test(arguments: ["\t", " "]) func hashtagsAreWords(_ space: String) throws {
    let text =
      "# intent: News\n#Breaking:\(space)B-TAG\nfire\(space)O\n\n# intent: Music\n#class:\(space)O\njazz\(space)O\n"
    #expect(try read(text).rows == ["News | #Breaking:/B-TAG fire/O", "Music | #class:/O jazz/O"])
    #expect(
      try read("#BREAKING:\(space)B-ORG\nEbola\(space)O\n\n#label:\(space)O\nworks\(space)O\n\nso\(space)O\n").rows
        == ["? | #BREAKING:/B-ORG Ebola/O", "? | #label:/O works/O", "? | so/O"])
    #expect(try read("#a:\(space)O\n\n#b:\(space)B-X\n").rows == ["? | #a:/O", "? | #b:/B-X"], "nothing but hashtags")
    #expect(try read("#class: Foo\na\(space)O\n").rows == ["Foo | a/O"], "not a tag at its end")
  }

  @Test(arguments: [
    "# Intent: Call", "# INTENT: Call", "# intents: Call", "#INTENT=Call", "# Label = Call", "#class: Call",
    "# intent:  Call \u{A0}",
  ])
  func classesAreReadHoweverTheyAreWritten(_ comment: String) throws {
    #expect(try read("\(comment)\ncall O\nanna B-PER\n").rows == ["Call | call/O anna/B-PER"])
  }

  @Test func whatLooksLikeAClassIsSaid() throws {
    let (rows, remarks) = try read("# intent Call\ncall O\nanna B-PER\n")
    #expect(rows == ["? | call/O anna/B-PER"])
    #expect(
      remarks == [
        "train.conll: not read: comments like \"# intent Call\" (a class is # intent: X) (once, on line 1)."
      ])
  }

  @Test func aWordCanBeTheMarkBetweenDocuments() throws {
    let text = "-DOCSTART- -X- O\n\na x O\n-DOCSTART- -X- O\nb x B-Y\n\n# intent: k\n-DOCSTART- x O\nis x O\n"
    #expect(try read(text).rows == ["? | a/O", "? | b/B-Y", "k | -DOCSTART-/O is/O"])
    #expect(
      try read("# text = -DOCSTART- it\n-DOCSTART-\tO\nit\tB-X\n\n# text =\n\n").rows == ["? | -DOCSTART-/O it/B-X"])
  }

  @Test func aWordWithoutATag() throws {
    let (rows, remarks) = try read("a\tB-X\nb\t_\n")
    #expect(rows == ["? | a/B-X b/?"])
    #expect(
      remarks == [
        "train.conll:2: 1 word with the tag _: read as words without a tag."
      ])
  }

  @Test func ordinaryPartsOfACorpusAreNotCounted() throws {
    #expect(try read("# intent: k\n# text = a b\na O\nb B-X\n").remarks.isEmpty)
  }

  /// What the user says of a file's columns is done or refused, never passed over.
  @Test(
    arguments: [
      ("word=1,tag=4", nil, "train.conll:1: --columns says tag=4, but there are 2 columns"),
      (
        "text=1,class=2", nil,
        "train.conll: --columns is \"text=1,class=2\", but each line here is a word (CoNLL columns): "
      ),
      (nil, "NER", "train.conll: --tags names \"NER\", but these columns have no names (no # global.columns = …): "),
    ] as [(String?, String?, String)])
  func whatDoesNotFitIsRefused(columns: String?, tags: String?, message: String) throws {
    let folder = try TemporaryFolder(["train.conll": "fly O\nRome B-city\n\nhi O\n"])
    var options = DataOptions(source: .folder(folder.path), lowercase: false, minimumCount: 1, maxLength: 64)
    options.reading.columns = columns.flatMap { ColumnRoles($0) }
    options.reading.tags = tags
    #expect { try TextDataset.load(options) } throws: {
      "\($0)".replacing(folder.path + "/", with: "").hasPrefix(message)
    }
  }

  @Test func namesThatAreNotThereAreRefused() throws {
    let text = "# global.columns = ID FORM NER\n1\thi\tO\n"
    #expect(try read(text).rows == ["? | hi/O"])
    #expect(try failure("# global.columns = ID FORM\n1\thi\tO\n").contains("3 columns, but # global.columns names 2"))
    let folder = try TemporaryFolder(["train.conll": text])
    var options = DataOptions(source: .folder(folder.path), lowercase: false, minimumCount: 1, maxLength: 64)
    options.reading.tags = "slot"
    #expect { try TextDataset.load(options) } throws: {
      "\($0)".contains("--tags names \"slot\", but # global.columns has ID, FORM, NER")
    }
  }

  /// One sentence that lacks a tag is an error, not a class.
  @Test func aClassEndsItsSentence() throws {
    #expect(try failure("fly O\nRome\n").contains("1 column, but line 1 has 2"))
    // Beyond the lines that the layout is deduced from.
    let many = String(repeating: "fly O\ntravel\n\n", count: 20_000)
    #expect(
      try failure(many + "so O\nthanks\nbye O\n")
        == "train.conll:60003: the line before is the sentence's class, which ends it: put an empty line between")
  }

  @Test func aSentenceHasOneClass() throws {
    let folder = try TemporaryFolder(["train.conll": "fly O travel\nRome B-city greet\n"])
    var options = DataOptions(source: .folder(folder.path), lowercase: false, minimumCount: 1, maxLength: 64)
    options.reading.columns = ColumnRoles("word=1,tag=2,class=3")
    #expect { try TextDataset.load(options) } throws: {
      "\($0)".contains("train.conll:2: the class is \"greet\", but \"travel\" at the sentence's first word")
    }
  }
}
