import Glibc
import Testing
import TrainingEvents

@testable import RunFolder

@Suite struct RecordTests {
  private let folder = TemporaryFolder()

  static func step(_ number: Int, loss: Double = 1.0 / 3) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 9, loss: loss, lossA: 1e-300, lossB: 1e22,
      counts: MetricCounts(correctA: 1, totalA: 2, correctB: 3, totalB: 4), learningRate: 1e-5, gradientNorm: 0.1 + 0.2,
      sentences: 32, realTokens: 400, seconds: 0.01, elapsed: 12.5, applied: true)
  }

  @Test(arguments: [1.0 / 3, .nan, .infinity, -.infinity, 0, -0.0, .leastNormalMagnitude, .greatestFiniteMagnitude])
  func stepLinesAreExact(loss: Double) throws {
    let record = Self.step(3, loss: loss)
    guard case .step(let read) = try MetricLine(json: MetricLine.step(record).json, path: "m") else {
      Issue.record("not a step")
      return
    }
    #expect(read.loss.isNaN == loss.isNaN)
    #expect(loss.isNaN || read == record)
    #expect(loss.isNaN || read.loss.bitPattern == loss.bitPattern)
  }

  @Test func numbersTooSmallForReadersAreZero() throws {
    #expect(
      try MetricLine(json: MetricLine.step(Self.step(1, loss: .leastNonzeroMagnitude)).json, path: "m")
        == .step(Self.step(1, loss: 0)))
  }

  /// A line of each kind but a step's.
  static var otherLines: [MetricLine] {
    [
      .epoch(
        EpochRecord(
          epoch: 1, step: 9, averageLoss: 0.1, averageLossA: 0.2, averageLossB: .infinity, counts: MetricCounts(),
          seconds: 3)),
      .evaluation(
        EvaluationRecord(
          split: .dev, epoch: 1, step: 9, loss: 1, lossA: 2, lossB: 3, counts: MetricCounts(correctA: 1, totalA: 1),
          exactMatch: 0.5, entityPrecision: nil, entityRecall: nil, entityF1: 0.25, seconds: 1, isBest: true)),
      .parameter(ParameterChange(parameter: .weightB, old: 1, new: 0.5, step: 4)),
    ]
  }

  @Test func otherLinesAreExact() throws {
    for line in Self.otherLines {
      #expect(try MetricLine(json: line.json, path: "m") == line)
      #expect(!line.json.contains(UInt8(ascii: "\n")))
    }
  }

  /// The last one counts; what is torn or of another kind tells nothing.
  @Test func anEvaluationIsFoundByItsStep() throws {
    #expect(try RunMetrics.evaluation(atStep: 9, ofRunIn: folder.path) == nil)
    guard case .evaluation(var record)? = Self.otherLines.dropFirst().first else { return }
    var lines: [MetricLine] = []
    // More than is read at a time.
    for number in 0..<5000 { lines.append(.step(Self.step(number))) }
    lines.append(.evaluation(record))
    record.exactMatch = 0.75
    lines.append(.evaluation(record))
    record.step = 12
    lines += [.step(Self.step(12)), .evaluation(record)]
    let bytes = lines.flatMap { $0.json + [UInt8(ascii: "\n")] }
    #expect(bytes.count > 1 << 20)
    folder.write(bytes + Array("{\"type\":\"evaluation\",\"ste".utf8), to: "metrics.jsonl")
    #expect(try RunMetrics.evaluation(atStep: 9, ofRunIn: folder.path)?.exactMatch == 0.75)
    #expect(try RunMetrics.evaluation(atStep: 12, ofRunIn: folder.path)?.step == 12)
    #expect(try RunMetrics.evaluation(atStep: 10, ofRunIn: folder.path) == nil)
  }

  @Test(arguments: ["", "{}", "{\"type\":\"other\"}", "{\"type\":\"step\"}", "x"])
  func otherLinesAreRefused(text: String) {
    #expect(throws: RunFolderError.self) { try MetricLine(json: Array(text.utf8), path: "metrics.jsonl") }
  }

  @Test(arguments: [
    ("", ""), ("a\n", "a\n"), ("a\nb", "a\n"), ("torn", ""), ("a\n\nb\n{\"x", "a\n\nb\n"),
  ])
  func aTornLastLineIsCutOff(before: String, after: String) throws {
    folder.write(Array(before.utf8), to: "m")
    let file = try AppendFile(path: folder.path + "/m")
    #expect(folder.text("m") == after)
    #expect(file.length == after.utf8.count)
    file.append("next".utf8)
    try file.flush()
    #expect(folder.text("m") == after + "next\n")
  }

  @Test func aLongTornLineIsCutOffToo() throws {
    folder.write(Array(("a\n" + String(repeating: "x", count: 200_000)).utf8), to: "m")
    _ = try AppendFile(path: folder.path + "/m")
    #expect(folder.text("m") == "a\n")
  }

  @Test(arguments: [(0, ""), (2, "a\n"), (3, "a\n"), (4, "a\nb\n"), (99, "a\nb\nc\n"), (-1, "")])
  func linesBeyondAreCut(limit: Int, after: String) throws {
    folder.write(Array("a\nb\nc\n".utf8), to: "m")
    _ = try AppendFile(path: folder.path + "/m", limit: limit)
    #expect(folder.text("m") == after)
  }

  /// /dev/full takes nothing, as a full disk.
  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
  func linesWaitForAFullDisk() throws {
    let file = try AppendFile(path: "/dev/full")
    file.append("a".utf8)
    let error = #expect(throws: RunFolderError.self) { try file.flush() }
    #expect(error?.description.contains("No space left") == true)
    #expect(file.length == 2)
    file.append("b".utf8)
    #expect(throws: RunFolderError.self) { try file.flush() }
    #expect(file.length == 4)
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
  func aFullDiskIsToldOnceAndItsEndToo() throws {
    #expect(symlink("/dev/full", folder.path + "/metrics.jsonl") == 0)
    let recorder = try RunRecorder(folder: folder.path, metricsLength: 0)
    let event = TrainingEvent.stepsCompleted([Self.step(1)])
    let told = recorder.record(event)
    #expect(told?.contains("metrics.jsonl") == true)
    #expect(recorder.record(event) == nil)
  }

  /// As long as a process holds it, a deleted file still has its lines.
  @Test func aDeletedFileIsWrittenAnew() throws {
    let recorder = try RunRecorder(folder: folder.path, metricsLength: 0)
    let first = (1...900).map { Self.step($0) }
    #expect(recorder.record(.stepsCompleted(first)) == nil)
    let before = try #require(folder.read("metrics.jsonl"))
    #expect(before.count > 1 << 17)
    unlink(folder.path + "/metrics.jsonl")
    #expect(recorder.restore()?.contains("metrics.jsonl") == true)
    #expect(folder.read("metrics.jsonl") == before)
    #expect(recorder.restore() == nil)
    #expect(recorder.record(.stepsCompleted([Self.step(901)])) == nil)
    #expect(folder.read("metrics.jsonl")?.count == recorder.metricsLength)
    // Another's file in its place stays.
    unlink(folder.path + "/metrics.jsonl")
    folder.write([1], to: "metrics.jsonl")
    #expect(recorder.restore() == nil)
    #expect(folder.read("metrics.jsonl") == [1])
  }

  @Test func eventsBecomeLines() throws {
    let recorder = try RunRecorder(folder: folder.path, metricsLength: 0)
    #expect(recorder.record(.stepsCompleted([Self.step(1), Self.step(2)])) == nil)
    _ = recorder.record(.alert(LogLine(level: .error, text: "two\nlines", time: 0, step: 2)))
    _ = recorder.record(.phaseChanged(PhaseChange(phase: .paused, step: 2)))
    let metrics = try #require(folder.text("metrics.jsonl"))
    #expect(metrics.split(separator: "\n").count == 2)
    #expect(recorder.metricsLength == metrics.utf8.count)
    let log = try #require(folder.text("log.txt")).split(separator: "\n")
    #expect(log.count == 2)
    #expect(log.first?.hasSuffix("error step 2: two lines") == true)
    #expect(log.last?.hasSuffix("info step 2: paused") == true)
  }
}
