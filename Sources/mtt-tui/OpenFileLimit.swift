import Glibc

/// How many files the process may have open. Where there are too few, the system's own libraries end it without a word.
enum OpenFileLimit {
  /// What events, sockets, a checkpoint and the data take, and as much again.
  private static let least: rlim_t = 64

  /// Raises a limit that is too low as far as it may be raised; a sentence where that is not enough.
  static func problem() -> String? {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < least else { return nil }
    limit.rlim_cur = min(least, limit.rlim_max)
    guard limit.rlim_cur < least || setrlimit(files, &limit) != 0 else { return nil }
    return "Only \(limit.rlim_cur) files may be open at a time, and \(least) are needed: raise the limit (ulimit -n)."
  }
}
