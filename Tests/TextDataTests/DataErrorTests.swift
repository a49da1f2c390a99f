import Testing

@testable import TextData

/// Every sentence that wrong data is refused with.
@Suite struct DataErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var files: [String: String]
    var says: String
    var kind = DataError.Kind.malformed
    var testDescription: String { says }
  }

  static let folderCases: [Case] = [
    Case(
      files: ["train/seq.in": "a b\nc d e\n", "train/seq.out": "O O\nO O\n"],
      says: "train/seq.out:2: 2 tags for 3 words in seq.in: give every word one tag"),
    Case(
      files: ["train/seq.in": "a\nb\nc\n\n", "train/seq.out": "O\nO\nO\n", "train/label": "x\ny\n"],
      says: "train/label:3: the file ends after 2 lines, but seq.in has 3: each line belongs to the same line of seq.in"
    ),
    Case(
      files: ["train/seq.in": "a\nb\n", "train/label": "x\ny\nz\nz\n\n"],
      says: "train/label:3: the file has 4 lines, but seq.in has 2: each line belongs to the same line of seq.in"),
    Case(
      files: ["train/seq.in": "a\n\n", "train/seq.out": "O\nO\n"],
      says: "train/seq.out:2: 1 tag for 0 words in seq.in: give every word one tag"),
    Case(
      files: ["train/seq.in": "", "train/label": ""],
      says: "train/seq.in: there is no sentence in it: fill it, or leave the split out"),
    Case(
      files: ["train/seq.in": "a\n", "train/label": "\n"],
      says: "train has neither sentence classes nor tags: there is nothing to learn"),
    Case(
      files: ["train/seq.in": "a\n", "train/label": "x\n", "dev/seq.in": "\n\n", "dev/label": ""],
      says: "dev/seq.in: there is no sentence in it: fill it, or leave the split out"),
    Case(
      files: ["train/seq.in": "a b c\n", "train/seq.out": "O PER O\n"],
      says: "train/seq.out:1: the tag \"PER\" of word 2 has no B- or I- before its type: write O, B-type or I-type, "
        + "or say --plain-tags bio (or words)"),
    Case(
      files: ["train/seq.in": "a\n", "train/seq.out": "B-\n"],
      says: "train/seq.out:1: the tag \"B-\" of word 1 has no type after the hyphen: write O, B-type or I-type"),
    Case(
      files: ["train/seq.in": "a\n", "train/label": "x\u{85}y\n"],
      says: "train/label:1: the class \"x<U+0085>y\" contains a control character: remove it"),
    Case(
      files: ["train/seq.in": "ab\na\u{1B}[2J\n", "train/label": "x\n"],
      says: "train/seq.in:2: byte 2 of the line is 0x1B, a control character: remove it"),
    Case(
      files: ["train/seq.in": "a\n", "train/label": "x\n", "train.conll": "a O\n"],
      says: "train.conll: the same split is also in train: remove one of them"),
    Case(
      files: ["train/seq.in": "a\n"],
      says: "train: has neither seq.out (tags) nor label (sentence classes): there is nothing to learn", kind: .missing),
    Case(
      files: ["train/label": "x\n"], says: "train/seq.in: there is no such file: it holds the sentences, one a line",
      kind: .missing),
    Case(
      files: ["dev/seq.in": "a\n"],
      says: "there is no training data: expected train/seq.in, or a file train.* of any form that is read",
      kind: .missing),
  ]

  static let columnCases: [Case] = [
    Case(
      files: ["train.conll": "a b O\nc O\n"],
      says: "train.conll:2: 2 columns, but line 1 has 3: give every line the same columns, the word first, its tag last"
    ),
    Case(
      files: ["train.conll": "a O\n# intent: x\nb O\n"],
      says: "train.conll:2: a class in the middle of a sentence: put an empty line before it"),
    Case(
      files: ["train.conll": "a O\nb\tLOC\n"],
      says: "train.conll:2: the tag \"LOC\" of word 2 has no B- or I- before its type: write O, B-type or I-type, "
        + "or say --plain-tags bio (or words)"),
    Case(
      files: ["train.conll": "# intent: x\n\n"],
      says: "train.conll: there is no sentence in it: fill it, or leave the split out"),
  ]

  static let jsonCases: [Case] = [
    Case(
      files: ["train.jsonl": "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"a\""],
      says: "train.jsonl:2: expected \",\" or \"}\" at byte 12 of the object: write one JSON object a line"),
    Case(
      files: ["train.jsonl": #"{"text":"a"} x"#],
      says: "train.jsonl:1: something follows the object at byte 14 of the object: write one JSON object a line"),
    Case(
      files: ["train.jsonl": #"{"text":"\ud800"}"#],
      says: "train.jsonl:1: half of a surrogate pair at byte 10 of the object: write one JSON object a line"),
    Case(
      files: ["train.jsonl": #"{"label":"x"}"#],
      says: "train.jsonl:1: no words: name them \"tokens\" (an array) or \"text\", or say --words KEY"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a"],"tokens":["b"]}"#],
      says: "train.jsonl:1: the key \"tokens\" occurs twice: keep one"),
    Case(
      files: ["train.jsonl": #"{"tokens":{"a":1}}"#],
      says: "train.jsonl:1: \"tokens\" is neither an array of strings nor a string"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a",1]}"#],
      says: "train.jsonl:1: a word in \"tokens\" is not a string: write every word in quotation marks"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a","b"],"tags":["O"]}"#],
      says: "train.jsonl:1: 1 tag in \"tags\" for 2 words in \"tokens\": give every word one tag"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a"],"tags":[""]}"#],
      says: "train.jsonl:1: a tag in \"tags\" is empty: write O"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a"],"ner_tags":[3]}"#],
      says: "train.jsonl:1: the tags are numbers and their names are unknown: "
        + "write them to ner_tags.names beside the file, one a line"),
    Case(
      files: ["train.jsonl": #"{"tokens":["a"],"ner_tags":[3]}"#, "ner_tags.names": "O\nB-X\n"],
      says: "train.jsonl:1: 3 in \"ner_tags\", but ner_tags.names has 2 names"),
    Case(
      files: ["train.jsonl": #"{"text":"a","intent":["x","y"]}"#],
      says: "train.jsonl:1: 2 classes in \"intent\": give a sentence one"),
    Case(
      files: ["train.jsonl": #"{"text":"a","label":1.5}"#],
      says: "train.jsonl:1: the label 1.5 is neither a string nor an integer"),
    Case(
      files: ["train.jsonl": "{\"text\":" + String(repeating: "[", count: 70)],
      says: "train.jsonl:1: more than 64 levels of nesting at byte 73 of the object: write one JSON object a line"),
  ]

  @Test(arguments: folderCases + columnCases + jsonCases)
  func isRefusedWithASentence(_ each: Case) throws {
    let folder = try TemporaryFolder(each.files)
    let (kind, text) = folder.failure()
    #expect(kind == each.kind)
    #expect(text == each.says || text.hasSuffix(": " + each.says))
  }

  @Test func bytesThatAreNoText() throws {
    let folder = try TemporaryFolder(["train/label": "x\ny\n"])
    func failure(_ bytes: [UInt8]) throws -> String {
      try folder.write("train/seq.in", bytes)
      return folder.failure().text
    }
    let place = "train/seq.in:2: byte 4 of the line is"
    #expect(
      try failure(Array("ok\ncaf".utf8) + [0xE9, 0x20, 0x61, 0x75, 0x20, 0x6C, 0x61, 0x69, 0x74, 0x0A])
        == "\(place) 0xE9, which is not valid UTF-8 there: it is probably Latin-1 (ISO-8859-1); convert it "
        + "(iconv -f ISO-8859-1 -t UTF-8 seq.in > converted)")
    #expect(
      try failure(Array("ok\nit_".utf8) + [0x92] + Array("s the first of them\n".utf8))
        == "\(place) 0x92, which is not valid UTF-8 there: it is probably Windows-1252; convert it "
        + "(iconv -f WINDOWS-1252 -t UTF-8 seq.in > converted)")
    #expect(
      try failure([0xC4, 0xE3, 0xBA, 0xC3, 0x0A]).contains("convert the file from its encoding (such as iconv -f GB"))
    #expect(
      try failure(Array("é\nabc".utf8) + [0xC3, 0x28, 0x0A]).hasSuffix("mend that line, or save the file as UTF-8 anew")
    )
    let wide = "train/seq.in:1: the file is UTF-16, not UTF-8: convert it (iconv -f UTF-16 -t UTF-8 seq.in > converted)"
    #expect(try failure([0xFF, 0xFE, 0x61, 0x00]) == wide)
    #expect(try failure(Array("a word".utf8).flatMap { [$0, 0] }) == wide)
    #expect(
      try failure([0x61, 0x00, 0x0A]) == "train/seq.in:1: byte 2 of the line is 0x00, a control character: remove it")
  }

  @Test func whatIsNotThere() {
    func load(_ source: DataOptions.Source, maxLength: Int = 8) -> DataError? {
      do {
        _ = try TextDataset.load(
          DataOptions(source: source, lowercase: false, minimumCount: 1, maxLength: maxLength))
        return nil
      } catch {
        return error
      }
    }
    #expect(
      load(.folder("/no/such")) == DataError(kind: .missing, description: "/no/such: there is no such folder"))
    #expect(
      load(.folder(#filePath))?.description
        == "\(#filePath): is a file, not a folder: name single files as train, dev and test files")
    #expect(
      load(.files(train: ["/no/such.conll"], dev: [], test: []))
        == DataError(kind: .missing, description: "/no/such.conll: there is no such file"))
    #expect(
      load(.files(train: ["/dev/null"], dev: [], test: []))
        == DataError(kind: .missing, description: "/dev/null: is not a regular file"))
    #expect(
      load(.demo, maxLength: 2)?.description
        == "The maximum length is 2: a row needs at least 3 tokens, [CLS], a word, [SEP].")
  }
}
