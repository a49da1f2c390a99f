import Testing

@testable import TextData

/// What separates words and lines, in training and prediction alike.
@Suite struct WhiteSpaceTests {
  /// All of Unicode's white space.
  private static let all = (0...0x10FFFF).compactMap { UnicodeScalar(UInt32($0)) }.filter(\.properties.isWhitespace)

  @Test func bytesAgreeWithUnicode() {
    for scalar in (1...0x3100).compactMap({ UnicodeScalar(UInt32($0)) }) {
      let bytes = Array(String(scalar).utf8)
      let length = bytes.withUnsafeBufferPointer { $0.whiteSpace(at: 0) }
      #expect(length == (scalar.properties.isWhitespace ? bytes.count : 0), "U+\(String(scalar.value, radix: 16))")
    }
    #expect(Self.all.count == 25 && Self.all.allSatisfy { $0.value <= 0x3000 })
  }

  /// Every reader of text against the rule of prediction.
  @Test func allReadersSplitAlike() throws {
    for space in Self.all where !"\n\r\u{85}".unicodeScalars.contains(space) {
      let text = "go\(space)10\(space)\(space)km now\(space)"
      let words = splitAtWhiteSpace(text).map(String.init)
      #expect(words == ["go", "10", "km", "now"])
      #expect(splitIntoWords(text).map(String.init) == words)
      let json = "{\"text\":\"\(String(space) == "\t" ? "go 10 km now" : text)\",\"label\":\"x\"}"
      for files in [
        ["train/seq.in": text + "\n", "train/label": "x\n"],
        ["train.jsonl": space.value < 0x20 ? "{\"text\":\"go 10 km now\",\"label\":\"x\"}" : json],
      ] {
        let data = try TemporaryFolder(files).load()
        #expect(data.rendered(data.train) == ["x | go 10 km now"])
      }
    }
  }

  /// A tag belongs to all words of what it was written for.
  @Test func aTagGoesOnOverWhiteSpaceInsideItsWord() throws {
    let forms = [
      ["train/seq.in": "go 10\u{A0}km now\n", "train/seq.out": "O B-DIST O\n"],
      ["train.conll": "go O\n10\u{A0}km B-DIST\nnow O\n"],
      ["train.jsonl": "{\"text\":\"go 10\u{A0}km now\",\"slot\":\"O B-DIST O\"}"],
      ["train.jsonl": #"{"tokens":["go","10 km","now"],"tags":["O","B-DIST","O"]}"#],
      ["train/seq.in": "go 10\u{A0}km now\n", "train/seq.out": "O B-DIST I-DIST O\n"],
      ["train.conll": "go O\n10\u{A0}km S-DIST\nnow O\n"],
    ]
    for files in forms {
      let data = try TemporaryFolder(files).load()
      #expect(data.rendered(data.train) == ["? | go/O 10/B-DIST km/I-DIST now/O"], "\(files)")
    }
  }

  @Test func emptyWordsGoUnlessAnEntityWouldChange() throws {
    let folder = try TemporaryFolder(["train.jsonl": #"{"tokens":["a"," ","b"],"tags":["O","O","B-X"]}"#])
    let data = try folder.load()
    #expect(data.rendered(data.train) == ["? | a/O b/B-X"])
    #expect(folder.remarks(data).contains("train.jsonl:1: 1 empty word left out."))
    try folder.write("train.jsonl", Array(#"{"tokens":["a","","b"],"tags":["O","B-X","I-X"]}"#.utf8))
    #expect(
      folder.failure().text
        == "train.jsonl:1: word 2 is empty but has the tag \"B-X\": leave the word and its tag out")
  }

  /// Grapheme clusters: a mark alone between spaces is a word, and one behind a space belongs to the next.
  @Test(arguments: [
    ("he \u{651} yes", ["he", "\u{651}", "yes"]), ("go \u{301}on now", ["go", "\u{301}on", "now"]),
    ("i love \u{2764} \u{FE0F} you", ["i", "love", "\u{2764}", "\u{FE0F}", "you"]),
  ])
  func wordsAreSplitBetweenScalars(_ text: String, _ words: [String]) throws {
    func scalars(_ words: [some StringProtocol]) -> [[UnicodeScalar]] { words.map { Array($0.unicodeScalars) } }
    #expect(scalars(splitAtWhiteSpace(text)) == scalars(words))
    #expect(scalars(splitIntoWords(text)) == scalars(words))
    var read = ByteStrings()
    Array(text.utf8).withUnsafeBufferPointer { read.appendWords(of: $0, in: $0.indices) }
    #expect((0..<read.count).map { Array(read.string($0).unicodeScalars) } == scalars(words))
  }

  @Test func closingPunctuationIsSplitInLinearTime() throws {
    let splitter = WordSplitter(keeping: ["yahoo!", "word"])
    #expect(splitter.words(of: "yahoo! (yahoo!)").map(String.init) == ["yahoo!", "(", "yahoo!", ")"])
    let growth = try growth(from: 10_000) { count in
      let text = "word" + String(repeating: "!", count: count)
      return { #expect(splitter.words(of: text).count == count + 1) }
    }
    #expect(growth < 24)
  }

  @Test(arguments: ["\r", "\r\n", "\n", "\r\r\n"])
  func linesEndInEveryWay(_ end: String) throws {
    let columns = ["call\tO", "anna\tB-PER", "", "weather\tO", "in\tO", "oslo\tB-CITY", ""].joined(separator: end)
    let data = try TemporaryFolder(["train.conll": columns]).load()
    #expect(data.rendered(data.train) == ["? | call/O anna/B-PER", "? | weather/O in/O oslo/B-CITY"])
    let folder = try TemporaryFolder([
      "train/seq.in": "a b\(end)c\(end)", "train/seq.out": "O O\(end)B-X\(end)", "train/label": "x y\(end)z",
    ]).load()
    #expect(folder.rendered(folder.train) == ["x y | a/O b/O", "z | c/B-X"])
    let json = try TemporaryFolder([
      "train.jsonl": "{\"text\":\"a\",\"label\":\"x\"}\(end){\"text\":\"b\",\"label\":\"x\"}"
    ])
    #expect(try json.load().train.count == 2)
  }

  /// Eight bytes at a time, against one scalar after the other; with control characters, which readers refuse elsewhere.
  @Test func wordsAreFoundWhereverTheyLie() {
    var chance = SplitMix64(seed: 1)
    let scalars = Array("aZ09!~\u{7F}é漢\u{1F600}\u{1}\u{1F} \t\n\u{B}\u{A0}\u{2003}\u{3000}".unicodeScalars)
    for _ in 0..<5_000 {
      let count = Int.random(in: 0..<40, using: &chance)
      let parts = (0..<count).map { _ in Bool.random(using: &chance) ? "x" : scalars.randomElement(using: &chance)! }
      let (whole, ascii) = (
        naiveWords(parts, \.properties.isWhitespace), naiveWords(parts) { " \t\n\u{B}".unicodeScalars.contains($0) }
      )
      let bytes = Array(String(String.UnicodeScalarView(parts)).utf8)
      // What lies behind the end is no part of it.
      for rest in [[], Array("  end of the line  ".utf8)] {
        var found = (ByteStrings(), ByteStrings())
        (bytes + rest).withUnsafeBufferPointer {
          found.0.appendWords(of: $0, in: 0..<bytes.count)
          found.1.appendASCIIWords(of: $0, in: 0..<bytes.count)
          #expect($0.hasWhiteSpace(0..<bytes.count) == parts.contains(where: \.properties.isWhitespace))
        }
        #expect((0..<found.0.count).map(found.0.string) == whole)
        #expect((0..<found.1.count).map(found.1.string) == ascii)
      }
    }
  }

  private func naiveWords(_ scalars: [UnicodeScalar], _ isSpace: (UnicodeScalar) -> Bool) -> [String] {
    scalars.split(whereSeparator: isSpace).map { String(String.UnicodeScalarView($0)) }
  }

  /// A quotation mark, an escape and a control character at each place of a JSON string.
  @Test func stringsOfJSONEndWherever() throws {
    for length in 0..<25 {
      for filling in ["a", "\u{7F}", "é", "漢"] {
        let text = String(repeating: filling, count: length)
        for rest in ["", ", \"label\": \"x\"}"] {
          let plain = Array("\"\(text)\"\(rest)".utf8)
          let escaped = Array("\"\(text)\\\"b\"\(rest)".utf8)
          for (bytes, wanted) in [(plain, text), (escaped, text + "\"b")] {
            try bytes.withUnsafeBufferPointer { bytes in
              var (read, skipped) = (JSONCursor(bytes, bytes.indices), JSONCursor(bytes, bytes.indices))
              var found: [UInt8] = []
              try read.readString(into: &found)
              try skipped.skipString()
              #expect(String(decoding: found, as: UTF8.self) == wanted)
              #expect(read.position == bytes.count - rest.utf8.count && skipped.position == read.position)
            }
          }
          Array("\"\(text)\u{1F}\"\(rest)".utf8).withUnsafeBufferPointer { bytes in
            var cursor = JSONCursor(bytes, bytes.indices)
            #expect(throws: JSONProblem.self) { try cursor.skipString() }
            #expect(cursor.position == 1 + text.utf8.count)
          }
        }
      }
    }
  }

  @Test func linesAreCountedWithAnyEnd() {
    let bytes = Array("a\rb\r\nc\n\r\rd".utf8)
    bytes.withUnsafeBufferPointer { bytes in
      var lines = LineCursor(bytes)
      var seen: [String] = []
      while let line = lines.next() { seen.append(bytes.text(line)) }
      #expect(seen == ["a", "b", "c", "", "", "d"])
      #expect(LineCursor.line(of: 8, in: bytes).number == 5)
      #expect(LineCursor.line(of: 0, in: bytes) == (1, 0))
    }
  }

  @Test func rowsOfJSONAreNamedByTheirLines() throws {
    let rows = [#"{"text":"a","label":"x"}, {"text": "#, #""b","label":"x"},"#, "", #"{"label":"x"}, {"text":"c"}"#]
    let folder = try TemporaryFolder(["train.json": "[\n\n" + rows.joined(separator: "\n") + "]"])
    #expect(folder.failure().text.hasPrefix("train.json:6: no words"))
  }

  /// A byte order mark where two files were put together, at a line's start.
  @Test func byteOrderMarksAtALinesStartGo() throws {
    let folder = try TemporaryFolder([
      "train/seq.in": "\u{FEFF}a\n\u{FEFF}b\n", "train/seq.out": "\u{FEFF}O\n\u{FEFF}B-X\n",
      "train/label": "\u{FEFF}k\n\u{FEFF}k\u{A0}\n", "dev.conll": "\u{FEFF}# intent: k\na\tO\n\u{FEFF}b\tB-X\n",
      "test.jsonl": "\u{FEFF}{\"text\":\"a\",\"label\":\"\u{FEFF} k\"}\n",
    ])
    let data = try folder.load()
    #expect(data.rendered(data.train) == ["k | a/O", "k | b/B-X"])
    #expect(data.dev.map(data.rendered) == ["k | a/O b/B-X"])
    #expect(data.test.map(data.rendered) == ["k | a"])
  }
}
