internal import Glibc

/// How a process waits for the others of its job: who is late is named, and given up in the end.
///
/// For one thread at a time, like everything that waits by it.
public final class Patience {
  /// Which machine each rank is on, for sentences; empty while nobody knows.
  public var hosts: [String] = []
  /// How long others may be late before they are given up.
  public var limit: Duration
  /// Told who is late, and of those who came after all.
  public var report: (String) -> Void = { _ in }
  /// Asked now and then while it waits; true where there is a good reason to wait: the time begins anew.
  public var isExcused: () -> Bool = { false }
  /// Asked likewise; true where nobody wants to wait any more.
  public var isAbandoned: () -> Bool = { false }

  /// Messages under way to or from one process, of which each is asked for only after those before it.
  struct Queue {
    var peer: Int
    var requests: [MessageRequest] = []
    /// How many are done.
    fileprivate(set) var done = 0

    fileprivate var isEmpty: Bool { done == requests.count }
  }

  public init(limit: Duration) { self.limit = limit }

  /// How long they may be before it is reported.
  private var alert: Duration { min(.seconds(60), limit / 2) }

  /// Returns when all messages have left or arrived: asks without rest first, as MPI moves bytes only while it is asked,
  /// and with pauses where that takes longer than messages do. Where it throws, the transport is closed.
  ///
  /// - Parameter next: called after each message with its queue's place and its own; may begin others, at the queues' ends.
  func wait(
    for queues: inout [Queue], _ link: any Transport, next: (Int, Int, inout [Queue]) -> Void = { _, _, _ in }
  ) throws(DistributedError) {
    var waiting = Waiting()
    while true {
      var (isMoving, isDone) = (false, true)
      for place in queues.indices {
        while !queues[place].isEmpty, link.isDone(&queues[place].requests[queues[place].done]) {
          queues[place].done += 1
          next(place, queues[place].done - 1, &queues)
          isMoving = true
        }
        isDone = isDone && queues[place].isEmpty
      }
      let now = ContinuousClock.now
      if isMoving {
        (waiting.moved, waiting.since) = (now, now)
        // One message may have begun another in a queue that was looked at before.
        isDone = queues.allSatisfy(\.isEmpty)
      }
      if isDone {
        if let late = waiting.lateSince {
          report("All have answered after \((now - late).components.seconds) s; the run goes on.")
        }
        return
      }
      guard now - waiting.moved > .milliseconds(500) else {
        sched_yield()
        continue
      }
      usleep(500)
      try bear(&waiting, for: queues, link, now)
    }
  }

  /// A wait that is under way.
  private struct Waiting {
    /// When a message was last done.
    var moved = ContinuousClock.now
    /// The same, or when there was last a good reason to wait.
    var since = ContinuousClock.now
    /// Since when those are late who were reported.
    var lateSince: ContinuousClock.Instant?
  }

  /// Reports who is late, and gives up whoever is too late.
  private func bear(
    _ waiting: inout Waiting, for queues: [Queue], _ link: any Transport, _ now: ContinuousClock.Instant
  ) throws(DistributedError) {
    func late() -> String { names(queues.filter { !$0.isEmpty }.map(\.peer)) }
    if isExcused() { waiting.since = now }
    if isAbandoned() { throw giveUp(link, "Nobody waits for \(late()) any more.") }
    if waiting.lateSince == nil, now - waiting.since > alert {
      waiting.lateSince = waiting.since
      report(
        "\(late()) did not answer for \(alert.components.seconds) s. The run waits; it ends after"
          + " \(limit.components.seconds) s (--peer-timeout).")
    }
    if now - waiting.since > limit {
      throw giveUp(link, "\(late()) did not answer for \(limit.components.seconds) s (--peer-timeout).")
    }
  }

  /// Closes the transport; the error to throw.
  func giveUp(_ link: any Transport, _ sentence: String) -> DistributedError {
    link.close()
    return DistributedError(description: sentence)
  }

  /// Ranks with their machines, as the beginning of a sentence.
  public func names(_ ranks: [Int]) -> String {
    let names = Set(ranks).sorted().map { hosts.indices.contains($0) ? "\($0) on \(hosts[$0])" : "\($0)" }
    return (names.count == 1 ? "Rank " : "Ranks ") + names.joined(separator: ", ")
  }
}
