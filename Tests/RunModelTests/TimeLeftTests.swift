import Testing
import TrainingEvents

@testable import RunModel

@Suite struct TimeLeftTests {
  private static let perEpoch = 500

  private static var run: RunDescription {
    var configuration = RunConfiguration()
    configuration.epochs = 10
    return RunDescription(
      name: "r", directory: "/r", configuration: configuration, dataName: "d", trainSentences: 4000, devSentences: 100,
      testSentences: 0, sentenceClasses: ["x"], tags: ["O"], vocabularySize: 10, parameterCount: 10,
      stepsPerEpoch: perEpoch, totalSteps: 10 * perEpoch, startStep: 0, resumedFrom: nil, secondsBefore: 0, threads: 1,
      lossDescription: "")
  }

  private func step(_ number: Int, seconds: Double) -> TrainingEvent {
    .stepsCompleted([
      StepRecord(
        step: number, epoch: (number - 1) / Self.perEpoch, batch: (number - 1) % Self.perEpoch + 1,
        batches: Self.perEpoch,
        loss: 1, losses: PerTask(1, 1), counts: MetricCounts(), learningRate: 1, gradientNorm: 1, sentences: 8,
        realTokens: 80, seconds: seconds, elapsed: 0, applied: true)
    ])
  }

  private func evaluation(step: Int, seconds: Double) -> TrainingEvent {
    .evaluated(
      EvaluationRecord(
        split: .dev, epoch: step / Self.perEpoch, step: step, loss: 1, losses: PerTask(1, 1), counts: MetricCounts(),
        exactMatch: 0, entityPrecision: nil, entityRecall: nil, entityF1: nil, seconds: seconds, isBest: false))
  }

  /// Batches of all lengths come in random order; the estimate stays near the truth from the first epoch on.
  @Test func batchesOfRandomLength() throws {
    var left = TimeLeft()
    left.note(.runStarted(Self.run), now: 0)
    left.note(.phaseChanged(PhaseChange(phase: .running, step: 0)), now: 0)
    var state: UInt64 = 3
    for number in 1...2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let seconds = 0.1 + 0.9 * Double(state >> 40) / Double(1 << 24)  // 0.55 on average
      left.note(step(number, seconds: seconds), now: 0)
      if number.isMultiple(of: Self.perEpoch) { left.note(evaluation(step: number, seconds: 3), now: 0) }
      guard number >= 300 else { continue }
      let truth = Double(5000 - number) * 0.55 + Double(10 - number / Self.perEpoch) * 3
      let estimate = try #require(left.estimate(now: 0))
      #expect(abs(estimate - truth) < 0.12 * truth, "step \(number)")
    }
  }

  /// An evaluation that was asked for is not one of those at the epochs' ends.
  @Test func anEvaluationInBetweenTakesNoOthersPlace() throws {
    var left = TimeLeft()
    left.note(.runStarted(Self.run), now: 0)
    for number in 1...600 { left.note(step(number, seconds: 1), now: 0) }
    left.note(evaluation(step: 500, seconds: 7), now: 0)
    let before = try #require(left.estimate(now: 0))
    #expect(abs(before - (4400 + 9 * 7)) < 1e-6)
    left.note(evaluation(step: 600, seconds: 7), now: 0)
    #expect(left.estimate(now: 0) == before)
  }

  @Test func aRunningEvaluationCountsDown() throws {
    var left = TimeLeft()
    left.note(.runStarted(Self.run), now: 0)
    for number in 1...500 { left.note(step(number, seconds: 1), now: 0) }
    left.note(evaluation(step: 500, seconds: 8), now: 0)
    for number in 501...1000 { left.note(step(number, seconds: 1), now: 0) }
    left.note(.phaseChanged(PhaseChange(phase: .evaluating, step: 1000)), now: 100)
    for (now, seconds) in [(100.0, 4072.0), (105, 4067), (500, 4064)] {
      let estimate = try #require(left.estimate(now: now))
      #expect(abs(estimate - seconds) < 1e-6, "no more than one evaluation is counted down")
    }
  }

  @Test func aSummarySaysAsMuchAsItsSteps() throws {
    var (oneByOne, together) = (TimeLeft(), TimeLeft())
    oneByOne.note(.runStarted(Self.run), now: 0)
    together.note(.runStarted(Self.run), now: 0)
    for number in 1...1000 { oneByOne.note(step(number, seconds: 2), now: 0) }
    let last = StepRecord(
      step: 1000, epoch: 1, batch: 500, batches: 500, loss: 1, losses: PerTask(1, 1), counts: MetricCounts(),
      learningRate: 1, gradientNorm: 1, sentences: 8, realTokens: 80, seconds: 2, elapsed: 0, applied: true)
    var summary = StepSummary(steps: 1...1000, span: 16, last: last)
    (summary.count, summary.seconds, summary.sentences) = (1000, 2000, 8000)
    together.note(summary)
    let expected = try #require(oneByOne.estimate(now: 0))
    let estimate = try #require(together.estimate(now: 0))
    #expect(abs(estimate - expected) < 1e-6 * expected)
  }

  @Test func patienceMakesItAnUpperBound() {
    var (whole, patient) = (TimeLeft(), TimeLeft())
    whole.note(.runStarted(Self.run), now: 0)
    #expect(!whole.isAtMost)
    var run = Self.run
    run.configuration.patience = 2
    patient.note(.runStarted(run), now: 0)
    #expect(patient.isAtMost)
  }

  @Test func nothingIsGuessedTooEarlyOrTooLate() {
    var left = TimeLeft()
    #expect(left.estimate(now: 0) == nil)
    left.note(.runStarted(Self.run), now: 0)
    left.note(step(1, seconds: 1), now: 0)
    #expect(left.estimate(now: 0) == nil)
    for number in 2...5 { left.note(step(number, seconds: .nan), now: 0) }
    #expect(left.estimate(now: 0) == nil)
    for number in 6...9 { left.note(step(number, seconds: 1), now: 0) }
    #expect(left.estimate(now: 0) != nil)
    left.note(.phaseChanged(PhaseChange(phase: .finished, step: 9)), now: 0)
    #expect(left.estimate(now: 0) == nil)
  }
}
