import Dispatch
import Glibc

/// Signals as events of the main queue, for as long as this value lives.
@MainActor
final class SignalSources {
  private let sources: [any DispatchSourceSignal]

  /// Takes the signals over; `handler` gets the number of each that arrives.
  ///
  /// To be made before ncurses starts, which then leaves them alone.
  init(_ signals: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
    sources = signals.map { number in
      signal(number, SIG_IGN)  // before resume(): afterwards nothing would arrive
      let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
      source.setEventHandler { @Sendable in handler(number) }
      source.resume()
      return source
    }
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
