import Dashboard
import Glibc

extension SessionRole {
  /// The signals that are the run's business. A watcher dies of them as any program does.
  var signals: [Int32] { self == .owner ? [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU] : [] }
}
