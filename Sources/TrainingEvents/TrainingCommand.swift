/// What a listener may ask of the engine. Taken between two steps and acknowledged by an event.
public enum TrainingCommand: Codable, Hashable, Sendable {
  case pause
  case resume
  /// Write a checkpoint now, paused or not.
  case checkpoint
  /// Evaluate on the dev split now, paused or not.
  case evaluate
  case stop(StopMode)
  /// Set the learning rate, in force from the next step. The schedule keeps its shape: its peak is scaled so that
  /// the current step has the given rate.
  case setLearningRate(Double)
  case setLossWeight(ModelTask, Double)
  /// Put a line into the run's log.
  case remark(LogLine)
}

/// How to end a run early.
public enum StopMode: String, Codable, Hashable, Sendable, CaseIterable {
  /// Write a checkpoint after the current step, then end.
  case saveAndStop
  /// Resume if paused, train to the epoch's end, evaluate, write a checkpoint, then end.
  case finishEpoch
  /// End after the current step without writing anything more.
  case stopNow
}

/// One run as its listeners see it: a stream of events out, commands in.
///
/// The first kind is an engine in the same process; the same stream can cross a socket.
public protocol TrainingSession: Sendable {
  /// Every event from the start of the session, in order, ending after the phase `finished` or `failed`. For one
  /// listener.
  var events: AsyncStream<TrainingEvent> { get }

  /// Hands a command over without waiting.
  func send(_ command: TrainingCommand)
}
