import FolderSupport
import Glibc
import Testing
import TrainingEvents

@testable import RunFolder

@Suite struct RecordTests {
  private let folder = TemporaryFolder()

  static func step(_ number: Int, loss: Double = 1.0 / 3) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 9, loss: loss, losses: PerTask(1e-300, 1e22),
      counts: MetricCounts(correct: PerTask(1, 3), total: PerTask(2, 4)), learningRate: 1e-5, gradientNorm: 0.1 + 0.2,
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
          epoch: 1, step: 9, averageLoss: 0.1, averageLosses: PerTask(0.2, .infinity), counts: MetricCounts(),
          seconds: 3)),
      .evaluation(
        EvaluationRecord(
          split: .dev, epoch: 1, step: 9, loss: 1, losses: PerTask(2, 3),
          counts: MetricCounts(correct: PerTask(1, 0), total: PerTask(1, 0)),
          exactMatch: 0.5, entityPrecision: nil, entityRecall: nil, entityF1: 0.25, seconds: 1, isBest: true)),
      .parameter(ParameterChange(parameter: .weight(.words), old: 1, new: 0.5, step: 4)),
    ]
  }

  @Test func otherLinesAreExact() throws {
    for line in Self.otherLines {
      #expect(try MetricLine(json: line.json, path: "m") == line)
      #expect(!line.json.contains(UInt8(ascii: "\n")))
    }
  }

  /// The last one counts; what is torn or of another kind says nothing.
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
    file.append(line: "next".utf8)
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
    file.append(line: "a".utf8)
    let error = #expect(throws: RunFolderError.self) { try file.flush() }
    #expect(error?.description.contains("No space left") == true)
    #expect(file.length == 2)
    file.append(line: "b".utf8)
    #expect(throws: RunFolderError.self) { try file.flush() }
    #expect(file.length == 4)
  }
}
