import Testing

@testable import TextData

private let unread = "objects whose \"answer\" is \"reject\" (once, on line 2)"

/// Files that are easily misread without a word, and what they hold.
let misreadSamples: [FormSample] = [
  FormSample(
    "numbers before the words", "a.conll", "0\tHer\tO\n1\tvisit\tO\n2\tto\tO\n3\tTuvalu\tB-LOC\n",
    ["? | Her/O visit/O to/O Tuvalu/B-LOC"],
    remarks: ["a.conll: column 1 counts the words; words are read from column 2, tags from column 3."]),
  FormSample(
    "entities beside a class", "b.jsonl",
    """
    {"text":"fly to Paris","intent":"travel","entities":[{"start":7,"end":12,"entity":"city"}]}
    {"text":"hi","intent":"greet","entities":[]}
    """,
    ["travel | fly/O to/O Paris/B-city", "greet | hi/O"]),
  FormSample(
    "spans under \"labels\" beside a class", "labels.jsonl",
    #"{"text":"fly to Paris","intent":"travel","labels":[[7,12,"city"]]}"#, ["travel | fly/O to/O Paris/B-city"]),
  FormSample(
    "spans under \"annotations\" beside a class", "annotations.jsonl",
    #"{"text":"fly to Paris","intent":"travel","annotations":[{"label":"city","start_offset":7,"end_offset":12}]}"#,
    ["travel | fly/O to/O Paris/B-city"]),
  FormSample(
    "spans under \"spans\" beside a class under \"cats\"", "cats.jsonl",
    #"{"text":"fly to Paris","cats":["travel"],"spans":[[7,12,"city"]]}"#, ["travel | fly/O to/O Paris/B-city"]),
  FormSample(
    "spans alone", "c.jsonl", #"{"text":"fly to Paris","labels":[[7,12,"city"]]}"#, ["? | fly/O to/O Paris/B-city"]),
  FormSample(
    "IOB1 with a B behind another type", "e.conll",
    "the O\nFinance I-ORG\nManual B-MISC\nof I-MISC\n\nIBM I-ORG\nand O\nParis I-LOC\n",
    ["? | the/O Finance/B-ORG Manual/B-MISC of/I-MISC", "? | IBM/B-ORG and/O Paris/B-LOC"],
    remarks: ["e.conll: tags are IOB1, converted to IOB2."]),
  FormSample(
    "a hashtag with a colon", "f.conll", "#BREAKING:\tB-ORG\nEbola\tO\n", ["? | #BREAKING:/B-ORG Ebola/O"]),
  FormSample(
    "a hashtag named as a class is", "g.conll", "#label:\tO\nworks\tO\n\nso\tO\n",
    ["? | #label:/O works/O", "? | so/O"]),
  FormSample(
    "a rejected answer", "h.jsonl",
    """
    {"text":"add docs","label":"DOCS","answer":"accept"}
    {"text":"server down","label":"DOCS","answer":"reject"}
    """, ["DOCS | add docs"], remarks: ["h.jsonl: not read: \(unread)."]),
  FormSample(
    "empty words and words with spaces", "words.jsonl",
    """
    {"tokens":["in","","New York"],"tags":["O","O","B-LOC"]}
    {"tokens":["ok"],"tags":["O"]}
    """,
    ["? | in/O New/B-LOC York/I-LOC", "? | ok/O"],
    remarks: [
      "words.jsonl:1: 1 word with white space inside became several words each: white space separates words.",
      "words.jsonl:1: 1 empty word left out.",
    ]),
  FormSample(
    "control characters in a string", "bell.jsonl", #"{"text":"ring\u0007the\u001bbell","label":"x"}"#,
    ["x | ring the bell"], remarks: ["bell.jsonl:1: control characters in 1 string: read as white space."]),
]

/// Files without what is learned: refused alike, with the cause and what to do.
@Suite struct MisreadingTests {
  @Test(arguments: [
    (
      "d.csv", "label,token,doc,sent\n0,H,0,0\n1,Obama,0,0\n",
      "d.csv:2: the tags are numbers and their names are unknown: write them to label.names beside the file, one a line"
    ),
    (
      "categories.json", "[\n  \"card_arrival\",\n  \"age_limit\"\n]\n",
      "categories.json:2: there is a text without labels: write rows as {\"text\": …, \"label\": …} or "
        + "[\"text\", \"label\"]"
    ),
    (
      "lists.json", #"[["EU", "rejects", "it"]]"#,
      "lists.json:1: there is an array of more than a text and its labels: write rows as "
        + "{\"text\": …, \"label\": …} or [\"text\", \"label\"]"
    ),
    (
      "more.jsonl", #"{"tokens":["a"],"tags":["O","O"]}"#,
      "more.jsonl:1: 2 tags in \"tags\" for 1 word in \"tokens\": give every word one tag"
    ),
  ])
  func whatHasNoLabelsIsRefusedAlike(_ name: String, _ text: String, _ sentence: String) throws {
    let folder = try TemporaryFolder([name: text, "train.jsonl": #"{"text":"a","label":"x"}"#])
    let path = folder.path + "/" + name
    let encoding = try folder.load().encoding
    func failure(_ body: () throws -> Void) -> String {
      do { try body() } catch { return "\(error)".replacing(folder.path + "/", with: "") }
      return "read"
    }
    #expect(
      failure {
        _ = try TextDataset.load(
          DataOptions(source: .files(train: [path], dev: [], test: []), lowercase: false, minimumCount: 1, maxLength: 8)
        )
      } == sentence)
    #expect(failure { _ = try importData(from: path, to: folder.path + "/out", format: .sentences) } == sentence)
    #expect(failure { _ = try SplitStream(.folder(path), split: .test, encoding: encoding) } == sentence)
  }
}
