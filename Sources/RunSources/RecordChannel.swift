internal import Dispatch
internal import RunLog
public import TrainingEvents

/// A run's records in groups, for one listener.
///
/// They reach an actor's listener without another thread between: AsyncStream would wake one for every group.
public struct RecordStream: AsyncSequence, Sendable {
  fileprivate let channel: RecordChannel

  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let channel: RecordChannel

    public mutating func next() async -> [RunRecord]? { await channel.next(isolation: nil) }

    public mutating func next(isolation actor: isolated (any Actor)?) async -> [RunRecord]? {
      await channel.next(isolation: actor)
    }
  }

  public func makeAsyncIterator() -> Iterator { Iterator(channel: channel) }
}

/// Records on their way from a thread that may wait to one listener: when a few groups lie there, the thread waits.
public final class RecordChannel: Sendable {
  /// Groups that may lie there.
  private static let capacity = 4

  private struct State: Sendable {
    var groups: [[RunRecord]] = []
    var listener: CheckedContinuation<[RunRecord]?, Never>?
    var isFinished = false
    /// Nobody listens any more.
    var isCancelled = false
  }

  private let state = Locked(State())
  private let room = DispatchSemaphore(value: 0)

  public init() {
    // Counted up, because a semaphore may not end below the value that it was made with.
    for _ in 0..<Self.capacity { room.signal() }
  }

  /// What was put in, for one listener.
  public var records: RecordStream { RecordStream(channel: self) }

  /// Puts a group in; waits for room. Returns false once nobody listens any more.
  @discardableResult
  public func put(_ group: [RunRecord]) -> Bool {
    guard !group.isEmpty else { return true }
    room.wait()
    let listener = state.withLock { state -> CheckedContinuation<[RunRecord]?, Never>? in
      guard !state.isCancelled, !state.isFinished else { return nil }
      defer { state.listener = nil }
      if state.listener == nil { state.groups.append(group) }
      return state.listener
    }
    if let listener {
      room.signal()
      listener.resume(returning: group)
    }
    let goesOn = state.withLock { !$0.isCancelled }
    if !goesOn { room.signal() }
    return goesOn
  }

  /// Nothing more will come.
  public func finish() {
    let listener = state.withLock { state -> CheckedContinuation<[RunRecord]?, Never>? in
      state.isFinished = true
      defer { state.listener = nil }
      return state.listener
    }
    listener?.resume(returning: nil)
  }

  /// Nobody will listen any more.
  public func cancel() {
    let listener = state.withLock { state -> CheckedContinuation<[RunRecord]?, Never>? in
      state.isCancelled = true
      state.groups = []
      defer { state.listener = nil }
      return state.listener
    }
    listener?.resume(returning: nil)
    room.signal()
  }

  /// The next group; nil after the last one.
  fileprivate func next(isolation: isolated (any Actor)?) async -> [RunRecord]? {
    await withTaskCancellationHandler {
      await wait(isolation: isolation)
    } onCancel: {
      cancel()
    }
  }

  private func wait(isolation: isolated (any Actor)?) async -> [RunRecord]? {
    await withCheckedContinuation { continuation in
      let (isKnown, group) = state.withLock { state -> (Bool, [RunRecord]?) in
        if !state.groups.isEmpty { return (true, state.groups.removeFirst()) }
        if state.isFinished || state.isCancelled { return (true, nil) }
        state.listener = continuation
        return (false, nil)
      }
      guard isKnown else { return }
      if group != nil { room.signal() }
      continuation.resume(returning: group)
    }
  }
}
