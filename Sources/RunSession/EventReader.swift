internal import TrainingEvents

/// Turns the server's bytes into events. Steps that come together become one event, so that a long history is few.
struct EventReader {
  private var decoder = FrameDecoder(largest: Frame.largestFromServer)
  private var isGreeted: Bool
  /// The process that greeted.
  private(set) var process: Int32?
  /// The run, once it has begun.
  private(set) var run: RunDescription?
  /// Whether the run has said its last word.
  private(set) var hasEnded = false
  private var lastStep = 0

  init(isGreeted: Bool) { self.isGreeted = isGreeted }

  mutating func events(in bytes: some Collection<UInt8>) throws(SessionError) -> [TrainingEvent] {
    decoder.append(bytes)
    var events: [TrainingEvent] = []
    var steps: [StepRecord] = []
    while let frame = try decoder.next() {
      if frame.kind == .steps {
        steps += try StepCodec.decode(frame.payload)
        continue
      }
      if let event = try event(in: frame) {
        if !steps.isEmpty { events.append(.stepsCompleted(steps)) }
        steps = []
        events.append(event)
      }
    }
    if !steps.isEmpty { events.append(.stepsCompleted(steps)) }
    for event in events { note(event) }
    return events
  }

  private mutating func event(in frame: Frame) throws(SessionError) -> TrainingEvent? {
    switch try frame.message(as: ServerMessage.self) {
    case .greeting(let greeting):
      try RemoteSession.check(greeting)
      isGreeted = true
      process = greeting.process
      return nil
    case .refused(let sentence): throw SessionError(sentence)
    case .event(let event):
      guard isGreeted else { throw SessionError("The run's process did not greet.") }
      return event
    }
  }

  private mutating func note(_ event: TrainingEvent) {
    switch event {
    case .runStarted(let description): run = description
    case .stepsCompleted(let steps): lastStep = steps.last?.step ?? lastStep
    case .phaseChanged(let change): if change.phase == .finished || change.phase == .failed { hasEnded = true }
    default: break
    }
  }

  /// What ends the stream of a run whose process is gone.
  func lossEvents(_ loss: RunLoss) -> [TrainingEvent] {
    let outcome = RunOutcome(exitCode: 70, message: loss.message)
    let words = loss.lastWords.map { TrainingEvent.log(LogLine(level: .error, text: $0, time: 0, step: lastStep)) }
    return words + [.phaseChanged(PhaseChange(phase: .failed, step: lastStep, outcome: outcome))]
  }
}
