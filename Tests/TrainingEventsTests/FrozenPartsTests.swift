import Foundation
import Testing
import TrainingEvents

@Suite struct FrozenPartsTests {
  @Test(arguments: [
    (["encoder"], ["encoder"]), (["layer.0-3", "embeddings"], ["encoder"]), ([], []),
    (["layer.2", "embeddings", "layer.0"], ["embeddings", "layer.0", "layer.2"]),
    (["layer.1", "layer.2", "layer.3"], ["layer.1-3"]),
  ])
  func namesAreAsFewAsSayIt(given: [String], expected: [String]) throws {
    #expect(try FrozenParts(given, layers: 4).names(layers: 4) == expected)
  }

  @Test func theTopLayerIsUnfrozenFirstAndTheEmbeddingsLast() {
    var configuration = RunConfiguration()
    configuration.layers = 3
    #expect(configuration.frozenNames(epoch: 0) == [])
    configuration.unfreezeEvery = 2
    let ways = (0..<10).map { configuration.frozenNames(epoch: $0).joined(separator: ", ") }
    let expected = ["encoder", "embeddings, layer.0-1", "embeddings, layer.0", "embeddings", ""]
    #expect(ways == expected.flatMap { [$0, $0] })
    // What is named stays frozen.
    configuration.freeze = ["layer.2", "embeddings"]
    #expect(configuration.frozenNames(epoch: 0) == ["encoder"])
    #expect(configuration.frozenNames(epoch: 2) == ["encoder"])
    #expect(configuration.frozenNames(epoch: 100) == ["embeddings", "layer.2"])
  }

  @Test func aRunOfAnEarlierVersionIsRead() throws {
    var old = try #require(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(RunConfiguration())) as? [String: Any])
    for key in ["unfreezeEvery", "classWeights", "pieceDropout"] { old[key] = nil }
    let read = try JSONDecoder().decode(RunConfiguration.self, from: JSONSerialization.data(withJSONObject: old))
    #expect(read == RunConfiguration())
    let file = #"{"files":{"train":"/a.conll","test":"/b.jsonl"}}"#
    let source = try JSONDecoder().decode(RunConfiguration.Source.self, from: Data(file.utf8))
    #expect(source == .files(train: ["/a.conll"], dev: [], test: ["/b.jsonl"]))
    for source in [
      .demo, .folder("/x"), source, .files(train: ["/a", "/b"], dev: ["/c"], test: ["/d", "/e"]),
    ] as [RunConfiguration.Source] {
      let bytes = try JSONEncoder().encode(source)
      #expect(try JSONDecoder().decode(RunConfiguration.Source.self, from: bytes) == source)
    }
  }
}
