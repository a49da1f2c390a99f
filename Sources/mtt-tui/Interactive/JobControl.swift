import Foundation
import Glibc

/// Stopping and going on at the shell's word.
enum JobControl {
  /// Whether a shell is there that could let a stopped process go on.
  ///
  /// A process that leads its own session, as under `tmux new-window mtt-tui`, would sleep for ever.
  static var canStop: Bool {
    // The group's leader may be another program: `make run` starts us in make's group.
    let group = getpgrp()
    guard let parent = parentOfProcess(group) ?? (group == getpid() ? nil : getppid()) else { return false }
    return getsid(parent) == getsid(0) && getpgid(parent) != group
  }

  /// Stops this process until it is continued in the foreground of `terminal`.
  static func stop(terminal: Int32) {
    // SIGTSTP is taken over by the event loop; raise() returns only after the process went on.
    repeat { raise(SIGSTOP) } while tcgetpgrp(terminal) >= 0 && tcgetpgrp(terminal) != getpgrp()
  }

  /// Field 4 of /proc/PID/stat; the second, in parentheses, may hold anything.
  private static func parentOfProcess(_ process: pid_t) -> pid_t? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(process)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }
}
