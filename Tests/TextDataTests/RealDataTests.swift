import Testing

@testable import TextData

/// Counts of the published data sets; skipped where `shared/data` is not beside the checkout.
@Suite struct RealDataTests {
  @Test(.enabled(if: SharedData.path("snips") != nil, "shared/data/snips is not there"))
  func snipsHasItsPublishedCounts() throws {
    let path = try #require(SharedData.path("snips"))
    let data = try TextDataset.load(SharedData.options(path))
    #expect(data.name == "snips")
    #expect(data.train.count == 13_084)
    #expect(data.dev?.count == 700)
    #expect(data.test?.count == 700)
    #expect(data.sentenceClasses.count == 7)
    #expect(data.sentenceClasses.first == "AddToPlaylist")
    #expect(data.tags.count == 72)
    #expect(data.train.wordCount == 121_744)
    #expect(data.train.tokenCount == 121_744 + 2 * 13_084)
    #expect(data.dev?.wordCount == 6_735)
    #expect(data.unseenTags.isEmpty)
    #expect(data.unseenClasses.isEmpty)
    #expect(data.fingerprints.count == 9)
    let first = padded(data.train, rows: [0], padTo: nil)
    let words = first.inputIDs.map { data.vocabulary[Int($0)] }
    #expect(words.joined(separator: " ") == "[CLS] Add another song to the Cita Romántica playlist . [SEP]")
    let tags = data.train.goldTags(of: 0).map { data.tags[Int($0)] }
    #expect(tags.joined(separator: " ") == "O O B-music_item O O B-playlist I-playlist O O")
  }

  @Test(.enabled(if: SharedData.path("hwu64") != nil, "shared/data/hwu64 is not there"))
  func hwu64HasItsPublishedCounts() throws {
    let path = try #require(SharedData.path("hwu64"))
    let data = try TextDataset.load(SharedData.options(path))
    #expect(data.train.count == 8_884)
    #expect(data.dev?.count == 1_076)
    #expect(data.test?.count == 1_076)
    #expect(data.sentenceClasses.count == 64)
    #expect(data.tags.count == 105)
  }

  @Test(.enabled(if: SharedData.path("snips") != nil, "shared/data/snips is not there"))
  func paddingStaysUnderATenth() throws {
    let path = try #require(SharedData.path("snips"))
    let train = try TextDataset.load(SharedData.options(path)).train
    for epoch in 0..<3 {
      let order = BatchOrder(train, batchSize: 32, seed: 1, epoch: epoch)
      var positions = 0
      for index in 0..<order.count {
        let rows = order.rows(ofBatch: index)
        positions += rows.count * (rows.map { train.length(of: Int($0)) }.max() ?? 0)
      }
      let padding = Double(positions - train.tokenCount) / Double(positions)
      #expect(padding < 0.10)
      #expect(padding > 0)
    }
  }
}
