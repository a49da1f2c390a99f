internal import Dispatch
internal import RunFolder
internal import Synchronization
internal import TrainingEvents

/// Writes checkpoints beside training, at most one at a time, each on a thread of its own.
///
/// For the engine's thread: it hands copies over with `begin` and learns with `take` what became of them.
final class CheckpointWriter {
  /// What is being written, without its bytes.
  struct Request: Sendable {
    var state: LoopState
    var reason: CheckpointReason
    /// Whether it is the best model so far.
    var isBest: Bool
    /// When the copies were made, on the monotonic clock.
    var begun: Double
  }

  /// What became of a request.
  struct Outcome: Sendable {
    var request: Request
    /// The folder's absolute path and its bytes.
    var result: Result<(path: String, bytes: Int), RunFolderError>
    /// From the copies to the disk.
    var seconds: Double
  }

  typealias Write = @Sendable (Request, [CheckpointFile]) throws(RunFolderError) -> (path: String, bytes: Int)

  /// How a write thread and the engine's meet: the outcome is put in before the semaphore is signalled.
  private final class Meeting: Sendable {
    let isDone = DispatchSemaphore(value: 0)
    let outcome = Mutex<Outcome?>(nil)
  }

  private let write: Write
  private let meeting = Meeting()
  /// The request in flight.
  private(set) var current: Request?

  /// `write`: makes a request's files durable; called on a thread that may wait.
  init(_ write: @escaping Write) { self.write = write }

  /// Writes into a run's folder; `records` are files that must be as durable as the checkpoint that counts their bytes.
  convenience init(_ store: CheckpointStore, keep: Int, records: [String]) {
    self.init { (request, files) throws(RunFolderError) in
      // A failure to make one durable is reported where it is written.
      for record in records { try? synchronizeFile(record) }
      let written = try store.write(step: request.state.step, files: files)
      if request.isBest { try store.point(.best, at: request.state.step) }
      store.keepNewest(keep)
      return written
    }
  }

  /// Begins to write; nothing may be in flight.
  func begin(_ request: Request, _ files: [CheckpointFile]) {
    precondition(current == nil, "a checkpoint is being written already")
    current = request
    let body: @Sendable () -> Void = { [write, meeting] in
      var result: Result<(path: String, bytes: Int), RunFolderError>
      do throws(RunFolderError) {
        result = .success(try write(request, files))
      } catch {
        result = .failure(error)
      }
      let outcome = Outcome(request: request, result: result, seconds: Clock.monotonic() - request.begun)
      meeting.outcome.withLock { $0 = outcome }
      meeting.isDone.signal()
    }
    // Without a thread to be had, the engine's own does it.
    if !EngineThread.start(body) { body() }
  }

  /// What became of the request in flight; nil if there is none, or if it is not done yet and `waiting` is false.
  func take(waiting: Bool) -> Outcome? {
    guard current != nil else { return nil }
    if waiting {
      meeting.isDone.wait()
    } else {
      guard meeting.isDone.wait(timeout: .now()) == .success else { return nil }
    }
    current = nil
    return meeting.outcome.withLock { outcome in
      defer { outcome = nil }
      return outcome
    }
  }
}
