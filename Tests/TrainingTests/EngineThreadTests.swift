import Synchronization
import Testing
import TrainingEvents

@testable import Training

@Suite struct EngineThreadTests {
  @Test func commandsOfManyThreadsAllArriveEachInItsOrder() {
    let queue = CommandQueue()
    for task in ModelTask.allCases {
      let started = EngineThread.start {
        for number in 0..<500 { queue.put(.setLossWeight(task, Double(number))) }
      }
      #expect(started)
    }
    var weights: [ModelTask: [Double]] = [:]
    for _ in 0..<1000 {
      // Sleeps until a command comes.
      if case .setLossWeight(let task, let weight) = queue.takeWaiting() { weights[task, default: []].append(weight) }
    }
    for task in ModelTask.allCases { #expect(weights[task] == (0..<500).map(Double.init)) }
    #expect(queue.take() == nil)
  }

  @Test func whoWaitsForSomethingElseHearsCommandsMeanwhile() {
    let queue = CommandQueue()
    let isDone = Mutex(false)
    queue.put(.pause)
    queue.put(.evaluate)
    #expect(queue.takeWaiting(unless: { true }) == .pause)
    queue.putBack([.resume, .checkpoint])
    #expect((0..<3).map { _ in queue.takeWaiting(unless: { true }) } == [.resume, .checkpoint, .evaluate])
    #expect(queue.takeWaiting(unless: { true }) == nil)
    let started = EngineThread.start {
      isDone.withLock { $0 = true }
      queue.wake()
    }
    #expect(started)
    #expect(queue.takeWaiting(unless: { isDone.withLock { $0 } }) == nil)
  }

  @Test func dropoutKeysDifferByStepAndSeedAndNothingElse() {
    let keys = (1...1000).map { RunKeys.dropout(seed: 1, step: $0) }
    #expect(Set(keys + (1...1000).map { RunKeys.dropout(seed: 2, step: $0) }).count == 2000)
    #expect(keys[6] == RunKeys.dropout(seed: 1, step: 7))
  }

  @Test func aStoppedStopwatchStandsStill() {
    var watch = Stopwatch(before: 100)
    watch.stop()
    let stopped = watch.elapsed
    #expect(stopped >= 100 && stopped < 101)
    #expect(watch.elapsed == stopped)
    watch.start()
    #expect(watch.elapsed >= stopped)
  }
}
