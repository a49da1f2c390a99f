import FolderSupport
import RunFolder
import RunLog
import Synchronization
import Testing
import TrainingEvents

@testable import Training

@Suite struct EventFeedTests {
  /// A clock that stands until it is set.
  private final class TestClock { var now = 100.0 }

  private func step(_ number: Int) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 1000, loss: 1, losses: PerTask(1, 0), counts: MetricCounts(),
      learningRate: 1, gradientNorm: 1, sentences: 1, realTokens: 1, seconds: 0, elapsed: 0, applied: true)
  }

  private func sizes(_ events: [TrainingEvent]) -> [Int] {
    events.map { if case .stepsCompleted(let steps) = $0 { steps.count } else { 0 } }
  }

  @Test func stepsAreGatheredToAtMostTwentyEventsASecond() async {
    let clock = TestClock()
    let listener = EventBuffer()
    let feed = EventFeed(listener: listener) { clock.now }
    for number in 1...1000 {
      feed.send(step(number))
      clock.now += 0.001
    }
    feed.finish(with: .phaseChanged(PhaseChange(phase: .finished, step: 1000))) {}
    var events: [TrainingEvent] = []
    for await event in listener.events { events.append(event) }
    let numbers = events.flatMap { event -> [Int] in
      guard case .stepsCompleted(let steps) = event else { return [] }
      return steps.map(\.step)
    }
    #expect(numbers == Array(1...1000))
    #expect(sizes(events).count { $0 > 0 } <= 21)
  }

  @Test func slowStepsComeOneByOne() async {
    let clock = TestClock()
    let listener = EventBuffer()
    let feed = EventFeed(listener: listener) { clock.now }
    for number in 1...5 {
      feed.send(step(number))
      clock.now += 1
    }
    feed.finish(with: .phaseChanged(PhaseChange(phase: .finished, step: 5))) {}
    var events: [TrainingEvent] = []
    for await event in listener.events { events.append(event) }
    #expect(sizes(events) == [1, 1, 1, 1, 1, 0])
  }

  @Test func otherEventsComeAfterTheStepsBeforeThem() async throws {
    let clock = TestClock()
    let folder = TemporaryFolder()
    let listener = EventBuffer()
    let feed = EventFeed(listener: listener) { clock.now }
    feed.alert("early", step: 0)
    let run = try RunFolder.create(
      at: folder.path + "/run",
      manifest: RunManifest(version: "", name: "", created: 0, configuration: RunConfiguration(), fingerprints: [:]))
    feed.record(with: try RunRecorder(folder: run.path), in: run.path)
    feed.send(step(1))
    feed.send(step(2))
    feed.send(step(3))
    feed.log("between", step: 3)
    feed.send(step(4))
    let released = Mutex(false)
    feed.finish(with: .phaseChanged(PhaseChange(phase: .finished, step: 4))) { released.withLock { $0 = true } }
    var events: [TrainingEvent] = []
    for await event in listener.events { events.append(event) }
    #expect(sizes(events) == [0, 1, 2, 0, 1, 0])
    #expect(released.withLock { $0 })
    let log = try #require(folder.text("run/log.txt")).split(separator: "\n")
    #expect(log.map { $0.split(separator: " ").last } == ["early", "between", "finished"])
    #expect(folder.text("run/metrics.jsonl")?.split(separator: "\n").count == 4)
  }

  /// A listener who stands still, then goes on: few steps wait for him, all other events, everything in its order.
  @Test func whatWaitsForAStandingListenerIsBounded() async {
    let buffer = EventBuffer()
    for number in 1...300_000 {
      buffer.yield(.stepsCompleted([step(number)]))
      if number.isMultiple(of: 50_000) {
        buffer.yield(.phaseChanged(PhaseChange(phase: .running, step: number)))
      }
    }
    buffer.finish()
    var (numbers, others): ([Int], [Int]) = ([], [])
    for await event in buffer.events {
      switch event {
      case .stepsCompleted(let steps): numbers += steps.map(\.step)
      case .phaseChanged(let change):
        others.append(change.step)
        #expect(numbers.last == change.step)
      default: break
      }
    }
    #expect(others == Array(stride(from: 50_000, through: 300_000, by: 50_000)))
    #expect(numbers.count <= EventBuffer.mostSteps && numbers.count >= EventBuffer.mostSteps / 4)
    #expect(numbers == numbers.sorted() && numbers.last == 300_000)
  }

  @Test func aListenerWhoLeavesIsLetGo() async {
    let buffer = EventBuffer()
    let reader = Task { for await _ in buffer.events {} }
    buffer.yield(.phaseChanged(PhaseChange(phase: .running, step: 0)))
    reader.cancel()
    await reader.value
    buffer.yield(.phaseChanged(PhaseChange(phase: .running, step: 1)))
  }
}
