import Glibc
import Paths

/// Unbuffered writing to the standard streams: a line is out when the call returns.
enum StandardStreams {
  /// Puts something in the place of standard streams that are closed at the start: files that are opened later would else
  /// get their numbers, and what is printed would go into them. Reading and writing fail as they would have.
  static func open() {
    for (descriptor, flags) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(descriptor, F_GETFD) < 0 {
      // The lowest free number is this one, as those below are open by now.
      _ = Glibc.open("/dev/null", flags)
    }
  }

  /// Writes everything. False once nobody can read it any more (closed pipe, vanished terminal, full disk).
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
        if written > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        } else if written < 0, errno == EINTR {
          continue
        } else if written < 0, errno == EAGAIN {
          var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&waiting, 1, -1)
          if waiting.revents & Int16(POLLERR | POLLNVAL) != 0 { return false }
        } else {
          return false
        }
      }
      return true
    }
  }

  @discardableResult
  static func writeOutput(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

  /// Writes words for people: bytes of paths that are no UTF-8 can be read.
  @discardableResult
  static func writeError(_ text: String) -> Bool { write(PathText.shown(text), to: STDERR_FILENO) }

  static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Turns away from a terminal that is gone: output goes to the end of a file, or nowhere where that cannot be opened.
  static func detach(to path: String?) {
    let nowhere = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
    let file = path.map { Paths.open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644) } ?? -1
    dup2(nowhere, STDIN_FILENO)
    dup2(file >= 0 ? file : nowhere, STDOUT_FILENO)
    dup2(file >= 0 ? file : nowhere, STDERR_FILENO)
    for descriptor in [nowhere, file] where descriptor > STDERR_FILENO { close(descriptor) }
  }

  /// Columns of the terminal behind a descriptor, 80 where it does not tell.
  static func columns(of descriptor: Int32) -> Int {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
