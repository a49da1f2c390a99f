internal import Dispatch
internal import Glibc
import Paths
public import RunLog
internal import RunSources
public import TrainingEvents

/// Lets any number of clients follow a run of this process, steer it and ask it, over the socket in the run's folder.
///
/// The engine's thread only adds to a short memory of the newest events: sending is another thread's work, which sleeps
/// while nobody is there. Clients read from the run's log what is older.
public final class RunServer: RunObserver {
  struct Shared: Sendable {
    var recent = RecentEvents()
    var summary = RunSummary()
    var hasEnded = false
    /// Where commands go.
    var send: (@Sendable (TrainingCommand) -> Void)?
    /// The run's folder, once there is one; and whether the socket is open in it.
    var folder: String?
    var isListening = false
    /// Which file the socket is: the folder may have been deleted since, and be another run's.
    var file: Socket.FileID?
    /// Descriptors for the server's thread to take over.
    var listener: Int32?
    var adopted: [Int32] = []
    var closesListener = false
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

  /// Puts a line into the run's log, by way of the engine: it comes at once, also while the run is paused.
  func remark(_ text: String) {
    let (send, step) = withShared { ($0.send, $0.summary.step) }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    let seconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    send?(.remark(LogLine(level: .info, text: text, time: seconds, step: step)))
  }

  private func wakeUp() {
    _ = Socket.send([1], to: wake.0)  // full means that it will wake anyway
  }

  /// Waits until every client has taken everything, but at most `seconds`; for the end of the process.
  public func drain(seconds: Double) {
    _ = hasDrained.wait(timeout: .now() + seconds)
  }

  // MARK: - RunObserver

  public func begin(_ send: @escaping @Sendable (TrainingCommand) -> Void) {
    shared.withLock { $0.send = send }
  }

  public func take(_ logged: LoggedEvent) {
    shared.withLock { shared in
      shared.recent.append(logged)
      shared.summary.note(logged)
      if case .phaseChanged(let change) = logged.event, change.phase == .finished || change.phase == .failed {
        shared.hasEnded = true
      }
    }
    wakeUp()
  }

  public func open(_ log: OpenRunLog) -> String? {
    defer { wakeUp() }
    shared.withLock { shared in
      shared.folder = log.folder
      shared.recent.begin(log)
    }
    do throws(SessionError) {
      let listener = try Socket.listen(in: log.folder)
      shared.withLock {
        $0.listener = listener
        $0.isListening = true
        $0.file = Socket.file(in: log.folder)
      }
      return nil
    } catch {
      return "\(error). The run cannot be attached from other terminals."
    }
  }

  public func prepareToEnd() {
    let (folder, file) = shared.withLock { shared in
      defer { shared.isListening = false }
      shared.closesListener = true
      return (shared.isListening ? shared.folder : nil, shared.file)
    }
    if let folder, let file, Socket.file(in: folder) == file { unlink(folder + "/" + Socket.fileName) }
    wakeUp()
  }
}

extension RunSummary {
  mutating func note(_ logged: LoggedEvent) {
    switch logged.event {
    case .runStarted(let run):
      (step, totalSteps, epochs) = (run.startStep, run.totalSteps, run.configuration.epochs)
      epochsDone = run.startStep / max(1, run.stepsPerEpoch)
    case .stepsCompleted(let steps): step = steps.last?.step ?? step
    case .epochCompleted(let record): epochsDone = record.epoch + 1
    case .phaseChanged(let change): (phase, phaseBegan) = (change.phase, logged.time)
    default: break
    }
  }
}
