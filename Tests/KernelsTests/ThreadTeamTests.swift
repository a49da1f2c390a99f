import Kernels
import Synchronization
import Testing

@Suite struct ThreadTeamTests {
  /// Counts how often each of some numbers came up, from any thread.
  private final class Tally: Sendable {
    private let counts: Mutex<[Int]>

    init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }

    func count(_ number: Int) { counts.withLock { $0[number] += 1 } }

    var values: [Int] { counts.withLock { $0 } }
  }

  @Test(arguments: [1, 2, 3, 5]) func everyWorkerRunsOnce(threads: Int) {
    let team = ThreadTeam(count: threads)
    let tally = Tally(threads)
    for _ in 0..<200 { team.run { tally.count($0) } }
    #expect(tally.values == Array(repeating: 200, count: threads))
  }

  @Test(arguments: [1, 2, 4], [0, 1, 3, 97]) func everyTaskRunsOnce(threads: Int, tasks: Int) {
    let team = ThreadTeam(count: threads)
    let (tally, workers) = (Tally(tasks), Tally(threads))
    for _ in 0..<50 {
      team.run(tasks: tasks) { task, worker in
        tally.count(task)
        workers.count(worker)
      }
    }
    #expect(tally.values == Array(repeating: 50, count: tasks))
    #expect(workers.values.reduce(0, +) == 50 * tasks)
  }

  @Test func resultsAreThereWhenRunReturns() {
    let team = ThreadTeam(count: 3)
    let numbers = AlignedBuffer<Int32>(count: 3)
    for round in 1...2_000 {
      team.run { numbers.start[$0] = Int32(round) }
      #expect(numbers.copy(0..<3) == [Int32(round), Int32(round), Int32(round)])
    }
  }

  @Test func sleepingWorkersWakeUp() {
    let team = ThreadTeam(count: 3)
    let tally = Tally(3)
    for _ in 0..<20 {
      team.run { tally.count($0) }
      // Long enough for the workers to stop spinning and fall asleep, without a timer.
      let end = monotonicSeconds() + 0.005
      while monotonicSeconds() < end {}
    }
    #expect(tally.values == [20, 20, 20])
  }
}
