import FolderSupport
import FuzzSupport
import Testing
import TrainingEvents

@testable import RunFolder

/// Mutated files of a run folder: whatever they hold, they are read or refused with a sentence.
@Suite struct FuzzTests {
  private static let json = [
    "{", "}", "[", "]", "\"", ":", ",", "\\u", "\\ud800", "null", "true", "\"NaN\"", "1.5", "e",
  ]
  private let folder = TemporaryFolder()

  @Test func safetensors() throws {
    let path = folder.path + "/t.safetensors"
    try SafetensorsWriter.write(
      [
        StoredTensor(name: "encoder.layer.0.weight", shape: [2, 3], values: .f32([1, 2, 3, 4, 5, 6])),
        StoredTensor(name: "n", shape: [1], values: .u64([3])),
      ], metadata: ["format": "pt"], to: path)
    let original = try #require(folder.read("t.safetensors"))
    var mutator = Mutator(seed: 5, spice: Self.json + ["\"F32\"", "\"BF16\"", "\"data_offsets\"", "__metadata__"])
    let (taken, refused) = mutator.feed("safetensors", rounds: Mutator.rounds(3000), inputs: [original]) { bytes in
      folder.write(bytes, to: "m.safetensors")
      let file = try SafetensorsFile(path: folder.path + "/m.safetensors")
      for entry in file.entries where entry.type == .f32 {
        #expect(try file.floats(entry).count * 4 <= bytes.count)
      }
    }
    #expect(taken > 0 && refused > taken)
  }

  @Test func runManifests() {
    var configuration = RunConfiguration()
    configuration.source = .files(train: ["/data/träin.jsonl"], dev: [], test: ["/data/test"])
    let manifest = RunManifest(
      version: "1", name: "one", created: 1.5, configuration: configuration, fingerprints: ["/data/a": "12ab"])
    var mutator = Mutator(seed: 3, spice: Self.json + ["\"seed\"", "\"files\"", "\"format\""])
    let original = RunJSON.encode(manifest, pretty: true)
    let (taken, refused) = mutator.feed("run.json", rounds: Mutator.rounds(1000), inputs: [original]) { bytes in
      _ = try RunJSON.decode(RunManifest.self, from: bytes, path: "run.json")
    }
    #expect(taken > 0 && refused > taken)
  }

  @Test func checkpointManifests() {
    let manifest = CheckpointManifest(
      step: 4, files: [.init(name: "a", bytes: 0, crc32c: "00000000"), .init(name: "b", bytes: 9, crc32c: "e3069283")])
    folder.write([], to: "a")
    folder.write(Array("123456789".utf8), to: "b")
    var mutator = Mutator(seed: 7, spice: Self.json + ["../", "/etc/passwd", "manifest.json", "\"bytes\""])
    let (taken, refused) = mutator.feed(
      "manifest.json", rounds: Mutator.rounds(1000), inputs: [RunJSON.encode(manifest)]
    ) { bytes in
      folder.write(bytes, to: "manifest.json")
      _ = try Checkpoint(path: folder.path)
    }
    #expect(taken > 0 && refused > taken)
  }

  /// Lines one by one, and as the tail of a file that a run goes on with.
  @Test func metrics() throws {
    let lines = [.step(RecordTests.step(3)), .step(RecordTests.step(4, loss: .nan))] + RecordTests.otherLines
    var mutator = Mutator(seed: 9, spice: Self.json + ["\"type\"", "\"step\"", "\"epoch\"", "\n"])
    let (taken, refused) = mutator.feed(
      "metrics.jsonl", rounds: Mutator.rounds(2000), inputs: lines.map { $0.json + [UInt8(ascii: "\n")] }
    ) { bytes in
      folder.write(bytes, to: "metrics.jsonl")
      let file = try AppendFile(path: folder.path + "/metrics.jsonl", limit: limit(bytes))
      #expect(file.length <= bytes.count)
      for line in bytes.split(separator: UInt8(ascii: "\n")) { _ = try MetricLine(json: line, path: "metrics.jsonl") }
    }
    #expect(taken > 0 && refused > taken)
  }

  /// A limit that depends on the bytes alone: before, within or behind them.
  private func limit(_ bytes: [UInt8]) -> Int { Int(bytes.first ?? 0) * 2 - 40 }
}
