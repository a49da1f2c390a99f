import Dispatch
import Glibc

/// Signals as events of the main queue, for as long as this value lives.
@MainActor
final class SignalSources {
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals over; `handler` gets the number of each that arrives, ahead of whatever else is waiting for the
  /// main actor.
  init(_ signals: [Int32], handler: @escaping @MainActor (Int32) -> Void) {
    sources = signals.map { number in
      Self.takeFromDefault(number)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
      source.setEventHandler { @Sendable in MainActor.assumeIsolated { handler(number) } }
      source.resume()
      return source
    }
  }

  /// Keeps a signal from its default action before a source takes it. Where dispatch has it, for sources that live or are
  /// on their way out, its handler stays: without it nothing would arrive.
  private static func takeFromDefault(_ number: Int32) {
    var action = sigaction()
    // The default action is C's null pointer.
    if sigaction(number, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil { signal(number, SIG_IGN) }
  }

  /// Keeps signals from their default action until sources for them are made. ncurses leaves alone what is ignored.
  static func ignore(_ signals: [Int32]) {
    for number in signals { signal(number, SIG_IGN) }
  }

  /// Ignores signals and opens what will take them; where that fails, they act as before.
  static func ignore<Opened>(_ signals: [Int32], opening open: () throws -> Opened) rethrows -> Opened {
    ignore(signals)
    do {
      return try open()
    } catch {
      for number in signals { signal(number, SIG_DFL) }
      throw error
    }
  }

  /// Lets every signal through, whatever the parent process had blocked: dispatch loses blocked ones.
  ///
  /// To be called before the process has a second thread.
  nonisolated static func unblockAll() {
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
  }

  /// The name a user knows a signal by.
  static func name(_ number: Int32) -> String {
    switch number {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: "signal \(number)"
    }
  }
}
