import Testing

@testable import TextData

/// The embedded corpus, read back as sentences.
@Suite struct DemoCorpusTests {
  private struct Row: Hashable {
    var words: [String]
    var tags: [String]
    var label: String
  }

  private func rows() throws -> [SplitName: [Row]] {
    let corpus = DemoCorpus()
    var report = ReadReport()
    var rows: [SplitName: [Row]] = [:]
    for split in SplitName.allCases {
      var read: [Row] = []
      try corpus.read(split, &report) { sentence in
        let words = (0..<sentence.wordCount).map { sentence.word($0) }
        read.append(Row(words: words, tags: sentence.tagStrings, label: sentence.labelString ?? ""))
      }
      rows[split] = read
    }
    #expect(report.fingerprints.count == 3)
    return rows
  }

  /// `type: value` of every entity, lower-cased; fails for tags that are not IOB2.
  private func entities(_ rows: [Row]) -> [String] {
    var found: [String] = []
    for row in rows {
      #expect(row.words.count == row.tags.count)
      var previous = "O"
      for (word, tag) in zip(row.words, row.tags) {
        let type = tag.dropFirst(2)
        if tag.hasPrefix("B-") {
          found.append("\(type): \(word.lowercased())")
        } else if tag.hasPrefix("I-") {
          #expect(previous.dropFirst(2) == type, "\(row.words) \(row.tags)")
          found[found.count - 1] += " " + word.lowercased()
        } else {
          #expect(tag == "O")
        }
        previous = tag
      }
    }
    return found
  }

  @Test func hasTheSizesThatTheDocumentationPromises() throws {
    let rows = try rows()
    let train = try #require(rows[.train])
    let dev = try #require(rows[.dev])
    let test = try #require(rows[.test])
    #expect(train.count == 6_000 && dev.count == 800 && test.count == 800)
    #expect(Set(train.map(\.label)).count == 9)
    #expect(Set(train.flatMap(\.tags)).count == 2 * 15 + 1)
    let all = train + dev + test
    #expect(Set(all.map(\.words)).count == 7_600)
    #expect(Set(dev.flatMap(\.tags)).isSubset(of: train.flatMap(\.tags)))
  }

  @Test func aThirdOfTheValuesOfDevAndTestAreUnseenInTrain() throws {
    let rows = try rows()
    let seen = Set(entities(try #require(rows[.train])))
    for split in [SplitName.dev, .test] {
      let values = Set(entities(try #require(rows[split])))
      let unseen = Double(values.subtracting(seen).count) / Double(values.count)
      #expect(unseen > 0.30, "\(split) has \(unseen)")
      #expect(unseen < 0.60, "\(split) has \(unseen)")
    }
  }

  @Test func namesAreAmbiguousBetweenTypes() throws {
    let train = entities(try #require(try rows()[.train]))
    var types: [Substring: Set<Substring>] = [:]
    for entity in train {
      let parts = entity.split(separator: ":", maxSplits: 1)
      types[parts[1], default: []].insert(parts[0])
    }
    #expect(types.values.count { $0.count > 1 } > 40)
    #expect(types.values.contains { $0.isSuperset(of: ["city", "origin", "destination", "artist"]) })
  }

  @Test func isTheSameEveryTime() throws {
    let first = try TextDataset.load(demoOptions)
    let second = try TextDataset.load(demoOptions)
    #expect(first.fingerprints == second.fingerprints)
    #expect(first.fingerprints.keys.sorted() == ["demo/dev", "demo/test", "demo/train"])
    #expect(first.vocabulary == second.vocabulary)
    #expect(first.train.count == 6_000)
    #expect(first.remarks.isEmpty)
    let again = DemoCorpus()
    var report = ReadReport()
    try again.read(.test, &report) { _ in }
    #expect(report.fingerprints["demo/test"] == first.fingerprints["demo/test"])
  }

  private let demoOptions = DataOptions(source: .demo, lowercase: false, minimumCount: 1, maxLength: 64)
}
