import Testing

@testable import TextData

/// Files as programs write them though no form foresees it: read as they are meant, or refused by what they are.
@Suite struct StrangeFileTests {
  private func result(_ name: String, _ bytes: [UInt8]) throws -> [String] {
    let folder = try TemporaryFolder()
    try folder.write(name, bytes)
    do {
      let data = try TextDataset.load(
        DataOptions(
          source: .files(train: [folder.path + "/" + name], dev: [], test: []), lowercase: false, minimumCount: 1,
          maxLength: 64))
      return data.rendered(data.train)
    } catch {
      return ["\(error)".replacing(folder.path + "/", with: "")]
    }
  }

  private func result(_ name: String, _ text: String) throws -> [String] { try result(name, Array(text.utf8)) }

  // MARK: - Tables

  @Test(arguments: [
    ("text,id,label\nAnna is in,1,\"[{\"\"start\"\":0,\"\"end\"\":4,\"\"labels\"\":[\"\"PER\"\"]}]\"\n", "label"),
    ("text,label\n\"['Anna', 'is']\",x\n", "text"), ("text,tags\na b,\"[\"\"O\"\", \"\"O\"\"]\"\n", "tags"),
  ])
  func listsInFieldsAreNoTexts(_ text: String, _ column: String) throws {
    let found = try result("a.csv", text)
    #expect(found.count == 1 && found[0].hasPrefix("a.csv:2: \(column) is a list (\"["), "\(found)")
    #expect(found[0].hasSuffix("save the data as JSON or JSONL, whose lists are read"))
  }

  @Test func bracketsInTextsStay() throws {
    #expect(try result("a.csv", "text,label\n[sic] a [b],x\n[],y\n") == ["x | [sic] a [b]", "y | []"])
  }

  @Test func barsAndExcelsFirstLineDelimit() throws {
    #expect(try result("a.csv", "text|label\nhello you|greet\nbye|end\n") == ["greet | hello you", "end | bye"])
    let named = try result("a.csv", "\u{FEFF}sep=;\r\ntext;label\r\nhello, you;greet\r\n;end\r\n")
    #expect(named == ["greet | hello, you"])
  }

  // MARK: - JSON

  @Test func pythonsNumbersAreValues() throws {
    let rows = """
      {"text": "a", "label": "x", "score": NaN}
      {"text": "b", "label": NaN, "score": -Infinity, "more": [Infinity]}
      """
    #expect(try result("a.jsonl", rows) == ["x | a", "? | b"])
    #expect(try result("a.jsonl", #"{"text": "a", "label": Nan}"#)[0].contains("expected a value"))
  }

  @Test func truthIsAClass() throws {
    let rows = ["true", "false", "null"].map { "{\"text\": \"\($0)\", \"label\": \($0)}\n" }.joined()
    #expect(try result("a.jsonl", rows) == ["true | true", "false | false", "? | null"])
  }

  @Test func labelStudiosShortExportHasItsChoice() throws {
    let rows = #"[{"text": "Anna is", "label": [{"start": 0, "end": 4, "labels": ["PER"]}], "choice": "bio"}]"#
    #expect(try result("a.json", rows) == ["bio | Anna/B-PER is/O"])
  }

  /// Beside its words, a text is what spans have their places in; with a tag a word, the words are read.
  @Test func spansAreOfTheTextBesideItsWords() throws {
    let spans = #"{"tokens": ["Anna", "is"], "text": "Anna is", "entities": [[0, 4, "PER"]], "intent": "k"}"#
    #expect(try result("a.jsonl", spans) == ["k | Anna/B-PER is/O"])
    let tags = #"{"tokens": ["Anna", "is"], "text": "Anna  is!", "ner_tags": ["B-PER", "O"], "spans": [[0, 4, "x"]]}"#
    #expect(try result("a.jsonl", tags) == ["? | Anna/B-PER is/O"])
  }

  @Test func lastCharactersBelongToSpansOfLUIS() throws {
    let rows =
      #"{"utterances": [{"text": "to new york", "intent": "go", "entities": [{"entity": "c", "startPos": 3, "endPos": 10}]}]}"#
    #expect(try result("a.json", rows) == ["go | to/O new/B-c york/I-c"])
  }

  /// Keys, words, tags and classes are the same with and without escapes, in nested texts too.
  @Test func escapesChangeNothing() throws {
    let plain = try result("a.jsonl", #"{"tokens": ["new", "york"], "ner_tags": ["B-x", "I-x"], "label": "k"}"#)
    #expect(plain == ["k | new/B-x york/I-x"])
    let escaped =
      #"{"\u0074okens": ["\u006eew", "yor\u006b"], "ner\u005ftags": ["\u0042-x", "I\u002dx"], "labe\u006c": "\u006b"}"#
    #expect(try result("a.jsonl", escaped) == plain)
    let nested = #"{"id": 1, "data": {"id": "7", "text": "new\tyork"}, "label": "k"}"#
    #expect(try result("a.jsonl", nested) == ["k | new york"])
  }

  // MARK: - What is something else

  @Test(
    arguments: [
      ([0x78, 0x9C, 0xED, 0x98], "zlib"), ([0x80, 0x04, 0x95, 0x10], "pickle"), ([0x80, 0x05, 0x95], "pickle"),
      (Array("<data><s>hi</s></data>\n".utf8), "XML"), (Array("<doc id=\"1\">\nhi\n".utf8), "XML"),
      (Array("I|PRP|O like|VBP|O London|NNP|B-GPE\nGo|VB|O\n".utf8), "word|tag"), (Array("a|O\n".utf8), "word|tag"),
      (Array("version: \"3.1\"\nintents:\n  - greet\n".utf8), "YAML"), (Array("intents:\n- greet\n".utf8), "YAML"),
    ] as [([UInt8], String)])
  func otherFilesAreNamed(_ bytes: [UInt8], _ name: String) throws {
    let found = try result("a.dat", bytes)
    #expect(found.count == 1 && found[0].contains(": this is ") && found[0].contains(name), "\(found)")
  }

  @Test func encodingsAreNamed() throws {
    let text: [UInt8] = [0xFF, 0xFE, 0, 0] + Array("a,b\n".utf8).flatMap { [$0, 0, 0, 0] as [UInt8] }
    #expect(try result("a.csv", text)[0].contains("is UTF-32, not UTF-8: convert it (iconv -f UTF-32 "))
  }

  @Test func wordsLikeThoseAreWords() throws {
    let sentences = try result("a.conll", "<s>\tO\nversion:\tO\n\nversion: O\n- O\n")
    #expect(sentences == ["? | <s>/O version:/O", "? | version:/O -/O"])
    #expect(try result("a.conll", "a|b\tO\n|O\tO\n") == ["? | a|b/O |O/O"])
    #expect(try result("a.conll", "<b>x</b>\tO\nxa\tO\n") == ["? | <b>x</b>/O xa/O"])
  }
}
