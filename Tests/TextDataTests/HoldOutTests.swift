import Foundation
import Testing

@testable import TextData

/// Dev and test taken from train's own files.
@Suite struct HoldOutTests {
  /// 60, 30 and 10 sentences of three classes, each sentence twice in another case.
  private func corpus() throws -> TemporaryFolder {
    var lines: [String] = []
    for (name, count) in [("a", 60), ("b", 30), ("c", 10)] {
      for number in 0..<count {
        lines.append("{\"text\":\"Say \(name)\(number) now\",\"label\":\"\(name)\"}")
        lines.append("{\"text\":\"say \(name)\(number), NOW !\",\"label\":\"\(name)\"}")
      }
    }
    return try TemporaryFolder(["all.jsonl": lines.joined(separator: "\n")])
  }

  private func load(_ folder: TemporaryFolder, dev: String, test: String? = nil) throws(DataError) -> TextDataset {
    try TextDataset.load(
      DataOptions(
        source: .files(train: [folder.path + "/all.jsonl"], dev: [dev], test: test.map { [$0] } ?? []),
        lowercase: false,
        minimumCount: 1, maxLength: 8))
  }

  @Test func eachClassGivesItsShareAndNoSentenceIsInTwoParts() throws {
    let folder = try corpus()
    let data = try load(folder, dev: "10% (seed 3)", test: "20% (seed 3)")
    let (dev, test) = (try #require(data.dev), try #require(data.test))
    func perClass(_ split: EncodedSplit) -> [Int] {
      (0..<3).map { label in (0..<split.count).count { split.sentenceClass(of: $0) == label } }
    }
    #expect(perClass(dev) == [12, 6, 2] && perClass(test) == [24, 12, 4] && perClass(data.train) == [84, 42, 14])
    #expect(!data.findings.contains { $0.contains(" too, but for case") })
    #expect(data.findings.contains { $0.hasPrefix("dev is 10% (seed 3) of the train data") })
    #expect(data.fingerprints.count == 1)
  }

  @Test func theSeedChooses() throws {
    let folder = try corpus()
    func words(_ dev: String) throws -> [String] {
      var sentences: [String] = []
      var report = ReadReport()
      for source in try findSplits(
        .files(train: [folder.path + "/all.jsonl"], dev: [dev], test: []), .dev, ReadingContext())
      {
        try source.read(&report) { sentences.append($0.words.string(1)) }
      }
      return sentences
    }
    #expect(try words("10% (seed 1)") == words("10% (seed 1)"))
    #expect(try words("10% (seed 1)") != words("10% (seed 2)"))
    var stream = try SplitStream(
      .files(train: [folder.path + "/all.jsonl"], dev: ["10% (seed 1)"], test: []), split: .dev,
      encoding: try load(folder, dev: "10% (seed 1)").encoding)
    var count = 0
    try stream.read { part in
      count += part.split.count
      return true
    }
    #expect(count == 20, "an evaluation finds the same sentences")
  }

  @Test func remarksOnAFileAreMadeOnce() throws {
    let folder = try TemporaryFolder([
      "all.jsonl": (0..<20).map { "{\"text\":\"t\($0)\",\"label\":\"x\",\"id\":\($0)}" }.joined(separator: "\n")
    ])
    let data = try load(folder, dev: "50%")
    #expect(data.remarks.filter { $0.contains("key \"id\" (20 times, first on line 1)") }.count == 1)
    #expect(data.train.count == 10 && data.dev?.count == 10)
  }

  /// Folds share out every sentence, each class evenly, and equal sentences together.
  @Test func foldsHaveNoSentenceInCommonAndAllTogether() throws {
    let folder = try corpus()
    var met: [String: Int] = [:]
    for number in 1...4 {
      let fold = "fold \(number) of 4 (seed 3)"
      let data = try load(folder, dev: "10% (seed 3)", test: fold)
      let test = try #require(data.test)
      let perClass = (0..<3).map { label in (0..<test.count).count { test.sentenceClass(of: $0) == label } }
      for (found, size) in zip(perClass, [120, 60, 20]) { #expect(abs(found - size / 4) <= 2, "\(perClass)") }
      #expect(abs(test.count - 50) <= 2 && data.train.count + test.count + (data.dev?.count ?? 0) == 200)
      var report = ReadReport()
      for source in try findSplits(
        .files(train: [folder.path + "/all.jsonl"], dev: [], test: [fold]), .test, ReadingContext())
      {
        try source.read(&report) {
          met[$0.words.string(1).lowercased().filter(\.isLetter) + "\($0.line)", default: 0] += 1
        }
      }
      #expect(!data.findings.contains { $0.contains(" too, but for case") })
    }
    #expect(met.count == 200 && met.values.allSatisfy { $0 == 1 })
  }

  @Test func sharesAreWrittenInOneWay() {
    #expect(HeldOutShare("fold 2 of 5")?.description == "fold 2 of 5 (seed 0)")
    #expect(HeldOutShare("fold 2 of 5 (seed 9)")?.seed == 9)
    for text in ["fold 0 of 5", "fold 6 of 5", "fold 1 of 1", "fold 2", "fold  2 of 5", "fold 2 of 5 (seed -1)"] {
      #expect(HeldOutShare(text) == nil, "\(text)")
    }
    #expect(HeldOutShare("10%")?.description == "10% (seed 0)")
    #expect(HeldOutShare("2.5% (seed 7)")?.description == "2.5% (seed 7)")
    for text in ["10", "0%", "-5%", "91%", "nan%", "10% of it", "./10%", "10% (seed x)"] {
      #expect(HeldOutShare(text) == nil, "\(text)")
    }
  }

  @Test func whatCannotBeHeldOutIsRefused() throws {
    let folder = try TemporaryFolder(["all.jsonl": "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\",\"label\":\"y\"}"]
    )
    #expect(throws: DataError.self) { try load(folder, dev: "10%") }
    #expect(throws: DataError.self) {
      try TextDataset.load(
        DataOptions(
          source: .files(train: [folder.path + "/all.jsonl"], dev: ["10%", "x.conll"], test: []), lowercase: false,
          minimumCount: 1, maxLength: 8))
    }
  }

  /// A data set's folder named for train: its train split is shared out, its own splits stay where none is named.
  @Test func aFolderOfSplitsIsSharedOut() throws {
    let sentences = (0..<40).map { "word\($0) O\n\n" }.joined()
    let folder = try TemporaryFolder(["train.conll": sentences, "test.conll": "only O\n"])
    func load(dev: [String]) throws -> TextDataset {
      try TextDataset.load(
        DataOptions(
          source: .files(train: [folder.path], dev: dev, test: []), lowercase: false, minimumCount: 1, maxLength: 64))
    }
    let data = try load(dev: ["10% (seed 1)"])
    #expect(data.train.count == 36 && data.dev?.count == 4 && data.test?.count == 1)
    let whole = try load(dev: [])
    #expect(whole.train.count == 40 && whole.dev == nil && whole.test?.count == 1)
  }
}
