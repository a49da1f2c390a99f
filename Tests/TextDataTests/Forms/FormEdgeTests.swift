import Foundation
import Testing

@testable import TextData

/// Edges of the forms that one small file does not show.
@Suite struct FormEdgeTests {
  private func load(_ folder: TemporaryFolder, _ train: String, dev: [String] = [], maxLength: Int = 64) throws
    -> TextDataset
  {
    try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/" + train], dev: dev.map { folder.path + "/" + $0 }, test: []),
        lowercase: false, minimumCount: 1, maxLength: maxLength))
  }

  private func failure(_ name: String, _ text: String) throws -> String {
    let folder = try TemporaryFolder([name: text])
    do {
      _ = try load(folder, name)
      return "read"
    } catch {
      return "\(error)".replacingOccurrences(of: folder.path + "/", with: "")
    }
  }

  @Test func documentsAreCutAtLinesAndSentencesOutsideSpans() throws {
    let text = "One two three.\\nFour U.S. five. Six (seven.) Eight. Nine ten?"
    let folder = try TemporaryFolder([
      "a.jsonl": """
      {"text": "\(text)", "label": [[31, 36, "A"]]}
      {"text": "one two three four five six seven eight nine", "label": []}
      {"text": "short. one", "label": []}
      """
    ])
    let data = try load(folder, "a.jsonl", maxLength: 8)
    #expect(text.replacingOccurrences(of: "\\n", with: "\n").dropFirst(31).prefix(5) == "Six (")
    #expect(
      data.rendered(data.train) == [
        "? | One/O two/O three/O ./O", "? | Four/O U.S./O five/O ./O", "? | Six/B-A (/I-A seven/O ./O )/O",
        "? | Eight/O ./O", "? | Nine/O ten/O ?/O", "? | one/O two/O three/O four/O five/O six/O",
        "? | short/O ./O one/O",
      ])
    #expect(
      folder.remarks(data) == [
        "a.jsonl:1: 1 text of more than 6 words cut into 5 sentences at line and sentence ends outside spans.",
        "train: 1 of 7 sentences cut to 8 tokens, 3 words without a prediction (predicted O, counted as missed).",
      ])
  }

  /// A class is of a whole text: such a text is one sentence, however long it is.
  @Test func textsWithAClassAreNotCut() throws {
    let folder = try TemporaryFolder([
      "a.jsonl": #"{"text": "A b. C d. E f. G", "entities": [[0, 1, "X"]], "intent": "long"}"#
    ])
    let data = try load(folder, "a.jsonl", maxLength: 6)
    #expect(data.train.count == 1)
    #expect(data.rendered(data.train) == ["long | A/B-X b/O ./O C/O"])
  }

  @Test func aLineOfAMegabyteIsRead() throws {
    let words = 200_000
    let text = (0..<words).map { _ in "ab" }.joined(separator: " ")
    let folder = try TemporaryFolder([
      "a.jsonl": "{\"text\": \"\(text)\", \"label\": [[\(text.count - 2), \(text.count), \"X\"]]}\n"
    ])
    var sentences = 0
    var tagged = 0
    var report = ReadReport()
    try openSplit(folder.path + "/a.jsonl").read(&report) { (sentence) throws(DataError) in
      sentences += sentence.wordCount
      tagged += sentence.tagStrings.filter { $0 == "B-X" }.count
    }
    #expect(sentences == words)
    #expect(tagged == 1)
  }

  @Test func rowsThatNameTheirSplitAreReadForIt() throws {
    let folder = try TemporaryFolder([
      "braun.json": """
      {"sentences": [{"text": "a x", "intent": "k", "entities": [], "training": true},
        {"text": "b x", "intent": "l", "entities": [{"text": "x", "entity": "E", "start": 1, "stop": 1}], "training": true},
        {"text": "c x", "intent": "k", "entities": [], "training": false}]}
      """,
      "massive.jsonl": """
      {"partition": "train", "intent": "k", "annot_utt": "a [t : b]"}
      {"partition": "dev", "intent": "k", "annot_utt": "c"}
      """,
    ])
    let braun = try load(folder, "braun.json", dev: ["braun.json"])
    #expect(braun.rendered(braun.train) == ["k | a/O x/O", "l | b/O x/B-E"])
    #expect(braun.dev.map(braun.rendered) == ["k | [UNK]/O x/O"])
    #expect(
      folder.remarks(braun) == [
        "braun.json: not read: rows of other splits (by \"training\") (3 times, first on line 3)."
      ])
    let massive = try load(folder, "massive.jsonl", dev: ["massive.jsonl"])
    #expect(massive.rendered(massive.train) == ["k | a/O b/B-t"])
    #expect(massive.dev.map(massive.rendered) == ["k | [UNK]/O"])
  }

  /// A file with a list a split serves for each of them, and is imported as a folder of splits.
  @Test func aFileOfSeveralSplitsIsReadAndImportedByThem() throws {
    let folder = try TemporaryFolder([
      "all.json": """
      {"train": [["a b", "x"], ["c", "y"]], "validation": [["a", "x"]], "test": [["c", "y"]], "oos_test": [["d", "oos"]]}
      """
    ])
    let data = try load(folder, "all.json", dev: ["all.json"])
    #expect(data.rendered(data.train) == ["x | a b", "y | c"])
    #expect(data.dev.map(data.rendered) == ["x | a"])
    _ = try importData(from: folder.path + "/all.json", to: folder.path + "/out", format: .json)
    #expect(try String(contentsOfFile: folder.path + "/out/train/seq.in", encoding: .utf8) == "a b\nc\n")
    #expect(try String(contentsOfFile: folder.path + "/out/dev/seq.in", encoding: .utf8) == "a\n")
    #expect(try String(contentsOfFile: folder.path + "/out/test/label", encoding: .utf8) == "y\noos\n")
  }

  /// What the ends of spans are is decided by the first thousands, for all.
  @Test(arguments: ["\n", ",\n"]) func manySpansThatCountWordsAreReadAlike(_ between: String) throws {
    let row = #"{"tokens": ["in", "Rome"], "entities": [{"start": 1, "end": 1, "type": "city"}]}"#
    let rows = repeatElement(row, count: 12_000).joined(separator: between)
    let folder = try TemporaryFolder(["a.json": between == "\n" ? rows : "[\(rows)]"])
    var count = 0
    var report = ReadReport()
    try openSplit(folder.path + "/a.json").read(&report) { (sentence) throws(DataError) in
      if sentence.tagStrings == ["O", "B-city"] { count += 1 }
    }
    #expect(count == 12_000)
  }

  /// Pairs of strings beside rows with keys are something else.
  @Test func pairsOfStringsBesideRowsAreNoRows() throws {
    let folder = try TemporaryFolder([
      "a.json": #"{"synonyms": [["big", "large"]], "data": [{"text": "a", "label": "x"}, {"text": "b", "label": "y"}]}"#
    ])
    let data = try load(folder, "a.json")
    #expect(data.rendered(data.train) == ["x | a", "y | b"])
  }

  @Test func whatCannotBeReadIsRefusedWithASentence() throws {
    let cases = [
      (
        "two.json", #"{"one": [{"text": "a", "label": "x"}], "dev": [{"text": "b", "label": "x"}]}"#,
        "two.json: there are sentences in \"one\" and \"dev\": write each to a file of its own"
      ),
      (
        "dev.json", #"{"oos_val": [["a", "x"]], "val": [["b", "y"]]}"#,
        "dev.json: there are sentences in \"oos_val\" and \"val\", but none for train"
      ),
      (
        "labels.txt", "__label__a __label__b which is it\n", "labels.txt:1: several labels: give a sentence one class"
      ),
      (
        "none.json", "{\n\"a\": 1}",
        "none.json: no sentences were found in this JSON: expected objects with \"text\" or \"tokens\", or an array of them"
      ),
      (
        "open.json", "[{\"text\": \"a\", \"label\": \"x\"},\n{\"text\": \"b\"",
        "open.json:2: expected \",\" or \"}\": write valid JSON"
      ),
      (
        "open.csv", "text,label\na,x\n\"b,x\nc,y\n",
        "open.csv:3: a quotation mark opens a field that is never closed: close or double it"
      ),
      (
        "after.csv", "text,label\n\"a\"b,x\n",
        "after.csv:2: text follows the quotation mark that closes a field: double those inside"
      ),
      (
        "ragged.csv", "text,label\na,x\na, b,x\n",
        "ragged.csv:3: 3 fields, but the others have 2: give every record the same, and quote fields that hold the delimiter"
      ),
      (
        "unnamed.tsv", "play some jazz\tmusic\nis it cold\tweather\n",
        "unnamed.tsv:1: no header says which column is the text and which the class (found \"play some jazz\", \"music\"): "
          + "write one, such as text,label, or say --columns text=1,class=2 (or word=1,tag=2)"
      ),
      ("tree.txt", "[IN:A b [SL:C d ]\n", "tree.txt:1: the tree's brackets do not match: close each with ] of its own"),
      (
        "a.ann", "T1\tPerson 0 3\tAnn\n",
        "a.ann: this is brat's annotations without the text they belong to: name the folder of both"
      ),
      (
        "bad.yml", "nlu:\n- intent: a\n  examples: |\n    - b\n : : x\n",
        "bad.yml:5: this is not valid YAML there: mend it"
      ),
    ]
    for (name, text, sentence) in cases { #expect(try failure(name, text) == sentence) }
  }

  @Test(arguments: [
    ("我去北京。OK", ["我", "去", "北", "京", "。", "OK"]), ("Paris是(城市)", ["Paris", "是", "(", "城", "市", ")"]),
    ("カタカナ", ["カ", "タ", "カ", "ナ"]), ("한국어 문장", ["한국어", "문장"]),
  ])
  func eachCharacterOfChineseAndJapaneseIsAWord(_ text: String, _ words: [String]) {
    #expect(splitIntoWords(text).map(String.init) == words)
  }

  @Test func knownWordsOfChineseStayWhole() {
    #expect(splitIntoWords("北京 大学") { $0 == "北京" }.map(String.init) == ["北京", "大", "学"])
  }

  @Test(
    arguments: [
      ("word=2,tag=4,class=3", "word=2,tag=4,class=3"), ("text=1,class=2", "text=1,class=2"),
      ("class=1,word=2", "word=2,class=1"),
      ("word=0", nil), ("tag=2", nil), ("word=1,text=2", nil), ("word=1,tag=1", nil), ("word", nil), ("", nil),
      ("word=1,word=2", nil), ("word=1,", nil),
    ] as [(String, String?)])
  func columnsAreNamedByNumber(_ text: String, _ roles: String?) {
    #expect(ColumnRoles(text)?.description == roles)
  }
}
