internal import Dispatch
internal import Glibc
public import TrainingEvents

/// Lets any number of clients follow a run of this process and steer it, over the socket in the run's folder.
///
/// The engine's thread only appends to memory: sending is another thread's work, which sleeps while nobody is there.
public final class RunServer: TrainingObserver {
  struct Shared: Sendable {
    var log = FrameLog()
    var phase = RunPhase.loading
    var step = 0
    var hasEnded = false
    /// Where commands go.
    var send: (@Sendable (TrainingCommand) -> Void)?
    /// The run's folder while the socket is open in it.
    var folder: String?
    /// Which file the socket is: the folder may have been deleted since, and be another run's.
    var file: Socket.FileID?
    /// Descriptors for the server's thread to take over.
    var listener: Int32?
    var adopted: [Int32] = []
    var closesListener = false
    /// What the log is to say.
    var remarks: [String] = []
  }

  private let shared: Locked<Shared>
  /// A byte written to one end wakes the server's thread, which sleeps on the other.
  private let wake: (Int32, Int32)
  private let hasDrained = DispatchSemaphore(value: 0)

  /// `clients`: descriptors of sockets that are connected already.
  public init(clients: [Int32] = []) {
    wake = (try? Socket.pair()) ?? (-1, -1)
    var first = Shared()
    first.adopted = clients
    shared = Locked(first)
    let loop = ServerLoop(wake: wake.1)
    // A serial queue blocks no thread of Swift's pool.
    DispatchQueue(label: "run server").async { @Sendable [self, loop] in
      loop.run(self)
      hasDrained.signal()
    }
  }

  deinit {
    for descriptor in [wake.0, wake.1] where descriptor >= 0 { close(descriptor) }
  }

  func withShared<Result>(_ body: (inout Shared) -> Result) -> Result { shared.withLock(body) }

  private func wakeUp() {
    _ = Socket.send([1], to: wake.0)  // full means that it will wake anyway
  }

  /// Waits until every client has taken everything, but at most `seconds`; for the end of the process.
  public func drain(seconds: Double) {
    _ = hasDrained.wait(timeout: .now() + seconds)
  }

  // MARK: - TrainingObserver

  public func begin(_ send: @escaping @Sendable (TrainingCommand) -> Void) {
    shared.withLock { $0.send = send }
  }

  public func take(_ event: TrainingEvent) -> String? {
    let frames = Frame.frames(of: event).map(\.bytes)
    let isFirst = shared.withLock { shared in
      for frame in frames { shared.log.append(frame) }
      switch event {
      case .stepsCompleted(let steps): shared.step = steps.last?.step ?? shared.step
      case .phaseChanged(let change):
        shared.phase = change.phase
        if change.phase == .finished || change.phase == .failed { shared.hasEnded = true }
      case .runStarted(let run): shared.step = run.startStep
      default: break
      }
      return shared.folder == nil
    }
    defer { wakeUp() }
    guard case .runStarted(let run) = event, isFirst else { return nil }
    return open(in: run.directory)
  }

  /// Returns a sentence if the socket cannot be made.
  private func open(in folder: String) -> String? {
    do throws(SessionError) {
      let listener = try Socket.listen(in: folder)
      shared.withLock {
        $0.listener = listener
        $0.folder = folder
        $0.file = Socket.file(in: folder)
      }
      return nil
    } catch {
      return "\(error). The run cannot be attached from other terminals."
    }
  }

  public func takeRemarks() -> [String] {
    shared.withLock { shared in
      defer { shared.remarks = [] }
      return shared.remarks
    }
  }

  public func prepareToEnd() {
    let (folder, file) = shared.withLock { shared in
      defer { shared.folder = nil }
      shared.closesListener = true
      return (shared.folder, shared.file)
    }
    if let folder, let file, Socket.file(in: folder) == file { unlink(folder + "/" + Socket.fileName) }
    wakeUp()
  }
}
