import Testing
import TrainingEvents

@testable import RunModel

@Suite struct RunStateTests {
  private func state(through step: Int) -> RunState {
    var sample = SampleRun()
    var state = RunState()
    for event in sample.events(through: step) { state.apply(event, now: 10) }
    return state
  }

  @Test func countsStartAnewWithEachEpoch() {
    let state = state(through: 409 + 3)
    #expect(state.epochCounts.total[.sentence] == 3 * 32)
    #expect(state.trainCounts == state.epochCounts)
    #expect(state.epoch == 1)
    #expect(state.epochs.count == 1)
    #expect(state.evaluations.count == 1)
  }

  @Test func theBestIsTheEnginesBest() {
    let state = state(through: 409 * 8)
    #expect(state.evaluations.count == 8)
    #expect(state.best?.epoch == 5)
    #expect(state.bestCheckpoint?.step == 409 * 6)
    #expect(state.checkpoint?.step == 409 * 8)
  }

  @Test func timeLeftCountsEvaluationsAndNotPauses() throws {
    var state = state(through: 409 * 5 + 100)
    // A step takes from 0.028 to 0.034 s, 0.031 on average.
    let expected = Double(4090 - 409 * 5 - 100) * 0.031 + 5 * 0.9
    let left = try #require(state.secondsLeft(now: 10))
    #expect(abs(left - expected) < 0.02 * expected)
    state.apply(.phaseChanged(PhaseChange(phase: .paused, step: 2145)), now: 20)
    #expect(state.secondsLeft(now: 5000) == left)
    #expect(state.clock.elapsed(now: 5000) == state.clock.elapsed(now: 20))
  }

  @Test func aResumedRunTellsTimeLeftFromItsOwnSteps() throws {
    var sample = SampleRun()
    var description = sample.description
    description.startStep = 2045
    description.secondsBefore = 9000
    description.resumedFrom = "step-0002045"
    var state = RunState()
    state.apply(.runStarted(description), now: 0)
    #expect(state.step == 2045)
    #expect(state.epoch == 5)
    #expect(state.clock.elapsed(now: 100) == 9000)
    #expect(state.secondsLeft(now: 0) == nil)
    for step in 2046...2100 { state.apply(.stepsCompleted([sample.step(step)]), now: 0) }
    let left = try #require(state.secondsLeft(now: 0))
    #expect(left > 1990 * 0.028 && left < 1990 * 0.035 + 5 * 2)
    #expect(state.log.contains { $0.text == "Resumed from step-0002045." })
  }

  @Test func theScheduleIsKnownToItsEnd() throws {
    var state = state(through: 2045)
    let rates = try #require(state.rates(columns: 40))
    #expect(rates.values.count == 40 && rates.now == 19)
    #expect(zip(rates.values[20...], rates.values[21...]).allSatisfy { $0 > $1 }, "it decays")
    let planned = try #require(state.plan?.rate(step: 3000))
    let last = try #require(state.lastStep?.learningRate)
    state.apply(
      .parameterChanged(ParameterChange(parameter: .learningRate, old: last, new: last / 2, step: 2045)), now: 10)
    let steered = try #require(state.plan?.rate(step: 3000))
    #expect(abs(steered / planned - 0.5) < 0.01, "steering scales what is to come")
    #expect(RunState().rates(columns: 40) == nil)
  }

  @Test func theClockRunsOnlyWhileTraining() {
    var state = RunState()
    state.apply(.runStarted(SampleRun().description), now: 0)
    #expect(state.clock.elapsed(now: 50) == 0)
    state.apply(.phaseChanged(PhaseChange(phase: .running, step: 0)), now: 50)
    #expect(state.clock.elapsed(now: 53) == 3)
    state.apply(.phaseChanged(PhaseChange(phase: .evaluating, step: 0)), now: 54)
    #expect(state.clock.elapsed(now: 56) == 6)
    state.apply(.phaseChanged(PhaseChange(phase: .finished, step: 0)), now: 57)
    #expect(state.clock.elapsed(now: 99) == 7)
    #expect(state.hasEnded)
  }

  @Test func throughputLooksBackAFewSeconds() {
    var throughput = Throughput()
    var sample = SampleRun()
    for step in 1...100 {
      var record = sample.step(step)
      record.seconds = 1
      throughput.add(record)
    }
    for step in 101...200 {
      var record = sample.step(step)
      record.seconds = 0.1
      throughput.add(record)
    }
    #expect(abs(throughput.current.stepsPerSecond - 10) < 1e-6)
    #expect(throughput.samples.count <= 256)
    #expect(throughput.total.steps == 200)
  }

  @Test func theLogStaysBounded() {
    var state = RunState()
    for step in 0..<5000 {
      state.apply(.log(LogLine(level: .info, text: "line \(step)", time: 0, step: step)), now: 0)
    }
    #expect(state.log.count <= 2000)
    #expect(state.log.last?.text == "line 4999")
  }
}
