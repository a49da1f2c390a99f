import Foundation
import Testing

@testable import TextData

@Suite struct ImportTests {
  private func read(_ folder: TemporaryFolder, _ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name)), as: UTF8.self)
  }

  @Test func snipsJSONBecomesTheFolderForm() throws {
    let folder = try TemporaryFolder([
      "a.json": """
      {"PlayMusic": [
        {"data": [{"text": "Play "}, {"text": "Heart: Like", "entity": "album"}, {"text": " by "},
                  {"entity": "artist", "text": "Zo\\u00eb"}, {"text": "'s band, at 7:30 p.m."}]},
        {"data": [{"text": " "}]}
      ]}
      """
    ])
    let remarks = try writeFolderForm(of: [folder.path + "/a.json"], to: folder.path + "/train", format: .snips)
    #expect(
      remarks == [
        "\(folder.path)/a.json: 1 sentence without words skipped.", "\(folder.path)/train: 1 sentence written.",
      ])
    #expect(try read(folder, "train/seq.in") == "Play Heart : Like by Zoë 's band , at 7:30 p.m.\n")
    #expect(
      try read(folder, "train/seq.out") == "O B-album I-album I-album O B-artist O O O O O O\n")
    #expect(try read(folder, "train/label") == "PlayMusic\n")
    #expect(try folder.load().train.count == 1)
    // A split is not overwritten, and what to do is said.
    #expect {
      try writeFolderForm(of: [folder.path + "/a.json"], to: folder.path + "/train", format: .snips)
    } throws: { "\($0)".hasSuffix("there is a split in it already: remove it, or name another folder") }
  }

  @Test func dataSetsOfSnipsNLUBecomeTheFolderForm() throws {
    let folder = try TemporaryFolder([
      "a.json": """
      {"language": "en", "entities": {"city": {"data": []}}, "intents": {"travel": {"utterances": [
        {"data": [{"text": "to "}, {"text": "New York", "entity": "city", "slot_name": "target"}]}]},
        "greet": {"utterances": [{"data": [{"text": "hi"}]}]}}}
      """
    ])
    _ = try writeFolderForm(of: [folder.path + "/a.json"], to: folder.path + "/train", format: .snips)
    #expect(try read(folder, "train/seq.in") == "to New York\nhi\n")
    #expect(try read(folder, "train/seq.out") == "O B-target I-target\nO\n")
    #expect(try read(folder, "train/label") == "travel\ngreet\n")
  }

  /// More than is held in memory at once: line by line what was read.
  @Test func largeDataAreWrittenWhole() throws {
    let words = (0..<90_000).map { "word\($0) and\($0 % 7)" }
    let rows = words.enumerated().map { "{\"text\":\"\($1)\",\"label\":\"class\($0 % 11)\"}\n" }
    let folder = try TemporaryFolder(["a.jsonl": rows.joined()])
    _ = try writeFolderForm(of: [folder.path + "/a.jsonl"], to: folder.path + "/train", format: .sentences)
    #expect(try read(folder, "train/seq.in") == words.map { $0 + "\n" }.joined())
    #expect(try read(folder, "train/label") == words.indices.map { "class\($0 % 11)\n" }.joined())
    #expect(namesOfFiles(in: folder.path + "/train") == ["label", "seq.in"])
  }

  @Test func whatOnlySomeSentencesHaveStaysSo() throws {
    let folder = try TemporaryFolder([
      "some.jsonl": """
      {"text":"a b","label":"x"}
      {"tokens":["New York",""],"tags":["B-city","O"]}
      {"tokens":["c","d"],"tags":[null,"O"],"label":"y z"}
      """,
      "bad.json": "{\"X\": [{\"data\": [\n{\"txt\": \"a\"}]}]}",
    ])
    let remarks = try writeFolderForm(
      of: [folder.path + "/some.jsonl"], to: folder.path + "/train", format: .sentences)
    #expect(
      remarks.last?.hasSuffix("/train: 3 sentences written, 1 sentence without a class, 1 sentence without tags.")
        == true)
    #expect(try read(folder, "train/seq.in") == "a b\nNew York\nc d\n")
    #expect(try read(folder, "train/seq.out") == "_ _\nB-city I-city\n_ O\n")
    #expect(try read(folder, "train/label") == "x\n\ny z\n")
    let data = try folder.load(maxLength: 8)
    let direct = try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/some.jsonl"], dev: [], test: []), lowercase: false, minimumCount: 1,
        maxLength: 8))
    #expect(data.rendered(data.train) == ["x | a b", "? | New/B-city York/I-city", "y z | c/? d/O"])
    #expect(direct.rendered(direct.train) == data.rendered(data.train), "trained directly or imported first: the same")
    #expect {
      try writeFolderForm(of: [folder.path + "/bad.json"], to: folder.path + "/out", format: .snips)
    } throws: {
      "\($0)".hasSuffix(
        "bad.json:2: a part of a sentence without \"text\": expected SNIPS's JSON, {\"Intent\": [{\"data\": […]}]}")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/out/seq.in"))
  }

  @Test(.enabled(if: SharedData.path("snips") != nil, "shared/data/snips is not there"))
  func publishedSnipsEqualsItsFolderForm() throws {
    let path = try #require(SharedData.path("snips"))
    let original = path + "/original"
    let files = try FileManager.default.contentsOfDirectory(atPath: original).filter { $0.hasPrefix("validate_") }
    let folder = try TemporaryFolder()
    _ = try writeFolderForm(
      of: files.sorted().map { original + "/" + $0 }, to: folder.path + "/train", format: .snips)
    func lines(_ path: String) throws -> [String] {
      String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self).split(separator: "\n").map {
        $0.split(separator: " ").joined(separator: " ")
      }
    }
    var same = 0
    let words = try lines(folder.path + "/train/seq.in")
    let tags = try lines(folder.path + "/train/seq.out")
    let published = Set(zip(try lines(path + "/dev/seq.in"), try lines(path + "/dev/seq.out")).map { "\($0)|\($1)" })
    for (word, tag) in zip(words, tags) where published.contains("\(word)|\(tag)") { same += 1 }
    #expect(words.count == 700)
    #expect(same > 680, "\(same) of 700 sentences equal")
    #expect {
      try writeFolderForm(of: [original + "/train_PlayMusic_full.json"], to: folder.path + "/full", format: .snips)
    } throws: { error in
      "\(error)".contains("train_PlayMusic_full.json:") && "\(error)".contains("as CESU-8 writes it")
    }
  }

  @Test func foldersOfSplitsAreConverted() throws {
    let folder = try TemporaryFolder([
      "in/train.conll": "# intent: Book it\nbook I-verb\nParis I-city\nRome B-city\n",
      "in/valid.conll": "# intent: x\nin O\nOslo S-city\n\n# intent: x\nNew B-city\nYork E-city\n",
    ])
    let remarks = try importData(from: folder.path + "/in", to: folder.path + "/out", format: .columns)
    #expect(remarks.count == 4 && remarks[0].contains("IOB1") && remarks[2].contains("IOBES"))
    #expect(try read(folder, "out/train/seq.in") == "book Paris Rome\n")
    #expect(try read(folder, "out/train/seq.out") == "B-verb B-city B-city\n")
    #expect(try read(folder, "out/train/label") == "Book it\n")
    #expect(try read(folder, "out/dev/seq.out") == "O B-city\nB-city I-city\n")
    #expect {
      try importData(from: folder.path + "/in", to: folder.path + "/out", format: .columns)
    } throws: { ($0 as? DataError)?.kind == .unwritable }
  }

  /// A folder that is in the folder form already, tags of another scheme in it.
  @Test func foldersOfTheFolderFormAreConverted() throws {
    let folder = try TemporaryFolder([
      "old/train/seq.in": "go to Oslo\nrain\n", "old/train/seq.out": "O O S-city\nO\n",
      "old/train/label": "flight\nweather\n",
      "old/dev/seq.in": "Oslo\n", "old/dev/seq.out": "S-city\n", "old/dev/label": "flight\n",
    ])
    _ = try importData(from: folder.path + "/old", to: folder.path + "/new", format: .sentences)
    #expect(try read(folder, "new/train/seq.in") == "go to Oslo\nrain\n")
    #expect(try read(folder, "new/train/seq.out") == "O O B-city\nO\n")
    #expect(try read(folder, "new/train/label") == "flight\nweather\n")
    #expect(try read(folder, "new/dev/label") == "flight\n")
  }

  @Test func ambiguousSourcesAreRefused() throws {
    let snips = "{\"X\": [{\"data\": [{\"text\": \"a\"}]}]}"
    let folder = try TemporaryFolder([
      "twice/X/train_X.json": snips, "twice/X/train_X_full.json": snips, "empty/readme": "",
      "form/train.jsonl": "{\"text\":\"a\",\"label\":\"x\"}\n", "two/train.conll": "a O\n", "two/train.txt": "a O\n",
      "tags.conll": "a PER\n", "mixed.conll": "a S-x\nb U-x\n", "snips/train_X.json": snips,
      "snips/validate_X.json": snips,
    ])
    let cases: [(String, ImportFormat, DataError.Kind)] = [
      ("twice", .snips, .malformed), ("empty", .snips, .missing), ("empty", .columns, .missing),
      ("form", .columns, .malformed), ("two", .columns, .malformed), ("tags.conll", .columns, .malformed),
      ("mixed.conll", .columns, .malformed), ("nothing", .columns, .missing), ("tags.conll", .jsonLines, .malformed),
    ]
    for (name, format, kind) in cases {
      #expect {
        try importData(from: folder.path + "/" + name, to: folder.path + "/out", format: format)
      } throws: { ($0 as? DataError)?.kind == kind }
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/out"), "\(name)")
    }
    _ = try importData(from: folder.path + "/snips", to: folder.path + "/out", format: .snips)
    #expect(try read(folder, "out/train/label") == "X\n" && read(folder, "out/dev/label") == "X\n")
    #expect {
      try importData(from: folder.path + "/snips", to: folder.path + "/no/such", format: .snips)
    } throws: { ($0 as? DataError)?.kind == .unwritable }
  }

  @Test(arguments: [
    ("play  Blue Train, please!", ["play", "Blue", "Train", ",", "please", "!"]),
    ("I'd go at 7:30 p.m. (or 8).", ["I'd", "go", "at", "7:30", "p.m.", "(", "or", "8", ")", "."]),
    ("wait... \"what?!\"", ["wait", ".", ".", ".", "\"", "what", "?", "!", "\""]), ("", []), (" . ", ["."]),
    ("R&B\u{A0}mix \u{1F600}", ["R&B", "mix", "\u{1F600}"]), ("U.S. (", ["U.S.", "("]),
  ])
  func rawTextIsSplitIntoWords(_ text: String, _ words: [String]) {
    #expect(splitIntoWords(text).map(String.init) == words)
  }
}
