import FuzzSupport
import Testing

@testable import TextData

/// Mutated files of every format: whatever they hold, they load or are refused; nothing traps, nothing is lost.
@Suite struct FuzzTests {
  private static let seeds: [String: [String: String]] = [
    "folder": [
      "train/seq.in": "play Blue Train\nmake  update \n\nstop é\n", "train/seq.out": "O B-song I-song\nO O\n\nO S-x\n",
      "train/label": "Play Music\nMake Update\n\nstop\n",
    ],
    "columns": [
      "train.conll": "# intent: x\na I-X\nb B-X\nc O\n\n-DOCSTART- O\n\n# k = v\nd\tB-Y\ne O\r\n\r\nf I-Y\ng B-Y\n"
    ],
    "json": [
      "train.jsonl": """
      {"tokens": ["a", "\\u00e9\\ud83d\\ude00"], "ner_tags": [0, -100], "label": 1}
      {"text": "b c", "slot": "O B-x", "intent": ["k"], "more": {"x": [1.5e-3, null, true]}}
      """,
      "ner_tags.names": "O\nB-x\n",
      "dataset_info.json": #"{"features":{"label":{"names":["u","v"]}}}"#,
    ],
    "spans": [
      "train.json": """
      [{"text": "a \\u00e9 \\ud83d\\ude00 b.", "entities": [[2, 3, "X"], {"start": 4, "end": 6, "label": "Y", "text": "b"}],
        "cats": ["k"]}, ["Uber x", {"entities": [[0, 4, "ORG"]], "cats": {"A": 0.9}}], null,
       {"data": {"text": "c d"}, "annotations": [{"was_cancelled": false, "result": [{"type": "labels", "value":
        {"start": 0, "end": 1, "labels": ["Z"]}}, {"type": "choices", "value": {"choices": ["q"]}}]}]},
       {"sentences": [["a", "b"], ["c"]], "ner": [[[0, 1, "P"]], []]}, {"annot_utt": "at [time : 5 pm]", "intent": "i"}]
      """
    ],
    "words with spans": [
      "train.json": """
      [{"tokens": ["a", "\\u00e9 x", ""], "entities": [{"type": "P", "start": 0, "end": 1}, [1, 2, "Q"]], "label": "k"},
       {"tokens": ["b"], "entities": [{"token_start": 0, "token_end": 0, "label": "R"}]},
       {"paragraphs": [{"cats": [{"label": "c", "value": 1}], "sentences": [{"tokens": [{"orth": "c", "ner": "U-P"},
        {"orth": "d", "ner": "-"}, {"orth": "e"}]}]}]}]
      """
    ],
    "pairs by split": [
      "train.json": #"{"oos_train": [["a b", "oos"]], "train": [["c \u00e9", "x"], ["d", "y"]], "val": [["e", "x"]]}"#
    ],
    "fastText": ["train.txt": "__label__a some words\n\nno __label__b é\n__label__c\nnone\n"],
    "object of rows": [
      "train.json": """
      {"rasa_nlu_data": {"common_examples": [{"text": "to Rome", "intent": "go", "entities": [{"start": 3, "stop": 1,
        "entity": "city", "text": "Rome"}], "training": true}, {"text": "b", "training": false}], "regex_features": []}}
      """
    ],
    "sentences in a table": ["train.csv": "id,text,label\r\n1,\"a, \"\"b\"\"\nc\",x\r\n2,d e,\r\n3,f,y\r\n"],
    "words in a table": [
      "train.csv": "Sentence #,Word,POS,Tag\nSentence: 1,in,IN,O\n,\"Ro,me\",NNP,B-geo\nSentence: 2,Hi,UH,O\n"
    ],
    "Rasa YAML": [
      "train.yml": """
      version: "3.1"
      nlu:
      - intent: faq/hours
        examples: |
          - when [open](action:x) [a]{"entity": "t", "role": "r"} [b]
      - intent: bye
        examples:
        - text: |
            see [you](time)
      - regex: zip
        examples: |
          - x
      """
    ],
    "Rasa Markdown": [
      "train.md": "<!-- c -->\n## intent:a\n- show [x](y:z) [b]\n* c]\n\n##intent:b\n- d\n## synonym:q\n- r\n"
    ],
    "brackets": ["train.txt": "a\tat [time : five am] x [y]\nb\tplay [k : é]\n"],
    "trees": ["train.tsv": "d\tu\ts\nw\tR\t[IN:A Rain in [SL:B [IN:C [SL:D Rome ] ] ] [SL:E today ] ]\n"],
  ]

  @Test(arguments: seeds.keys.sorted())
  func mutatedInputNeverTraps(_ format: String) throws {
    let files = try #require(Self.seeds[format])
    let folder = try TemporaryFolder(files)
    let names = files.keys.sorted()
    var mutator = Mutator(
      seed: 0xF022, spice: "\"\\{}[]:,#\t\n\r -BIOESLU".map { String($0) } + ["\r\n", "\n\n", "\\ud83d", "\\u0000"])
    let rounds = Mutator.rounds(400)
    var (taken, refused) = (0, 0)
    for name in names {
      let original = Array((files[name] ?? "").utf8)
      let counts = mutator.feed(
        "\(format), \(name)", rounds: (rounds + names.count - 1) / names.count, inputs: [original]
      ) { bytes in
        try folder.write(name, bytes)
        do throws(DataError) {
          check(try folder.load(maxLength: 4).train)
        } catch {
          #expect(!error.description.isEmpty)
          #expect(error.description.utf8.count < 1_000)
          throw error
        }
      }
      try folder.write(name, original)
      taken += counts.taken
      refused += counts.refused
    }
    #expect(taken > 0)
    #expect(refused > 0)
  }

  private func check(_ split: EncodedSplit) {
    let batch = padded(split, rows: (0..<Int32(split.count)), padTo: nil)
    #expect(batch.inputIDs.count == split.count * batch.length)
    for row in 0..<split.count {
      let gold = split.goldTags(of: row)
      #expect(gold.isEmpty || gold.count == split.wordCount(of: row))
    }
  }
}
