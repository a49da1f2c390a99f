import Glibc
import Paths

/// What Swift's libraries cannot do without: where it is missing they end the process without a word, now or later.
enum RuntimeNeeds {
  /// What events, sockets, a checkpoint and the data take of open files, and as much again.
  private static let leastFiles: rlim_t = 64

  /// What is missing, as a sentence; nil where nothing is. `processes` is where the system shows its processes.
  static func problem(processes: String = "/proc") -> String? { openFiles() ?? processFolder(processes) }

  /// Raises a limit of open files that is too low as far as it may be raised; a sentence where that is not enough.
  private static func openFiles() -> String? {
    var limit = rlimit()
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(files, &limit) == 0, limit.rlim_cur < leastFiles else { return nil }
    limit.rlim_cur = min(leastFiles, limit.rlim_max)
    guard limit.rlim_cur < leastFiles || setrlimit(files, &limit) != 0 else { return nil }
    return
      "Only \(limit.rlim_cur) files may be open at a time, and \(leastFiles) are needed: raise the limit (ulimit -n)."
  }

  /// Dispatch reads there every second or so which of its threads run, and traps where it cannot.
  private static func processFolder(_ folder: String) -> String? {
    guard access(folder + "/self/stat", R_OK) != 0 else { return nil }
    return "\(folder) does not show this process, which Swift's runtime needs: mount it (mount -t proc proc \(folder))."
  }
}
