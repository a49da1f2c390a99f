import TrainingEvents

/// How a run ends: gathered from its events and from the signals that arrive, turned into the process's end.
struct RunEnding {
  private var outcome: RunOutcome?
  /// The first signal that asked the run to stop.
  private var signal: Int32?
  /// How many have.
  private(set) var signals = 0

  /// Whether a signal asked the run to stop.
  var isAskedBySignal: Bool { signal != nil }

  mutating func note(_ event: TrainingEvent) {
    // A run that goes on after an end has not ended.
    if case .phaseChanged(let change) = event { outcome = change.outcome }
  }

  /// The command that a signal means: the first saves, a second one stops at once.
  mutating func stop(bySignal number: Int32) -> TrainingCommand {
    defer {
      if signal == nil { signal = number }
      signals += 1
    }
    return .stop(signal == nil ? .saveAndStop : .stopNow)
  }

  /// What to say to the user, if anything.
  var message: String? {
    guard let outcome else { return "The run ended without saying how; this is an error in mtt-tui." }
    return outcome.message.isEmpty ? nil : outcome.message
  }

  /// 128+n where signal n stopped a run that ended as it was asked to; a failure keeps its own code.
  var exitCode: Int32 {
    guard let outcome else { return 70 }
    if let signal, outcome.exitCode == 0 || outcome.exitCode == 75 { return 128 + signal }
    return outcome.exitCode
  }
}
