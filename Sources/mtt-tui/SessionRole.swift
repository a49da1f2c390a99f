import Glibc

/// What a process that follows a run is to it.
enum SessionRole {
  /// It trains the run or began it: told to stop, it lets the run save and stop.
  case owner
  /// It only watches: told to stop, it leaves.
  case watcher
  /// It looks at what is stored of it: nothing lives.
  case reader

  /// The signals that are the run's business. A watcher dies of them as any program does.
  var signals: [Int32] { self == .owner ? [SIGINT, SIGTERM, SIGHUP, SIGUSR1] : [] }
}
