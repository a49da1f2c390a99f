import Dispatch
import Glibc
import TrainingEvents

/// Follows a run without a screen: epoch lines on standard output, everything else on standard error.
@MainActor
final class HeadlessSession {
  private enum Event: Sendable {
    case training(TrainingEvent)
    case ended
    case signal(Int32)
  }

  private let format: DisplayOptions.LogFormat
  private var progress: ProgressReport
  private var outputIsOpen = true
  /// The signal that asked the run to stop, if one did.
  private var stopSignal: Int32?
  private var outcome: RunOutcome?

  init(format: DisplayOptions.LogFormat) {
    self.format = format
    progress = ProgressReport(
      style: StandardStreams.isTerminal(STDERR_FILENO) ? .bar : .lines, clock: { ContinuousClock.now })
  }

  /// Follows the session to its end and returns the exit code.
  func run(_ session: any TrainingSession) async -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    let signals = SignalSources([SIGINT, SIGTERM, SIGHUP]) { feed.yield(.signal($0)) }
    let reader = Task {
      for await event in session.events { feed.yield(.training(event)) }
      feed.yield(.ended)
    }
    loop: for await event in events {
      switch event {
      case .training(let event): show(event)
      case .signal(let number): stop(session, signal: number)
      case .ended: break loop
      }
    }
    reader.cancel()
    withExtendedLifetime(signals) {}
    return finish()
  }

  /// Goes on with a run whose screen is gone: `event` is shown as if it had come through `run`.
  func show(_ event: TrainingEvent) {
    if case .phaseChanged(let change) = event, let outcome = change.outcome { self.outcome = outcome }
    let lines =
      switch format {
      case .text: TextReport.lines(for: event)
      case .json: JSONReport.lines(for: event)
      }
    if !lines.isEmpty {
      StandardStreams.writeError(progress.erase())
      for line in lines { writeOutput(line) }
    }
    if let remark = TextReport.remark(for: event) {
      StandardStreams.writeError(progress.erase() + remark + "\n")
    }
    if let update = progress.update(event, columns: StandardStreams.columns(of: STDERR_FILENO)) {
      StandardStreams.writeError(update)
    }
  }

  private func writeOutput(_ line: String) {
    guard outputIsOpen else { return }
    outputIsOpen = StandardStreams.writeOutput(line + "\n")
    if !outputIsOpen {
      StandardStreams.writeError("mtt-tui: standard output was closed; the run goes on without it.\n")
    }
  }

  private func stop(_ session: any TrainingSession, signal number: Int32) {
    if number == SIGHUP {
      StandardStreams.writeError(progress.erase() + "mtt-tui: the terminal went away; the run goes on.\n")
    } else if stopSignal == nil {
      stopSignal = number
      StandardStreams.writeError(
        progress.erase()
          + "mtt-tui: \(SignalSources.name(number)): writing a checkpoint, then stopping (once more: stop at once).\n")
      session.send(.stop(.saveAndStop))
    } else {
      stopSignal = number
      session.send(.stop(.stopNow))
    }
  }

  /// Says how it ended and returns the exit code.
  private func finish() -> Int32 {
    let outcome =
      outcome ?? RunOutcome(exitCode: 70, message: "The run ended without saying how; this is an error in mtt-tui.")
    StandardStreams.writeError(progress.erase())
    if !outcome.message.isEmpty { StandardStreams.writeError("mtt-tui: \(outcome.message)\n") }
    return ExitStatus.code(outcome: outcome, signal: stopSignal)
  }
}

/// The exit code that a run and the signal that stopped it come to.
enum ExitStatus {
  /// 128+n where signal n stopped a run that ended as it was asked to; a failure keeps its own code.
  static func code(outcome: RunOutcome, signal: Int32?) -> Int32 {
    let endedWell = outcome.exitCode == 0 || outcome.exitCode == 75
    if let signal, endedWell { return 128 + signal }
    return outcome.exitCode
  }
}
