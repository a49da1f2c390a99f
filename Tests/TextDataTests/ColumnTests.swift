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
        + "which are meant cannot be told; leave one of them")
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
}
