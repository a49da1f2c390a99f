internal import Dispatch
internal import LoggedRuns
internal import RunFolder
public import RunLog
public import TrainingEvents

/// Writes a run's curves as a TensorBoard event file beside its log, where its configuration asks for it.
///
/// Each process of a run writes a file of its own. A resumed one says from which step on it replaces what earlier files
/// have; those are never touched.
public final class EventFileRecorder: RunObserver {
  /// Events that may wait for the queue; of more, none is taken until some are written, and those are counted.
  static let mostWaiting = 10_000
  /// Seconds until a file that could not be made is tried again.
  private static let retrySeconds = 1.0

  private struct State: Sendable {
    var send: (@Sendable (TrainingCommand) -> Void)?
    /// The run's folder, once there is one.
    var folder: String?
    var isWanted = false
    var waiting = 0
    /// Events not taken since the last one was written.
    var missed = 0
  }

  private let state = Locked(State())
  private let queue = DispatchQueue(label: "event file")
  private let output = Output()

  /// `@unchecked Sendable`: touched on the queue alone.
  private final class Output: @unchecked Sendable {
    var writer: EventFileWriter?
    /// The run whose file could not be made, and when that was tried last.
    var unopened: RunDescription?
    var lastTry = 0.0
    var isFailing = false
    /// Events that are in no file, and those of them that were reported.
    var lost = 0
    var reported = 0
  }

  public init() {}

  // MARK: - RunObserver

  public func begin(_ send: @escaping @Sendable (TrainingCommand) -> Void) { state.withLock { $0.send = send } }

  public func open(_ log: OpenRunLog) -> String? {
    state.withLock { $0.folder = log.folder }
    return nil
  }

  public func take(_ logged: LoggedEvent) {
    let isTaken = state.withLock { state in
      if case .runStarted(let run) = logged.event { state.isWanted = run.configuration.tensorBoard == true }
      guard state.isWanted else { return false }
      guard state.waiting < Self.mostWaiting else {
        state.missed += 1
        return false
      }
      state.waiting += 1
      return true
    }
    guard isTaken else { return }
    queue.async { [self] in
      let missed = state.withLock { state in
        defer { (state.waiting, state.missed) = (state.waiting - 1, 0) }
        return state.missed
      }
      output.lost += missed
      write(logged)
    }
  }

  public func prepareToEnd() {}

  /// Waits until everything is written, but at most `seconds`; for the end of the process.
  public func drain(seconds: Double) {
    let isDone = DispatchSemaphore(value: 0)
    queue.async { isDone.signal() }
    _ = isDone.wait(timeout: .now() + seconds)
  }

  // MARK: - On the queue

  private func write(_ logged: LoggedEvent) {
    do throws(LogError) {
      try openAgain(time: logged.time)
      try write(logged.event, time: logged.time)
    } catch {
      if !output.isFailing { report("\(error.description). Training goes on; this is tried again.", logged.time) }
      output.isFailing = true
      return
    }
    reportRecovery(logged.time)
  }

  /// Says what came of a disk that took nothing, of too many events at once, and of a file that was deleted.
  private func reportRecovery(_ time: Double) {
    guard let writer = output.writer else { return }
    let lost = output.lost + writer.dropped
    let news = lost - output.reported
    if output.isFailing {
      report("\(writer.path) is written again\(news == 0 ? "." : "; \(news) events were lost meanwhile.")", time)
    } else if news > 0 {
      report("\(writer.path): \(news) events came faster than they could be written, and are missing in it.", time)
    }
    (output.isFailing, output.reported) = (false, lost)
    guard writer.isRestored else { return }
    writer.isRestored = false
    report("\(writer.path): deleted under way; written anew with all that was in it.", time)
  }

  /// Tries again to make a file that could not be made; until it can, events are lost.
  private func openAgain(time: Double) throws(LogError) {
    guard let run = output.unopened else { return }
    output.lost += 1
    guard time - output.lastTry >= Self.retrySeconds else { return }
    try start(run, time: time)
    output.lost -= 1
  }

  private func write(_ event: TrainingEvent, time: Double) throws(LogError) {
    switch event {
    case .runStarted(let run): try start(run, time: time)
    case _ where output.writer == nil: break
    case .stepsCompleted(let steps):
      guard let end = steps.last?.elapsed else { return }
      for step in steps {
        try output.writer?.write(
          CurvePoints.points(of: step), step: Int64(step.step),
          time: CurvePoints.time(ofStepAt: step.elapsed, before: end, loggedAt: time))
      }
    case .evaluated(let record):
      try output.writer?.write(CurvePoints.points(of: record), step: Int64(record.step), time: time)
    case .phaseChanged(let change):
      guard change.phase == .finished || change.phase == .failed else {
        try output.writer?.flush()
        return
      }
      try output.writer?.end(isSuccess: change.phase == .finished, time: time)
    default: break
    }
  }

  private func start(_ run: RunDescription, time: Double) throws(LogError) {
    guard let folder = state.withLock({ $0.folder }) else { return }
    (output.unopened, output.lastTry, output.writer) = (run, time, nil)
    // Readers take a folder's files in the order of the times in their names, and a clock may go back.
    let latest = EventFolder.paths(in: folder).compactMap(Self.stamp).max()
    let stamp = max(time, latest.map { $0 + 1 } ?? 0)
    // Without a beginning before it, TensorBoard takes a resumed process's for the run's first, and drops nothing.
    let writer = try EventFileWriter(folder: folder, time: stamp, firstStep: Int64(run.startStep) + 1)
    (output.writer, output.unopened) = (writer, nil)
    var tags: [String] = []
    if !run.sentenceClasses.isEmpty { tags.append("dev/accuracy_a") }
    if !run.tags.isEmpty { tags += ["dev/accuracy_b", "dev/entity_f1"] }
    try writer.begin(Self.hparams(run.configuration), metrics: ["dev/loss"] + tags, time: time)
  }

  /// The time in an event file's name.
  private static func stamp(_ path: String) -> Double? {
    let name = path.split(separator: "/").last ?? ""
    guard let start = name.firstRange(of: "tfevents.")?.upperBound else { return nil }
    return Double(name[start...].prefix { $0.isNumber })
  }

  private static func hparams(_ configuration: RunConfiguration) -> [String: ConfigurationValue] {
    var values: [String: ConfigurationValue] = [:]
    // What was just encoded can be read.
    try? JSONFields.read(RunJSON.encode(configuration)) { name, value in values[name] = value.configuration }
    return values
  }

  private func report(_ text: String, _ time: Double) {
    state.withLock { $0.send }?(.remark(LogLine(level: .warning, text: text, time: time, step: 0)))
  }
}
