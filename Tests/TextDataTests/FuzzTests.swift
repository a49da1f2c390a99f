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
      "train.conll": "# intent: x\na I-X\nb B-X\nc O\n\n-DOCSTART- O\n\n# k = v\nd\tB-Y\n# e O\r\n\r\nf E-Y\ng L-Y\n"
    ],
    "json": [
      "train.jsonl": """
      {"tokens": ["a", "\\u00e9\\ud83d\\ude00"], "ner_tags": [0, -100], "label": 1}
      {"text": "b c", "slot": "O B-x", "intent": ["k"], "more": {"x": [1.5e-3, null, true]}}
      """,
      "ner_tags.names": "O\nB-x\n",
      "dataset_info.json": #"{"features":{"label":{"names":["u","v"]}}}"#,
    ],
  ]

  @Test(arguments: seeds.keys.sorted())
  func mutatedInputNeverTraps(_ format: String) throws {
    let files = try #require(Self.seeds[format])
    let folder = try TemporaryFolder(files)
    var generator = SplitMix64(seed: 0xF022)
    let names = files.keys.sorted()
    var loaded = 0
    for _ in 0..<400 {
      let name = generator.pick(names)
      let original = Array((files[name] ?? "").utf8)
      try folder.write(name, mutate(original, &generator))
      do throws(DataError) {
        let data = try folder.load(maxLength: 4)
        loaded += 1
        check(data.train)
      } catch {
        #expect(!error.description.isEmpty)
        #expect(error.description.utf8.count < 1_000)
      }
      try folder.write(name, original)
    }
    #expect(loaded > 0)
    #expect(loaded < 400)
  }

  private func check(_ split: EncodedSplit) {
    let batch = collate(split, rows: (0..<Int32(split.count)), padTo: nil)
    #expect(batch.inputIDs.count == split.count * batch.length)
    for row in 0..<split.count {
      let gold = split.goldTags(of: row)
      #expect(gold.isEmpty || gold.count == split.wordCount(of: row))
    }
  }

  private func mutate(_ bytes: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    let spice = Array("\"\\{}[]:,#\t\n\r -BIOESLU0u".utf8) + [0x00, 0x1B, 0xC3, 0xA9, 0xED, 0xFF]
    for _ in 0..<1 + generator.below(4) {
      let place = generator.below(bytes.count + 1)
      switch generator.below(5) {
      case 0: bytes.insert(generator.pick(spice), at: place)
      case 1: if place < bytes.count { bytes.remove(at: place) }
      case 2: if place < bytes.count { bytes[place] = generator.pick(spice) }
      case 3: bytes.removeSubrange(place...)
      default:
        let end = min(bytes.count, place + generator.below(20))
        bytes.insert(contentsOf: bytes[place..<end], at: generator.below(bytes.count + 1))
      }
    }
    return bytes
  }
}
