internal import RunFolder
internal import TrainingEvents

/// The engine's way out: writes each event to the run folder, then hands it to the listener, never waiting for either.
///
/// Steps are gathered into at most about 20 events a second, since every event wakes several threads; any other event
/// sends the gathered steps first, so that the order of things is kept. For the engine's thread.
final class EventFeed {
  static let secondsBetweenSteps = 1.0 / 20

  private let listener: EventBuffer
  private let observer: (any TrainingObserver)?
  private let now: () -> Double
  private var recorder: RunRecorder?
  private var early: [TrainingEvent] = []
  private var steps: [StepRecord] = []
  private var lastSteps = -Double.infinity
  private var lastStep = 0

  /// `now`: seconds on a clock that never goes back.
  init(
    listener: EventBuffer, observer: (any TrainingObserver)? = nil,
    now: @escaping () -> Double = Clock.monotonic
  ) {
    self.listener = listener
    self.observer = observer
    self.now = now
  }

  /// Bytes of `metrics.jsonl` with everything sent so far.
  var metricsLength: Int {
    flush()
    return recorder?.metricsLength ?? 0
  }

  /// Records from here on, beginning with the events sent before there was a folder to write to.
  func record(with recorder: RunRecorder) {
    self.recorder = recorder
    for event in early { tell(recorder.record(event)) }
    early = []
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

  /// Sends the gathered steps and makes the files durable; a failure is told by an alert.
  func synchronize() {
    flush()
    do throws(RunFolderError) {
      try recorder?.synchronize()
    } catch {
      // `record` has told, or tells with the next event.
    }
  }

  /// Writes files of the run anew that were deleted; tells of it.
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
    _ = recorder?.record(event)
    try? recorder?.synchronize()
    recorder = nil
    observer?.prepareToEnd()
    release()
    _ = observer?.take(event)
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
    listener.yield(event)
    let problem = observer?.take(event)
    if let recorder {
      tell(recorder.record(event))
    } else {
      early.append(event)
    }
    if let problem { alert(problem, step: lastStep) }
    for remark in observer?.takeRemarks() ?? [] { log(remark, step: lastStep) }
  }

  /// A word of the recorder goes to who listens alone: the disk has just failed.
  private func tell(_ problem: String?) {
    guard let problem else { return }
    let alert = TrainingEvent.alert(
      LogLine(level: .warning, text: problem, time: Clock.sinceEpoch(), step: lastStep))
    listener.yield(alert)
    _ = observer?.take(alert)
  }
}
