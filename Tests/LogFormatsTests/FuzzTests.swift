import FolderSupport
import FuzzSupport
import LoggedRuns
import SwiftProtobuf
import Testing
import TrainingEvents

@testable import LogFormats
@testable import RunLog

/// Mutated logs of every kind: whatever they hold, they are read to their end without a crash.
@Suite struct FuzzTests {
  private static let spice = [
    "step", "loss", "NaN", "{", "}", "[", "\"", ":", ",", "\n", "\\u", "\t", "scalars", "hparams", ":W&B", "1e999", "=",
  ]
  private let folder = TemporaryFolder()

  private func feed(_ name: String, _ format: LogFormat, seed: UInt64, _ inputs: [[UInt8]]) {
    var mutator = Mutator(seed: seed, spice: Self.spice)
    let path = folder.path + "/" + name
    _ = mutator.feed(name, rounds: Mutator.rounds(400), inputs: inputs) { bytes in
      folder.write(bytes, to: name)
      let run = OpenedLog.run(path, format)
      #expect(run.isComplete)
      for metric in run.metrics { #expect(metric.buckets.count <= Series.capacity) }
    }
  }

  @Test func eventFiles() throws {
    let tensor = EventFiles.tensor("t") {
      $0.dtype = 2; $0.doubleVal = [1]; $0.tensorShape.dim = [.with { $0.size = 1 }]
    }
    var events = [EventFiles.version(), EventFiles.start(step: 2)]
    events += (0..<6).map { EventFiles.event(step: $0, time: 1, [EventFiles.scalar("loss", 1), tensor]) }
    feed("a.tfevents", .tensorBoard, seed: 1, [try EventFiles.bytes(events)])
  }

  /// Messages whose checksums fit: what is wrong inside them reaches the walker, which must agree with swift-protobuf on
  /// what a message is worth.
  @Test func eventsWithRightChecksums() throws {
    let event = EventFiles.event(step: 3, time: 7, [EventFiles.scalar("loss", 1.5), EventFiles.scalar("f1", 0.5)])
    var mutator = Mutator(seed: 2, spice: Self.spice)
    let original: [UInt8] = try event.serializedBytes()
    _ = mutator.feed("events", rounds: Mutator.rounds(1000), inputs: [original]) { bytes in
      var framed: [UInt8] = []
      TFRecordBuffer.append(bytes, to: &framed)
      folder.write(framed, to: "b.tfevents")
      let run = OpenedLog.run(folder.path + "/b.tfevents", .tensorBoard)
      guard let message = try? EventFiles.Event(serializedBytes: bytes), case .summary(let summary) = message.what
      else {
        return
      }
      for value in summary.value where !value.hasMetadata {
        guard case .simpleValue(let number) = value.value, summary.value.filter({ $0.tag == value.tag }).count == 1
        else {
          continue
        }
        let bucket = run.metric(value.tag)?.buckets.first
        #expect(bucket?.step == message.step)
        #expect(number.isFinite ? bucket?.last == number : bucket?.broken == 1)
      }
    }
  }

  /// Groups of fields that nobody knows are passed over, and a summary may come in parts, as protobuf says.
  @Test func groupsArePassedOverAndPartsOfASummaryAddUp() throws {
    let events = [EventFiles.scalar("loss", 1.5), EventFiles.scalar("f1", 0.5)].map {
      EventFiles.event(step: 3, time: 7, [$0])
    }
    // Field 14 as a group with another one, a number and a text in it.
    let group: [UInt8] = [0x73, 0x7B, 0x7C, 0x08, 0x05, 0x12, 0x01, 0x74, 0x74]
    let bytes = try group + events[0].serializedBytes() + group + events[1].serializedBytes()
    #expect(try EventFiles.Event(serializedBytes: bytes).summary.value.count == 2)
    var framed: [UInt8] = []
    TFRecordBuffer.append(bytes, to: &framed)
    folder.write(framed, to: "parts.tfevents")
    let run = OpenedLog.run(folder.path + "/parts.tfevents", .tensorBoard)
    #expect(run.points("loss") == [3: 1.5] && run.points("f1") == [3: 0.5])
    for open: [UInt8] in [[0x73], [0x73, 0x7C], [0x73, 0x73, 0x74], [0x74]] {
      framed = []
      TFRecordBuffer.append(open, to: &framed)
      folder.write(framed, to: "open.tfevents")
      #expect(OpenedLog.run(folder.path + "/open.tfevents", .tensorBoard).points == 0)
    }
  }

  @Test func wandbFiles() throws { feed("a.wandb", .wandb, seed: 3, [try WandbTests.file(5, filler: 100).bytes]) }

  /// Records of `.wandb` files whose checksums fit: what is wrong inside them reaches the messages' reader.
  @Test func wandbRecordsWithRightChecksums() throws {
    let records = try WandbTests.file(5, filler: 100).records
    var mutator = Mutator(seed: 12, spice: Self.spice + ["_step", "_timestamp", "{\"a\":1}"])
    _ = mutator.feed("wandb records", rounds: Mutator.rounds(1000), inputs: records) { bytes in
      var file = WandbFile()
      for record in records { file.append(bytes: record) }
      file.append(bytes: bytes)
      // A record that is whole follows one that may be anything.
      try file.append(step: 99, [("loss", "0.5")])
      folder.write(file.bytes, to: "checked.wandb")
      let run = OpenedLog.run(folder.path + "/checked.wandb", .wandb)
      #expect(run.isComplete && run.steps("loss").last == 99)
    }
  }

  /// This program's own log of a run, with summaries.
  private func runLog() throws -> [UInt8] {
    folder.makeFolder("own")
    var limits = RunLogWriter.Limits()
    limits.chunk = 4
    let writer = try RunLogWriter(folder: folder.path + "/own", limits: limits)
    for number in 1...9 {
      let step = StepRecord(
        step: number, epoch: 0, batch: number, batches: 9, loss: 1, losses: PerTask(1, nil), counts: MetricCounts(),
        learningRate: 1, gradientNorm: 1, sentences: 1, realTokens: 1, seconds: 1, elapsed: 1, applied: true)
      writer.append(LoggedEvent(.stepsCompleted([step]), index: UInt64(number), time: 1))
    }
    try writer.flush()
    return try #require(folder.read("own/run.log"))
  }

  @Test func runLogs() throws {
    let original = try runLog()
    var mutator = Mutator(seed: 9, spice: Self.spice + ["MTTF"])
    _ = mutator.feed("run.log", rounds: Mutator.rounds(400), inputs: [original]) { bytes in
      folder.write(bytes, to: "own/run.log")
      #expect(OpenedLog.run(folder.path + "/own", .run).isComplete)
    }
  }

  /// A run's log whose checksums fit: what is wrong inside its events and summaries reaches their readers.
  @Test func runLogsWithRightChecksums() throws {
    let original = try runLog()
    var frames: [(header: FrameHeader, payload: [UInt8])] = []
    var place = LogFile.headerLength
    while place < original.count {
      let header = try #require(original[place...].withUnsafeBytes { FrameHeader($0) })
      let start = place + FrameHeader.length
      frames.append((header, Array(original[start..<start + header.payloadLength])))
      place += header.frameLength
    }
    #expect(Set(frames.map(\.header.kind)) == [.steps, .summary])
    var mutator = Mutator(seed: 13, spice: Self.spice)
    let inputs = frames.indices.map { [UInt8($0)] + frames[$0].payload }
    _ = mutator.feed("run.log's frames", rounds: Mutator.rounds(1000), inputs: inputs) { input in
      // The first byte says whose payload it is.
      let changed = Int(input.first ?? 0) % frames.count
      var bytes = Array(original[..<LogFile.headerLength])
      for (place, frame) in frames.enumerated() {
        let payload = place == changed ? Array(input.dropFirst()) : frame.payload
        // Summaries are read where the steps are there no more.
        let kind = place == changed && frame.header.kind == .summary ? .soleSummary : frame.header.kind
        let header = FrameHeader(kind: kind, payload: payload, index: frame.header.index, time: frame.header.time)
        bytes += header.bytes + payload
      }
      folder.write(bytes, to: "own/run.log")
      #expect(OpenedLog.run(folder.path + "/own", .run).isComplete)
      for oneByOne in [true, false] {
        try RunLogReader(folder: folder.path + "/own").read(oneByOne: oneByOne) { _ in }
      }
    }
  }

  /// What a cache holds, as if its checksum fitted.
  @Test func keptRuns() throws {
    folder.write(try EventFiles.bytes("loss", 0..<40), to: "c.tfevents")
    var run = OpenedLog.run(folder.path + "/c.tfevents", .tensorBoard)
    run.configuration = ["lr": .number(1), "name": .text("x"), "flag": .flag(true)]
    run.note(LogProblem(file: "f", place: .line(3), finding: "odd"))
    var mutator = Mutator(seed: 10, spice: Self.spice)
    _ = mutator.feed("kept run", rounds: Mutator.rounds(1000), inputs: [RunCodec.encode(run)]) { bytes in
      let run = try bytes.withUnsafeBytes { try RunCodec.decode($0) }
      for metric in run.metrics { #expect(metric.buckets.count <= Series.capacity * 40) }
    }
  }

  /// A byte that is another one costs the record it is in, and is reported.
  @Test func flippedBytesCostOneRecord() throws {
    let steps = 20
    let original = try EventFiles.bytes("loss", 0..<steps)
    var mutator = Mutator(seed: 11, spice: [])
    for _ in 0..<Mutator.rounds(400) {
      var bytes = original
      let place = mutator.below(bytes.count)
      bytes[place] ^= UInt8(1 + mutator.below(255))
      folder.write(bytes, to: "d.tfevents")
      let run = OpenedLog.run(folder.path + "/d.tfevents", .tensorBoard)
      #expect(run.points("loss").count >= steps - 1, "byte \(place)")
    }
  }

  @Test func jsonLines() {
    feed(
      "a.jsonl", .jsonLines, seed: 4,
      [Array("{\"step\":1,\"loss\":NaN,\"a\":{\"b\":[1,2e3]}}\n{\"step\":2,\"x\":\"é\"}\n".utf8)])
  }

  @Test func tables() {
    feed(
      "a.csv", .table, seed: 5, [Array("epoch,step,loss\n0,1,0.5\n0,2,\nepoch,step,loss,f1\n1,3,nan,\"x,y\"\n".utf8)])
  }

  @Test func trainerStates() {
    folder.makeFolder("hf")
    let state = "{\"log_history\":[{\"step\":1,\"loss\":0.5},{\"step\":2,\"eval_loss\":NaN}],\"max_steps\":9}"
    var mutator = Mutator(seed: 6, spice: Self.spice)
    _ = mutator.feed("trainer_state.json", rounds: Mutator.rounds(400), inputs: [Array(state.utf8)]) { bytes in
      folder.write(bytes, to: "hf/trainer_state.json")
      #expect(OpenedLog.run(folder.path + "/hf", .trainerState).isComplete)
    }
  }

  @Test func mlflowMetrics() {
    for name in ["ml", "ml/metrics"] { folder.makeFolder(name) }
    folder.write(Array("status: 1\n".utf8), to: "ml/meta.yaml")
    var mutator = Mutator(seed: 7, spice: Self.spice)
    _ = mutator.feed("mlflow", rounds: Mutator.rounds(400), inputs: [Array("1 0.5 0\n2 nan 1\n3 1e5\n".utf8)]) {
      bytes in
      folder.write(bytes, to: "ml/metrics/loss")
      #expect(OpenedLog.run(folder.path + "/ml", .mlflow).isComplete)
    }
  }

  @Test func plainLines() {
    var mutator = Mutator(seed: 8, spice: Self.spice)
    _ = mutator.feed(
      "lines", rounds: Mutator.rounds(1000), inputs: [Array("epoch 3/10 | loss: 1e-3 (step=12) 97%".utf8)]
    ) {
      bytes in bytes.withUnsafeBytes { PlainLines.pairs($0) { _, _ in } }
    }
  }
}
