import Foundation
import Glibc
import Synchronization
import Testing

@testable import Kernels

@Suite struct ThreadTeamTests {
  /// Counts how often each of some numbers came up, from any thread.
  ///
  /// `@unchecked Sendable`: `counts` is touched only under the lock, of a kind that the thread sanitizer knows.
  private final class Tally: @unchecked Sendable {
    private let lock = NSLock()
    private var counts: [Int]

    init(_ count: Int) { counts = Array(repeating: 0, count: count) }

    func count(_ number: Int) { lock.withLock { counts[number] += 1 } }

    var values: [Int] { lock.withLock { counts } }
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

  @Test(arguments: 1...5) func everyWorkerKeepsItsThread(threads: Int) {
    let team = ThreadTeam(count: threads)
    let identities = AlignedBuffer<pthread_t>(count: threads)
    team.run { identities.start[$0] = pthread_self() }
    let first = identities.values
    #expect(Set(first).count == threads)
    #expect(first[0] == pthread_self())
    team.run { identities.start[$0] = pthread_self() }
    #expect(identities.values == first)
  }

  @Test func idleWorkersUseNoProcessor() {
    let team = ThreadTeam(count: 3)
    let clocks = AlignedBuffer<clockid_t>(count: 3)
    team.run { pthread_getcpuclockid(pthread_self(), clocks.start + $0) }
    /// Seconds of processor time that the two waiting workers have used.
    func used() -> Double { seconds(clocks.start[1]) + seconds(clocks.start[2]) }
    // They may take a while to fall asleep on a busy machine; a worker that spins is never quiet for so long.
    var isQuiet = false
    for _ in 0..<100 where !isQuiet {
      let before = used()
      let end = monotonicSeconds() + 0.03
      while monotonicSeconds() < end {}
      isQuiet = used() - before < 0.0005
    }
    #expect(isQuiet)
  }

  private func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// A system that gives fewer threads gives a smaller team, which does all of the work.
  @Test(arguments: [0, 1, 3])
  func whatTheSystemRefusesIsDoneWithout(given: Int) {
    var left = given
    let team = ThreadTeam(count: 8) { thread, body, argument in
      guard left > 0 else { return EAGAIN }
      left -= 1
      return pthread_create(thread, nil, body, argument)
    }
    #expect(team.count == given + 1)
    let done = Mutex(Set<Int>())
    team.run(tasks: 100) { task, _ in done.withLock { _ = $0.insert(task) } }
    #expect(done.withLock { $0.count } == 100)
  }
}
