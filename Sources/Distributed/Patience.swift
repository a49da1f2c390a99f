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
  public var tell: (String) -> Void = { _ in }
  /// Asked now and then while it waits; true where there is a good reason to wait: the time begins anew.
  public var isExcused: () -> Bool = { false }
  /// Asked likewise; true where nobody wants to wait any more.
  public var isAbandoned: () -> Bool = { false }

  /// A message under way, and whose it is.
  struct Pending {
    var request: MessageRequest
    var peer: Int
  }

  public init(limit: Duration) { self.limit = limit }

  /// How long they may be before somebody is told.
  private var alert: Duration { min(.seconds(60), limit / 2) }

  /// Returns when all messages have left or arrived: asks without rest first, as MPI moves bytes only while it is asked,
  /// and with pauses where that takes longer than messages do. Where it throws, the transport is closed.
  func wait(for messages: inout [Pending], _ link: any Transport) throws(DistributedError) {
    let start = ContinuousClock.now
    var (since, isLong, hasTold) = (start, false, false)
    while true {
      messages.removeAll { message in
        var request = message.request
        return link.isDone(&request)
      }
      let now = ContinuousClock.now
      if messages.isEmpty {
        if hasTold { tell("All have answered after \((now - since).components.seconds) s; the run goes on.") }
        return
      }
      isLong = isLong || now - start > .milliseconds(500)
      guard isLong else {
        sched_yield()
        continue
      }
      usleep(500)
      if isExcused() { since = now }
      if isAbandoned() { throw giveUp(link, "Nobody waits for \(names(messages.map(\.peer))) any more.") }
      if !hasTold, now - since > alert {
        hasTold = true
        tell(
          "\(names(messages.map(\.peer))) did not answer for \(alert.components.seconds) s. The run waits; it ends after"
            + " \(limit.components.seconds) s (--peer-timeout).")
      }
      if now - since > limit {
        throw giveUp(
          link, "\(names(messages.map(\.peer))) did not answer for \(limit.components.seconds) s (--peer-timeout).")
      }
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
