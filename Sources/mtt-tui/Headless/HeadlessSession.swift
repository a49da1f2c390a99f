import Glibc
import TrainingEvents

/// Follows a run without a screen, from its start to its end.
@MainActor
enum HeadlessSession {
  private enum Event: Sendable {
    case training(TrainingEvent)
    case ended
    case signal(Int32)
  }

  /// Follows the session to its end and returns the exit code.
  static func run(_ session: any TrainingSession, format: DisplayOptions.LogFormat) async -> Int32 {
    let reporter = HeadlessReporter(format: format)
    var ending = RunEnding()
    let (events, feed) = AsyncStream.makeStream(of: Event.self)
    let signals = SignalSources([SIGINT, SIGTERM, SIGHUP]) { feed.yield(.signal($0)) }
    let reader = Task {
      for await event in session.events { feed.yield(.training(event)) }
      feed.yield(.ended)
    }
    loop: for await event in events {
      switch event {
      case .training(let event):
        ending.note(event)
        reporter.show(event)
      case .signal(SIGHUP): reporter.say("mtt-tui: The terminal went away; the run goes on.")
      case .signal(let number):
        let command = ending.stop(bySignal: number)
        if command == .stop(.saveAndStop) {
          reporter.say(
            "mtt-tui: \(SignalSources.name(number)): writing a checkpoint, then stopping (once more: stop at once).")
        }
        session.send(command)
      case .ended: break loop
      }
    }
    reader.cancel()
    withExtendedLifetime(signals) {}
    reporter.finish()
    if let message = ending.message { reporter.say("mtt-tui: \(message)") }
    return ending.exitCode
  }
}
