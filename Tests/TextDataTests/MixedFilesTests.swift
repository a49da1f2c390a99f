import Testing

@testable import TextData

/// Several files of one split, each of its own form and labelled for what it is labelled for.
@Suite struct MixedFilesTests {
  private func folder() throws -> TemporaryFolder {
    try TemporaryFolder([
      "classes.jsonl": "{\"text\":\"play jazz\",\"label\":\"music\"}\n{\"text\":\"rain\",\"label\":\"weather\"}\n",
      "tags.conll": "in\tO\nnew\tI-city\nyork\tI-city\n\noslo\tI-city\n",
      "both/seq.in": "play blues", "both/seq.out": "O S-genre", "both/label": "music",
      "dev.conll": "# intent: music\nplay\tO\nrock\tB-genre\n",
      "more.jsonl": "{\"text\":\"snow\",\"label\":\"ski\"}\n",
    ])
  }

  private func load(_ folder: TemporaryFolder, _ names: [String], dev: [String] = []) throws -> TextDataset {
    func path(_ name: String) -> String { folder.path + "/" + name }
    return try TextDataset.load(
      DataOptions(
        source: .files(train: names.map(path), dev: dev.map(path), test: []), lowercase: false, minimumCount: 1,
        maxLength: 12))
  }

  @Test func transitionsAreCountedWhereThereAreTags() throws {
    let folder = try folder()
    let data = try load(folder, ["classes.jsonl", "tags.conll", "both"])
    let seen = data.train.tagTransitions(tagCount: data.tags.count)
    func place(_ tag: String) throws -> Int { try #require(data.tags.firstIndex(of: tag)) }
    let (city, genre, inside, other) = (try place("B-city"), try place("B-genre"), try place("I-city"), try place("O"))
    // in new york | oslo | play blues
    var steps = [Int](repeating: 0, count: 16)
    for (from, to) in [(other, city), (city, inside), (other, genre)] { steps[from * 4 + to] += 1 }
    #expect(seen.steps == steps)
    #expect(seen.first[other] == 2 && seen.first[city] == 1 && seen.first.reduce(0, +) == 3)
    #expect(seen.last[inside] == 1 && seen.last[city] == 1 && seen.last[genre] == 1 && seen.last.reduce(0, +) == 3)
  }

  @Test(arguments: [[0, 1, 2], [1, 0, 2], [2, 1, 0]]) func eachTrainsWhatItHas(order: [Int]) throws {
    let folder = try folder()
    let files = ["classes.jsonl", "tags.conll", "both"]
    let rows = [
      ["music | play jazz", "weather | rain"], ["? | in/O new/B-city york/I-city", "? | oslo/B-city"],
      ["music | play/O blues/B-genre"],
    ]
    let data = try load(folder, order.map { files[$0] }, dev: ["dev.conll", "more.jsonl"])
    // The IOB1 of one file and the IOBES of another are distinguished.
    #expect(data.rendered(data.train) == order.flatMap { rows[$0] })
    #expect(data.sentenceClasses == ["music", "weather"])
    #expect(data.tags == ["B-city", "B-genre", "I-city", "O"])
    #expect(data.dev.map(data.rendered) == ["music | play/O [UNK]/B-genre", "ski | [UNK]"])
    #expect(data.name == "\(files[order[0]])+2")
    #expect(data.fingerprints.count == 7)
    let path = folder.path
    for remark in [
      "\(path)/classes.jsonl: 2 sentences with classes.", "\(path)/tags.conll: 2 sentences with tags.",
      "\(path)/both/seq.in: 1 sentence with classes and tags.",
      "dev: 1 sentence with 1 class that train does not have (counted as wrong): \"ski\"; first at"
        + " \(path)/more.jsonl:1.",
    ] { #expect(data.remarks.contains(remark), "\(data.remarks)") }
    let batch = collate(data.train, rows: Array(0..<Int32(data.train.count)), padTo: nil)
    #expect(batch.classLabels.count { $0 == ignoredLabel } == 2)
    #expect(batch.tagLabels.count { $0 >= 0 } == 6)
  }

  @Test func aFileNamedTwiceIsRefused() throws {
    let folder = try folder()
    #expect(throws: DataError.self) { try load(folder, ["both", "both"]) }
  }

  @Test func streamsReadThemAllAndNameEachOnesFile() throws {
    let folder = try folder()
    let data = try load(folder, ["classes.jsonl", "tags.conll", "both"])
    let paths = ["tags.conll", "both", "more.jsonl"].map { folder.path + "/" + $0 }
    var stream = try SplitStream(
      .files(train: [], dev: [], test: paths), split: .test, encoding: data.encoding)
    #expect(stream.count == 4)
    var seen: [String] = []
    try stream.read { part in
      for row in 0..<part.split.count {
        let tags = part.split.goldTags(of: row).map { part.tags[Int($0)] }
        let name = part.file.map { $0.dropFirst(folder.path.count + 1) } ?? "?"
        seen.append("\(name):\(part.lines[row]) \(part.firstSentence + row) \(tags.joined(separator: " "))")
      }
      return true
    }
    #expect(
      seen == [
        "tags.conll:1 0 O B-city I-city", "tags.conll:5 1 B-city", "both/seq.in:1 2 O B-genre", "more.jsonl:1 3 ",
      ])
    #expect(stream.remarks.count == 3, "\(stream.remarks)")
  }
}
