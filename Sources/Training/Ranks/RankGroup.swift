internal import Dispatch
public import Distributed
internal import Synchronization

/// The processes that a launcher started to train one run together, as one of them sees them.
///
/// Rank 0 trains as a process alone does, owns the run's folder, and sends the others each step that it takes.
public final class RankGroup: Sendable {
  public let link: any Transport
  /// How long others may be late before the run ends.
  let limit: Duration
  /// Processes on this machine, which share its processors.
  let localCount: Int
  /// What moves the messages, for the log.
  let transportName: String
  /// Ranks that have ended as they were asked to.
  private let left = Mutex<Set<Int>>([])
  private let allHaveLeft = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - limit: seconds.
  ///   - localCount: nil where nobody says.
  public init(_ link: any Transport, limit: Double, localCount: Int?, transportName: String) {
    self.link = link
    self.limit = .seconds(limit)
    self.localCount = max(1, localCount ?? 1)
    self.transportName = transportName
  }

  var processCount: Int { link.processCount }

  /// Whether all processes have ended their parts: MPI may be ended then, and the job must be where they have not.
  public var hasEnded: Bool { left.withLock { $0.count == processCount - 1 } }

  func note(left rank: Int) {
    let isLast = left.withLock { left in
      left.insert(rank)
      return left.count == processCount - 1
    }
    if isLast { allHaveLeft.signal() }
  }

  /// Waits until all others have left, but not for long.
  func awaitEnd() {
    _ = allHaveLeft.wait(timeout: .now() + 30)
  }
}
