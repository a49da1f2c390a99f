internal import RunFolder
internal import RunLog
internal import TrainingEvents

/// The engine's way out: hands each event to the run's records, to its listener and to who else follows, never waiting
/// for any of them.
///
/// Steps are gathered into at most about 20 events a second, since every event wakes several threads; any other event
/// sends the gathered steps first, so that the order of things is kept. For the engine's thread.
final class EventFeed {
  static let secondsBetweenSteps = 1.0 / 20

  private let listener: EventBuffer
  private let observers: [any RunObserver]
  private let now: () -> Double
  private var recorder: RunRecorder?
  /// What was sent before there was a folder to write to, and when.
  private var early: [(event: TrainingEvent, time: Double)] = []
  private var steps: [StepRecord] = []
  private var lastSteps = -Double.infinity
  private(set) var lastStep = 0

  /// `now`: seconds on a clock that never goes back.
  init(
    listener: EventBuffer, observers: [any RunObserver] = [],
    now: @escaping () -> Double = Clock.monotonic
  ) {
    self.listener = listener
    self.observers = observers
    self.now = now
  }

  /// Where the records stand with everything sent so far.
  var position: RecordPosition {
    flush()
    return RecordPosition(
      metricsLength: recorder?.metricsLength ?? 0, logIndex: recorder?.lastIndex ?? 0, step: lastStep)
  }

  /// Records from here on, beginning with the events sent before there was a folder to write to.
  ///
  /// `folder`: the run's.
  func record(with recorder: RunRecorder, in folder: String) {
    self.recorder = recorder
    let past = recorder.lastIndex
    let beginning = early.map { recorder.record($0.event, time: $0.time) }
    early = []
    let log = OpenRunLog(folder: folder, past: past, beginning: beginning, written: recorder.written)
    for problem in observers.compactMap({ $0.open(log) }) { alert(problem, step: lastStep) }
  }

  func send(_ event: TrainingEvent) {
    flush()
    pass(event)
  }

  func send(_ step: StepRecord) {
    steps.append(step)
    lastStep = step.step
    let time = now()
    guard time - lastSteps >= Self.secondsBetweenSteps else { return }
    lastSteps = time
    flush()
  }

  func log(_ text: String, level: LogLine.Level = .info, step: Int) {
    send(.log(LogLine(level: level, text: text, time: Clock.sinceEpoch(), step: step)))
  }

  func alert(_ text: String, level: LogLine.Level = .warning, step: Int) {
    send(.alert(LogLine(level: level, text: text, time: Clock.sinceEpoch(), step: step)))
  }

  /// Sends the gathered steps and makes the files durable; a failure is reported by an alert.
  func synchronize() {
    flush()
    try? recorder?.synchronize()
    reportProblems()
  }

  /// Writes files of the run anew that were deleted; reports it.
  func restoreRecords() {
    flush()
    if let problem = recorder?.restore() { alert(problem, step: lastStep) }
  }

  /// Sends the last event and ends the stream.
  ///
  /// `release`: gives the run folder up: called once all is written and before the listener hears of the
  ///   end, so that who hears of it may open the folder.
  func finish(with event: TrainingEvent, release: () -> Void) {
    flush()
    let logged = logged(event)
    recorder?.close()
    recorder = nil
    for observer in observers { observer.prepareToEnd() }
    release()
    for observer in observers { observer.take(logged) }
    listener.yield(event)
    listener.finish()
  }

  private func flush() {
    guard !steps.isEmpty else { return }
    let event = TrainingEvent.stepsCompleted(steps)
    steps = []
    pass(event)
  }

  private func pass(_ event: TrainingEvent) {
    let logged = logged(event)
    for observer in observers { observer.take(logged) }
    listener.yield(event)
    reportProblems()
  }

  /// Records an event; before there is a folder, keeps it.
  private func logged(_ event: TrainingEvent) -> LoggedEvent {
    let time = Clock.sinceEpoch()
    if let recorder { return recorder.record(event, time: time) }
    early.append((event, time))
    return LoggedEvent(event, index: UInt64(early.count), time: time)
  }

  private func reportProblems() {
    for problem in recorder?.takeProblems() ?? [] { alert(problem, step: lastStep) }
  }
}
