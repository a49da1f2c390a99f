import FolderSupport
import Glibc
import LoggedRuns
import RunFolder
import RunLog
import Testing
import TrainingEvents

@testable import LogFormats

/// A run's curves as event files, read back by the reader of such files.
struct EventFileRecorderTests {
  private let folder = TemporaryFolder()

  private func description(from startStep: Int, wanted: Bool?) -> RunDescription {
    var configuration = RunConfiguration()
    configuration.tensorBoard = wanted
    return RunDescription(
      name: "run", directory: folder.path, configuration: configuration, dataName: "demo", trainSentences: 8,
      devSentences: 2, testSentences: 0, sentenceClasses: ["a", "b"], tags: [], vocabularySize: 9, parameterCount: 1,
      stepsPerEpoch: 4, totalSteps: 8, startStep: startStep, resumedFrom: nil, secondsBefore: 0, threads: 1,
      lossDescription: "loss")
  }

  private func step(_ number: Int, loss: Double) -> StepRecord {
    StepRecord(
      step: number, epoch: (number - 1) / 4, batch: (number - 1) % 4 + 1, batches: 4, loss: loss,
      losses: PerTask(loss, nil), counts: MetricCounts(correct: PerTask(1, 0), total: PerTask(4, 0)), learningRate: 0.5,
      gradientNorm: 2, sentences: 2, realTokens: 9, seconds: 1, elapsed: Double(number), applied: true)
  }

  private func evaluation(_ step: Int) -> EvaluationRecord {
    EvaluationRecord(
      split: .dev, epoch: 0, step: step, loss: 0.75, losses: PerTask(0.75, nil),
      counts: MetricCounts(correct: PerTask(3, 0), total: PerTask(4, 0)), exactMatch: 0.5, entityPrecision: nil,
      entityRecall: nil, entityF1: nil, seconds: 1, isBest: true)
  }

  /// One process of the run.
  private func process(_ events: [TrainingEvent], from startStep: Int = 0, wanted: Bool? = true, at time: Double) {
    let recorder = EventFileRecorder()
    recorder.begin { _ in }
    #expect(recorder.open(OpenRunLog(folder: folder.path, past: 0, beginning: [], written: { 0 })) == nil)
    let all = [.runStarted(description(from: startStep, wanted: wanted))] + events
    for (index, event) in all.enumerated() {
      recorder.take(LoggedEvent(event, index: UInt64(index + 1), time: time + Double(index)))
    }
    recorder.drain(seconds: 60)
  }

  private var run: LoggedRun { OpenedLog.run(folder.path, .tensorBoard) }

  private let end = TrainingEvent.phaseChanged(
    PhaseChange(phase: .finished, step: 4, outcome: RunOutcome(exitCode: 0, message: "")))

  @Test func stepsEvaluationsAndConfigurationAreWritten() {
    process(
      [.stepsCompleted([step(1, loss: 4), step(2, loss: .nan), step(3, loss: 2)]), .evaluated(evaluation(3)), end],
      at: 1_700_000_000)
    let run = run
    #expect(run.steps("train/loss") == [1, 2, 3] && run.metric("train/loss")?.summary.broken == 1)
    #expect(run.points("learning_rate") == [1: 0.5, 2: 0.5, 3: 0.5] && run.points("epoch")[3] == 0.75)
    #expect(run.points("dev/loss") == [3: 0.75] && run.points("dev/accuracy_a") == [3: 0.75])
    // The task that the data lack has no curve.
    #expect(run.metric("train/loss_b") == nil && run.metric("dev/accuracy_b") == nil)
    #expect(run.metric("train/loss")?.buckets.map(\.time) == [1_699_999_999, 1_700_000_000, 1_700_000_001])
    #expect(run.configuration["seed"] == .number(1) && run.problems.isEmpty)
    #expect(run.declaredState == .finished)
  }

  @Test func aResumedRunReplacesWhatLiesBehindItsCheckpoint() {
    process([.stepsCompleted((1...4).map { step($0, loss: 8) })], at: 1_700_000_000)
    // The clock has gone back meanwhile.
    process([.stepsCompleted((3...4).map { step($0, loss: 1) }), end], from: 2, at: 1_600_000_000)
    let run = run
    #expect(run.files == 2)
    #expect(run.points("train/loss") == [1: 8, 2: 8, 3: 1, 4: 1])
    #expect(run.metric("train/loss")?.replacedCount == 2)
  }

  @Test(arguments: [nil, false]) func nothingIsWrittenUnasked(_ wanted: Bool?) {
    process([.stepsCompleted([step(1, loss: 4)]), end], wanted: wanted, at: 1_700_000_000)
    #expect(EventFolder.paths(in: folder.path).isEmpty)
  }

  @Test func aFolderThatTakesNothingEndsNothing() async {
    let (remarks, continuation) = AsyncStream.makeStream(of: TrainingCommand.self)
    let recorder = EventFileRecorder()
    recorder.begin { continuation.yield($0) }
    folder.write([], to: "file")
    _ = recorder.open(OpenRunLog(folder: folder.path + "/file", past: 0, beginning: [], written: { 0 }))
    recorder.take(LoggedEvent(.runStarted(description(from: 0, wanted: true)), index: 1, time: 1))
    recorder.take(LoggedEvent(.stepsCompleted([step(1, loss: 4)]), index: 2, time: 2))
    recorder.drain(seconds: 60)
    var iterator = remarks.makeAsyncIterator()
    guard case .remark(let line) = await iterator.next() else {
      Issue.record("nothing was said")
      return
    }
    #expect(line.level == .warning && line.text.contains("cannot be written"))
  }

  /// A recorder, and what it has said by the time it is drained.
  private func recorder(in folder: String) -> (EventFileRecorder, Locked<[String]>) {
    let said = Locked([String]())
    let recorder = EventFileRecorder()
    recorder.begin { command in
      if case .remark(let line) = command, line.level == .warning { said.withLock { $0.append(line.text) } }
    }
    _ = recorder.open(OpenRunLog(folder: folder, past: 0, beginning: [], written: { 0 }))
    recorder.take(LoggedEvent(.runStarted(description(from: 0, wanted: true)), index: 1, time: 1))
    return (recorder, said)
  }

  private func take(_ steps: [StepRecord], at time: Double, _ recorder: EventFileRecorder) {
    recorder.take(LoggedEvent(.stepsCompleted(steps), index: 2, time: time))
    recorder.drain(seconds: 60)
  }

  @Test func aDeletedFileIsMadeAnewWithAllThatWasInIt() throws {
    let (recorder, said) = recorder(in: folder.path)
    take([step(1, loss: 4)], at: 3, recorder)
    let path = try #require(EventFolder.paths(in: folder.path).first)
    #expect(unlink(path) == 0)
    take([step(2, loss: 5)], at: 5, recorder)
    #expect(said.withLock { $0 } == ["\(path): deleted under way; written anew with all that was in it."])
    #expect(EventFolder.paths(in: folder.path) == [path])
    #expect(run.points("train/loss") == [1: 4, 2: 5] && run.problems.isEmpty)
  }

  /// A folder that takes no file at first: what it misses is counted, and the rest is there.
  @Test func aFileThatCouldNotBeMadeIsTriedAgain() throws {
    folder.write([], to: "place")
    let (recorder, said) = recorder(in: folder.path + "/place")
    for number in 1...5 { take([step(number, loss: 4)], at: 1.5, recorder) }
    folder.remove("place")
    for number in 6...7 { take([step(number, loss: 5)], at: Double(2 * number), recorder) }
    let texts = said.withLock { $0 }
    #expect(texts.count == 2 && texts[0].hasSuffix("Training goes on; this is tried again."))
    #expect(texts.last?.hasPrefix(folder.path + "/place/events.out.tfevents") == true)
    #expect(texts.last?.hasSuffix(" is written again; 5 events were lost meanwhile.") == true)
    let run = OpenedLog.run(folder.path + "/place", .tensorBoard)
    #expect(run.points("train/loss") == [6: 5, 7: 5] && run.configuration["seed"] == .number(1))
  }

  /// While a disk takes nothing, what waits stays within its bound.
  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
  func waitingBytesAreBounded() throws {
    let file = try AppendFile(path: "/dev/full", keeping: 0)
    file.largestBacklog = 1000
    for _ in 0..<100 { file.append([UInt8](repeating: 7, count: 100)) }
    #expect(throws: RunFolderError.self) { try file.flush() }
    #expect(file.dropped == 90 && file.length == 1000)
  }

  /// Of events that come faster than they are written, some are left out, and how many is said.
  @Test func tooManyEventsAtOnceAreCounted() {
    let (recorder, said) = recorder(in: folder.path)
    // A large event keeps the queue busy while the small ones come.
    let many = (1...60_000).map { step($0, loss: 1) }
    recorder.take(LoggedEvent(.stepsCompleted(many), index: 2, time: 60_001))
    let small = LoggedEvent(.log(LogLine(level: .info, text: "", time: 0, step: 0)), index: 3, time: 60_002)
    for _ in 0..<EventFileRecorder.mostWaiting + 500 { recorder.take(small) }
    recorder.drain(seconds: 60)
    take([step(60_001, loss: 1)], at: 60_003, recorder)
    let missing = said.withLock { $0 }.compactMap { text in
      text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
    #expect(missing.reduce(0, +) > 0 && said.withLock { $0.allSatisfy { $0.contains("are missing in it") } })
  }
}
