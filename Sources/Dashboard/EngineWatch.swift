import TrainingEvents

/// What an engine's process was seen doing since it was last looked at.
public enum EngineActivity: Hashable, Sendable {
  /// It used the processor.
  case working
  /// It is there and did nothing.
  case idle
  /// It was put to sleep by a signal, or stands before a disk that does not answer.
  case stopped
}

/// Whether the engine still answers: by its events and, where its process can be seen, by what that does. A long evaluation
/// sends nothing, but works.
struct EngineWatch: Hashable, Sendable {
  /// Seconds without a sign of life that are said.
  private static let patience = 3.0

  private var lastSign: Double?
  private var isStopped = false

  /// Something has come from it.
  mutating func noteSign(now: Double) { lastSign = now }

  mutating func note(_ activity: EngineActivity, now: Double) {
    isStopped = activity == .stopped
    if activity == .working || lastSign == nil { lastSign = now }
  }

  /// Seconds since the last sign of an engine that should have given one; nil where all is well.
  ///
  /// A paused engine does nothing: of it only a process that was stopped is said.
  func silence(_ phase: RunPhase, now: Double) -> Double? {
    guard let lastSign, now - lastSign >= Self.patience else { return nil }
    switch phase {
    case .loading, .running, .pausing, .evaluating, .stopping: return now - lastSign
    case .paused: return isStopped ? now - lastSign : nil
    case .finished, .failed: return nil
    }
  }
}

/// Commands that were sent and whose effect has not been seen yet.
struct OpenRequests: Hashable, Sendable {
  private struct Request: Hashable {
    var command: TrainingCommand
    var since: Double
  }

  private var open: [Request] = []

  var isEmpty: Bool { open.isEmpty }

  mutating func add(_ command: TrainingCommand, now: Double) {
    switch command {
    case .remark: return  // A line of the log answers it, if anything does.
    case .pause, .resume: open.removeAll { $0.command == .pause || $0.command == .resume }
    default: open.removeAll { $0.command == command }
    }
    open.append(Request(command: command, since: now))
    if open.count > 16 { open.removeFirst() }
  }

  /// Takes out what an event answers.
  mutating func note(_ event: TrainingEvent) { open.removeAll { Self.isAnswer(event, to: $0.command) } }

  private static func isAnswer(_ event: TrainingEvent, to command: TrainingCommand) -> Bool {
    switch (command, event) {
    case (.pause, .phaseChanged(let change)): change.phase != .running && change.phase != .loading
    case (.resume, .phaseChanged(let change)): change.phase != .paused && change.phase != .pausing
    case (.checkpoint, .checkpointWritten): true
    case (.evaluate, .evaluated): true
    case (.stop, .phaseChanged(let change)): [.stopping, .finished, .failed].contains(change.phase)
    case (.setLearningRate, .parameterChanged(let change)): change.parameter == .learningRate
    case (.setLossWeight(let task, _), .parameterChanged(let change)): change.parameter == .weight(task)
    // A refusal comes as an alert.
    case (.setLearningRate, .alert), (.setLossWeight, .alert), (.checkpoint, .alert), (.evaluate, .alert): true
    default: false
    }
  }

  /// What is waited for, in words; nil where nothing is, or only since a moment ago.
  func words(now: Double) -> String? {
    guard let last = open.last else { return nil }
    let seconds = Int(max(0, min(now - last.since, 1e6)))
    return Self.name(last.command) + (seconds < 1 ? " asked for" : " waits for the engine, \(seconds) s")
  }

  private static func name(_ command: TrainingCommand) -> String {
    switch command {
    case .pause: "pause"
    case .resume: "resume"
    case .checkpoint: "checkpoint"
    case .evaluate: "evaluation"
    case .stop: "stop"
    case .setLearningRate: "learning rate"
    case .setLossWeight: "loss weight"
    case .remark: "remark"
    }
  }
}
