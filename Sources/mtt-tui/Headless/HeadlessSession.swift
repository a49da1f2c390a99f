import Dashboard
import Glibc
import TrainingEvents

/// Follows a run without a screen, from its start to its end.
@MainActor
final class HeadlessSession {
  private let session: any TrainingSession
  private let reporter: HeadlessReporter
  private let role: SessionRole
  private let printsToConsole: Bool
  private var ending = RunEnding()
  private var isLoading = true

  /// `printsToConsole`: everything goes to the run folder's `console.txt` once there is one.
  init(
    _ session: any TrainingSession, format: DisplayOptions.LogFormat, role: SessionRole = .owner,
    printsToConsole: Bool = false
  ) {
    self.session = session
    self.role = role
    self.printsToConsole = printsToConsole
    reporter = HeadlessReporter(format: format)
  }

  /// Follows the session to its end and returns the exit code.
  func run() async -> Int32 {
    let signals = SignalSources(role.signals) { self.handle(signal: $0) }
    for await event in session.events {
      ending.note(event)
      if case .runStarted = event { isLoading = false }
      if printsToConsole, case .runStarted(let run) = event {
        StandardStreams.detach(to: run.directory + "/console.txt")
      }
      reporter.show(event)
    }
    withExtendedLifetime(signals) {}
    reporter.finish()
    if role == .reader { return 0 }
    if let message = ending.message { reporter.say("mtt-tui: \(message)") }
    return ending.exitCode
  }

  private func handle(signal number: Int32) {
    switch number {
    case SIGHUP:
      reporter.say("mtt-tui: The terminal went away; the run goes on.")
      return
    case SIGUSR1:
      session.send(.checkpoint)
      return
    case SIGUSR2, SIGXCPU:
      // A launcher's or scheduler's word that time is up, which is no reason to end as if killed.
      session.send(.stop(.saveAndStop))
      return
    default: break
    }
    let name = SignalSources.name(number)
    switch ending.signals {
    case 0 where isLoading: reporter.say("mtt-tui: \(name): stopping; nothing has been trained yet.")
    case 0: reporter.say("mtt-tui: \(name): writing a checkpoint, then stopping (once more: stop at once).")
    case 1 where !isLoading:
      reporter.say("mtt-tui: \(name): stopping without another checkpoint (once more: end the process).")
    default:
      // The engine has not answered: its thread waits for a disk or a network that may never answer.
      reporter.say("mtt-tui: \(name): ended; checkpoints that were finished are whole.")
      exit(128 + number)
    }
    session.send(ending.stop(bySignal: number))
  }
}
