import Glibc
import TrainingEvents

/// Follows a run without a screen, from its start to its end.
@MainActor
final class HeadlessSession {
  private let session: any TrainingSession
  private let reporter: HeadlessReporter
  private var ending = RunEnding()

  init(_ session: any TrainingSession, format: DisplayOptions.LogFormat) {
    self.session = session
    reporter = HeadlessReporter(format: format)
  }

  /// Follows the session to its end and returns the exit code.
  func run() async -> Int32 {
    let signals = SignalSources([SIGINT, SIGTERM, SIGHUP]) { self.handle(signal: $0) }
    for await event in session.events {
      ending.note(event)
      reporter.show(event)
    }
    withExtendedLifetime(signals) {}
    reporter.finish()
    if let message = ending.message { reporter.say("mtt-tui: \(message)") }
    return ending.exitCode
  }

  private func handle(signal number: Int32) {
    if number == SIGHUP {
      reporter.say("mtt-tui: The terminal went away; the run goes on.")
      return
    }
    if !ending.isAskedBySignal {
      reporter.say(
        "mtt-tui: \(SignalSources.name(number)): writing a checkpoint, then stopping (once more: stop at once).")
    }
    session.send(ending.stop(bySignal: number))
  }
}
