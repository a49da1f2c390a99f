import Foundation
import RunFolder
import RunLog
import RunSources
import Testing
import TrainingEvents

@testable import RunModel

/// A run that was stopped and gone on with is, looked at afterwards, the run that nobody disturbed.
@Suite struct ResumedRunTests {
  private let root = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-model-\(UUID().uuidString)")

  private static let stepsPerEpoch = 60
  private static let epochs = 12

  private func folder(_ name: String) throws -> String {
    let path = root.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let manifest = RunManifest(
      version: "0", name: name, created: 0, configuration: RunConfiguration(), fingerprints: [:])
    try Data(RunJSON.encode(manifest)).write(to: URL(fileURLWithPath: path + "/run.json"))
    return path
  }

  private func step(_ number: Int) -> StepRecord {
    let x = Double(number)
    return StepRecord(
      step: number, epoch: (number - 1) / Self.stepsPerEpoch, batch: (number - 1) % Self.stepsPerEpoch + 1,
      batches: Self.stepsPerEpoch, loss: number == 333 ? .nan : 3 / x, losses: PerTask(1 / x, 2 / x),
      counts: MetricCounts(correct: PerTask(number % 8, number % 40), total: PerTask(8, 41)), learningRate: 1e-3,
      gradientNorm: number % 251 == 250 ? 500 : 1 + x.truncatingRemainder(dividingBy: 7) / 7, sentences: 8,
      realTokens: 90, seconds: 0.01, elapsed: x / 100, applied: number != 333)
  }

  private func description(_ folder: String, from step: Int) -> RunDescription {
    RunDescription(
      name: "run", directory: folder, configuration: RunConfiguration(), dataName: "made up", trainSentences: 480,
      devSentences: 9, testSentences: 0, sentenceClasses: ["a"], tags: ["O"], vocabularySize: 5, parameterCount: 7,
      stepsPerEpoch: Self.stepsPerEpoch, totalSteps: Self.stepsPerEpoch * Self.epochs, startStep: step,
      resumedFrom: step > 0 ? "step-\(step)" : nil, secondsBefore: Double(step) / 100,
      best: best(before: step), threads: 1, lossDescription: "")
  }

  /// The epochs get better up to the fifth.
  private func best(before step: Int) -> BestEvaluation? {
    let epoch = min(4, step / Self.stepsPerEpoch - 1)
    guard step > 0, epoch >= 0 else { return nil }
    let record = evaluation(epoch)
    return BestEvaluation(value: record.exactMatch ?? 0, epoch: epoch, step: record.step, record: record)
  }

  private func evaluation(_ epoch: Int) -> EvaluationRecord {
    let counts = MetricCounts(correct: PerTask(9 - abs(epoch - 4), 5), total: PerTask(9, 50))
    return EvaluationRecord(
      split: .dev, epoch: epoch, step: (epoch + 1) * Self.stepsPerEpoch, loss: 1, losses: PerTask(1, 1), counts: counts,
      exactMatch: counts.accuracy(.sentence), entityPrecision: nil, entityRecall: nil, entityF1: nil, seconds: 1,
      isBest: epoch <= 4, breakdowns: PerTask(TaskBreakdown(labels: [], confusions: []), nil))
  }

  /// Steps `first...last` as a process trains them, with what comes at epochs' ends; at `checkpoint` it takes the position
  /// of a checkpoint, which reaches the disk a few steps later.
  private func train(
    _ recorder: RunRecorder, folder: String, _ steps: ClosedRange<Int>, checkpoint: Int?
  ) -> RecordPosition? {
    var position: RecordPosition?
    func tell(_ event: TrainingEvent) { _ = recorder.record(event, time: 100) }
    if steps.lowerBound == 1 || position == nil {
      tell(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
      tell(.runStarted(description(folder, from: steps.lowerBound - 1)))
      tell(.phaseChanged(PhaseChange(phase: .running, step: steps.lowerBound - 1)))
    }
    for number in steps {
      tell(.stepsCompleted([step(number)]))
      if number == 400 {
        tell(.parameterChanged(ParameterChange(parameter: .weight(.words), old: 1, new: 0.5, step: 400)))
      }
      if number % Self.stepsPerEpoch == 0 {
        let epoch = number / Self.stepsPerEpoch - 1
        tell(
          .epochCompleted(
            EpochRecord(
              epoch: epoch, step: number, averageLoss: 1, averageLosses: PerTask(1, nil),
              counts: evaluation(epoch).counts, seconds: 1)))
        tell(.evaluated(evaluation(epoch)))
        tell(
          .checkpointWritten(
            CheckpointRecord(
              step: number, path: "\(folder)/c", reason: .epoch, isBest: epoch <= 4, bytes: 1, seconds: 0)))
      }
      if number == checkpoint {
        position = RecordPosition(
          metricsLength: recorder.metricsLength, logIndex: recorder.lastIndex, step: number)
      }
    }
    return position
  }

  private func view(_ folder: String) async throws -> RunState {
    var state = RunState()
    for await records in try StoredRun(folder: folder).records {
      for record in records { state.apply(record, now: 1000, wall: 2000) }
    }
    return state
  }

  @Test func stoppedAndResumedThreeTimesItLooksUndisturbed() async throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let total = Self.stepsPerEpoch * Self.epochs
    let undisturbed = try folder("undisturbed")
    let alone = try RunRecorder(folder: undisturbed)
    _ = train(alone, folder: undisturbed, 1...total, checkpoint: nil)
    alone.close()

    let resumed = try folder("resumed")
    var recorder = try RunRecorder(folder: resumed)
    // In the middle of an epoch, at an epoch's end, and once more from the same checkpoint.
    var position = train(recorder, folder: resumed, 1...200, checkpoint: 150)
    recorder.close()
    recorder = try RunRecorder(folder: resumed, position: position)
    position = train(recorder, folder: resumed, 151...390, checkpoint: 360)
    _ = recorder.record(
      .phaseChanged(PhaseChange(phase: .finished, step: 390, outcome: RunOutcome(exitCode: 75, message: "Stopped."))),
      time: 100)
    recorder.close()
    recorder = try RunRecorder(folder: resumed, position: position)
    _ = train(recorder, folder: resumed, 361...420, checkpoint: nil)
    recorder.close()
    recorder = try RunRecorder(folder: resumed, position: position)
    _ = train(recorder, folder: resumed, 361...total, checkpoint: nil)
    recorder.close()

    let (left, right) = (try await view(undisturbed), try await view(resumed))
    #expect(left.total.raw.whole.count == total - 1)
    #expect(left.series == right.series)
    #expect(left.epochs == right.epochs && left.epochs.count == Self.epochs)
    #expect(left.evaluations == right.evaluations && left.evaluations.count == Self.epochs)
    #expect(left.best == right.best && right.best?.epoch == 4)
    #expect(left.bestAccuracies == right.bestAccuracies)
    #expect(left.bestCheckpoint?.step == right.bestCheckpoint?.step && left.checkpoint?.step == total)
    #expect(left.brokenSteps == right.brokenSteps && left.brokenSteps == 1)
    #expect(left.epochCounts == right.epochCounts && left.lastStep == right.lastStep)
    #expect(left.stepClock == right.stepClock && left.throughput.total == right.throughput.total)
    #expect(left.balance.weights[.words] == 0.5 && right.balance.weights[.words] == 0.5)
    #expect(left.marks.all == right.marks.all.filter { $0.kind != .resume })
    #expect(right.marks.all.filter { $0.kind == .resume }.map(\.step) == [150, 360])
    #expect(right.log.contains { $0.text == "Stopped." }, "what was said is not taken back")
    #expect(left.hasEnded && right.standing == .stored("crashed"))
  }

  @Test func aSteeredWeightHoldsAfterAResume() {
    var state = RunState()
    state.apply(.runStarted(description("/r", from: 0)), now: 0)
    state.apply(.parameterChanged(ParameterChange(parameter: .weight(.sentence), old: 1, new: 0.25, step: 3)), now: 0)
    state.apply(.runStarted(description("/r", from: 3)), now: 0)
    #expect(state.balance.weights[.sentence] == 0.25)
  }

  @Test func theFirstEvaluationAfterAResumeIsNotTheBestForThat() {
    var state = RunState()
    state.apply(.runStarted(description("/r", from: 60)), now: 0)
    let worse = EvaluationRecord(
      split: .dev, epoch: 1, step: 120, loss: 1, losses: PerTask(1, 1), counts: MetricCounts(), exactMatch: 0.1,
      entityPrecision: nil, entityRecall: nil, entityF1: nil, seconds: 1, isBest: false)
    state.apply(.evaluated(worse), now: 0)
    #expect(state.best?.epoch == 0, "the one that the description names")
    var unknown = description("/r", from: 60)
    unknown.best = nil
    state = RunState()
    state.apply(.runStarted(unknown), now: 0)
    state.apply(.evaluated(worse), now: 0)
    #expect(state.best == nil, "the engine did not call it the best")
  }

  @Test func whoComesLateSeesHowLongAPauseHasLasted() {
    var state = RunState()
    let (now, wall) = (50_000.0, 1_000_000.0)
    state.apply(.event(.runStarted(description("/r", from: 0)), time: wall - 20_000), now: now, wall: wall)
    state.apply(
      .event(.phaseChanged(PhaseChange(phase: .running, step: 0)), time: wall - 20_000), now: now, wall: wall)
    state.apply(.event(.stepsCompleted([step(1)]), time: wall - 10_900), now: now, wall: wall)
    state.apply(.event(.phaseChanged(PhaseChange(phase: .paused, step: 1)), time: wall - 10_800), now: now, wall: wall)
    #expect(now - state.clock.phaseStart == 10_800)
    #expect(abs(state.clock.elapsed(now: now) - 100.01) < 1e-9)
    #expect(state.log.allSatisfy { $0.time != nil })
  }

  @Test func lostContactIsNoFailure() {
    var state = RunState()
    state.apply(.event(.runStarted(description("/r", from: 0)), time: 1), now: 1, wall: 1)
    state.apply(.event(.phaseChanged(PhaseChange(phase: .running, step: 0)), time: 1), now: 1, wall: 1)
    state.apply(.standing(.lost("Lost contact.")), now: 5, wall: 5)
    #expect(state.hasEnded && state.phase == .running && state.outcome == nil)
    #expect(state.clock.elapsed(now: 90) == 4)
    #expect(state.log.last?.text == "Lost contact.")
  }

  @Test func theClockOfAStoredRunStandsWhereTrainingDid() {
    var state = RunState()
    state.apply(.event(.runStarted(description("/r", from: 0)), time: 10), now: 99_000, wall: 100_000)
    state.apply(.event(.phaseChanged(PhaseChange(phase: .running, step: 0)), time: 10), now: 99_000, wall: 100_000)
    state.apply(.event(.stepsCompleted([step(700)]), time: 20), now: 99_000, wall: 100_000)
    state.apply(.standing(.stored("crashed")), now: 99_000, wall: 100_000)
    #expect(state.clock.elapsed(now: 200_000) == 7)
  }

  @Test func aSummaryAddsWhatItsStepsWouldHave() throws {
    let path = try folder("long")
    defer { try? FileManager.default.removeItem(at: root) }
    let recorder = try RunRecorder(folder: path)
    for first in stride(from: 1, to: 9000, by: 30) {
      _ = recorder.record(.stepsCompleted((first..<first + 30).map(step)), time: 7)
    }
    recorder.close()
    var states = [RunState(), RunState()]
    for (place, oneByOne) in [true, false].enumerated() {
      try RunLogReader(folder: path).read(oneByOne: oneByOne) { records in
        for record in records { states[place].apply(record, now: 10, wall: 10) }
      }
    }
    let (single, summed) = (states[0], states[1])
    #expect(single.lastStep == summed.lastStep && single.epochCounts == summed.epochCounts)
    #expect(single.brokenSteps == summed.brokenSteps)
    #expect(single.marks.all == summed.marks.all)
    #expect(abs(single.throughput.total.seconds - summed.throughput.total.seconds) < 1e-6)
    for key in single.series.keys {
      let (left, right) = (single.series[key]?.raw.whole, summed.series[key]?.raw.whole)
      #expect(left?.minimum == right?.minimum && left?.maximum == right?.maximum && left?.count == right?.count)
      let columns = zip(
        single.series[key]?.raw.columns(40, from: 1, to: 9001) ?? [],
        summed.series[key]?.raw.columns(40, from: 1, to: 9001) ?? [])
      for (left, right) in columns { #expect(abs(left.mean - right.mean) <= abs(left.mean) * 0.3 + 1e-9) }
    }
  }
}
