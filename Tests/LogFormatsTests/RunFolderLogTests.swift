import FolderSupport
import Glibc
import LoggedRuns
import RunFolder
import Testing
import TrainingEvents

@testable import LogFormats
@testable import RunLog

/// Runs of this program, read from their folders.
struct RunFolderLogTests {
  private let folder = TemporaryFolder()

  init() {
    folder.write(
      Array(#"{"created":5,"configuration":{"epochs":2,"learningRate":0.001,"seed":3}}"#.utf8), to: "run.json")
  }

  private func step(_ number: Int, loss: Double? = nil) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 10_000, loss: loss ?? Double(number), losses: PerTask(1, nil),
      counts: MetricCounts(correct: PerTask(1, 0), total: PerTask(4, 0)), learningRate: 0.5, gradientNorm: 2,
      sentences: 4, realTokens: 9,
      seconds: 1, elapsed: Double(number), applied: true)
  }

  private let evaluation = EvaluationRecord(
    split: .dev, epoch: 0, step: 3, loss: 2, losses: PerTask(nil, nil),
    counts: MetricCounts(correct: PerTask(3, 0), total: PerTask(4, 0)),
    exactMatch: 0.5, entityPrecision: nil, entityRecall: nil, entityF1: 0.25, seconds: 1, isBest: true)

  private func append(_ events: [TrainingEvent], to writer: RunLogWriter, at time: Double = 100) throws {
    for event in events { writer.append(LoggedEvent(event, index: writer.lastIndex + 1, time: time)) }
    try writer.flush()
  }

  private func steps(_ numbers: ClosedRange<Int>) -> [TrainingEvent] {
    stride(from: numbers.lowerBound, through: numbers.upperBound, by: 8).map { first in
      .stepsCompleted((first...min(first + 7, numbers.upperBound)).map { step($0) })
    }
  }

  @Test func theLogIsReadWhereTheLinesAreThinnedOrGone() throws {
    let recorder = try RunRecorder(folder: folder.path, thinning: MetricsThinning(every: 1000))
    _ = recorder.record(.stepsCompleted((1...3).map { step($0) }), time: 100)
    _ = recorder.record(.evaluated(evaluation), time: 101)
    try recorder.synchronize()
    folder.remove("metrics.jsonl")
    let run = OpenedLog.run(folder.path, .run)
    #expect(run.points("train/loss") == [1: 1, 2: 2, 3: 3] && run.points("train/accuracy_a")[2] == 0.25)
    #expect(run.metric("train/loss_b") == nil && run.points("epoch")[3] == 3 / 10_000)
    #expect(run.points("dev/exact_match") == [3: 0.5] && run.points("dev/accuracy_a") == [3: 0.75])
    // Each step has the time at which it was done, not the one at which it was logged.
    #expect(run.metric("train/loss")?.buckets.map(\.time) == [98, 99, 100])
    #expect(run.configuration["seed"] == .number(3) && run.totalEpochs == 2 && run.problems.isEmpty)
    #expect(run.declaredState == .crashed)
  }

  @Test func aGrowingLogIsReadOn() throws {
    let writer = try RunLogWriter(folder: folder.path)
    try append(steps(1...20), to: writer)
    var log = OpenedLog(folder.path, .run)
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...20))
    try append(steps(21...60), to: writer)
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...60))
    // What a writer has not yet written whole is waited for.
    let whole = try #require(folder.read("run.log"))
    try append(steps(61...61), to: writer)
    let longer = try #require(folder.read("run.log"))
    folder.write(longer.dropLast(3).map { $0 }, to: "run.log")
    log.readAll()
    #expect(log.run.steps("train/loss").last == 60 && longer.count > whole.count)
    folder.write(longer, to: "run.log")
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...61) && log.run.problems.isEmpty)
  }

  /// Whoever holds the lock may still be writing; nobody else will.
  @Test func aTornEndIsToldOnceNobodyWrites() throws {
    folder.write(Array("1\n".utf8), to: "lock")
    let lock = open(folder.path + "/lock", O_RDWR)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let writer = try RunLogWriter(folder: folder.path)
    try append(steps(1...20), to: writer)
    let part = try #require(folder.read("run.log")).count
    try append(steps(21...28), to: writer)
    let whole = try #require(folder.read("run.log"))
    folder.write(whole.dropLast(3), to: "run.log")
    var log = OpenedLog(folder.path, .run)
    log.readAll()
    #expect(log.run.steps("train/loss").last == 20 && log.run.problems.isEmpty && log.run.declaredState == .live)
    flock(lock, LOCK_UN)
    log.readAll()
    #expect(log.run.problems.map(\.place) == [.byte(part)] && log.run.declaredState == .crashed)
    folder.write(whole, to: "run.log")
    log.readAll()
    #expect(log.run.steps("train/loss").last == 28 && log.run.problems.isEmpty)
  }

  /// A budget that is spent at once reads one frame a turn: nothing is read twice or left out.
  @Test func readingGoesOnWhereABudgetEnded() throws {
    try append(steps(1...100), to: try RunLogWriter(folder: folder.path))
    var log = OpenedLog(folder.path, .run)
    var turns = 0
    repeat {
      log.read(within: ReadBudget(seconds: 0))
      turns += 1
    } while log.hasMore
    #expect(turns > 5 && log.run.steps("train/loss") == Array(Int64(1)...100))
    #expect(log.run.metric("train/loss")?.replacedCount == 0)
  }

  @Test func aResumedRunIsReadAnew() throws {
    let writer = try RunLogWriter(folder: folder.path)
    try append(steps(1...16), to: writer)
    let checkpoint = RunLogPosition(index: writer.lastIndex, step: 16)
    try append(steps(17...40), to: writer)
    var log = OpenedLog(folder.path, .run)
    log.readAll()
    let resumed = try RunLogWriter(folder: folder.path, checkpoint: checkpoint)
    try append([.stepsCompleted((17...20).map { step($0, loss: 0) })], to: resumed)
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...20))
    #expect(log.run.points("train/loss")[17] == 0 && log.run.points("train/loss")[16] == 16)
  }

  /// Its oldest steps put together, a log goes on where it was read to; read anew, rows stand for those steps.
  @Test func aCompactedLogGoesOn() throws {
    var limits = RunLogWriter.Limits()
    (limits.chunk, limits.detailed, limits.slack) = (256, 512, 256)
    let writer = try RunLogWriter(folder: folder.path, limits: limits)
    try append([.stepsCompleted([step(1, loss: .nan)])] + steps(2...2000), to: writer)
    var log = OpenedLog(folder.path, .run)
    log.readAll()
    let before = try #require(log.run.metric("train/loss")).summary
    writer.take(try #require(writer.compaction()).run())
    try append(steps(2001...2040), to: writer)
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...2040) && log.run.joinedPoints == 0)
    let run = OpenedLog.run(folder.path, .run)
    let after = try #require(run.metric("train/loss"))
    #expect(run.joinedPoints > 1000 && after.buckets.count < 1000)
    #expect(after.summary.count == 2039 && after.summary.broken == 1 && after.summary.firstStep == 1)
    #expect(after.summary.lowest?.value == before.lowest?.value && after.summary.last?.value == 2040)
    #expect(after.buckets.map(\.step) == after.buckets.map(\.step).sorted())
    #expect(run.metric("elapsed")?.summary.last == .init(step: 2040, value: 2040))
    #expect(run.metric("train/accuracy_a")?.summary.highest?.value == 0.25 && run.problems.isEmpty)
  }

  @Test func damageCostsTheFramesItTouches() throws {
    try append(steps(1...400), to: try RunLogWriter(folder: folder.path))
    var bytes = try #require(folder.read("run.log"))
    bytes[bytes.count / 2] ^= 1
    folder.write(bytes, to: "run.log")
    let run = OpenedLog.run(folder.path, .run)
    #expect(run.steps("train/loss").count == 392 && run.steps("train/loss").last == 400)
    #expect(run.problems.count == 1 && run.problems.first?.file == folder.path + "/run.log")
    #expect(run.problems.first?.place != nil)
  }

  @Test func aLogOfAnotherKindIsAProblem() {
    folder.write(Array("no log of a run at all".utf8), to: "run.log")
    let run = OpenedLog.run(folder.path, .run)
    #expect(run.problems.map(\.description) == [folder.path + "/run.log: is not a run's log"])
  }

  // MARK: - Earlier versions

  @Test func runsWithoutALogAreReadLineByLine() throws {
    var lines = MetricLine.lines(of: .stepsCompleted([step(1), step(2, loss: .nan)]))
    lines += MetricLine.lines(of: .evaluated(evaluation))
    let text = lines.map { String(decoding: $0.json, as: UTF8.self) + "\n" }
    folder.write(Array((text[0] + "{}\n" + text[1] + text[2]).utf8), to: "metrics.jsonl")
    var log = OpenedLog(folder.path, .run)
    log.readAll()
    #expect(log.run.steps("train/loss") == [1, 2] && log.run.metric("train/loss")?.summary.broken == 1)
    #expect(log.run.metric("train/loss")?.buckets.map(\.time) == [6, 7])
    #expect(log.run.points("dev/entity_f1") == [3: 0.25])
    #expect(log.run.problems.map(\.place) == [.line(2)] && log.run.declaredState == .crashed)
    // Resumed by this version it has a log, which tells all of it.
    try EarlierRun.writeLog(folder: folder.path)
    log.readAll()
    #expect(log.run.steps("train/loss") == [1, 2] && log.run.problems.isEmpty)
  }
}
