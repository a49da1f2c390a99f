import CTerminalGuard
import Glibc

/// Bytes on their way to the terminal. Nothing here waits: what a terminal that stands still does not take stays in line.
///
/// ncurses writes into a file in memory, from which what it wrote is fetched.
@MainActor
final class TerminalOutput {
  /// The terminal by a description of its own, which alone does not wait; where it cannot be opened, the given one, in
  /// pieces that a terminal with room takes at once.
  let descriptor: Int32
  private let isOwn: Bool
  private let frame: UnsafeMutablePointer<FILE>
  private var waiting: [UInt8] = []
  private var sent = 0

  private static let piece = 256

  /// Nil, with errno set, where no file can be had.
  init?(_ output: Int32) {
    let file = terminal_guard_temporary_file()
    guard file >= 0, let stream = fdopen(file, "w+") else {
      if file >= 0 { Glibc.close(file) }
      return nil
    }
    frame = stream
    let own = Self.reopen(output)
    isOwn = own >= 0
    descriptor = own >= 0 ? own : output
  }

  /// What ncurses is to write to.
  var file: UnsafeMutablePointer<FILE> { frame }

  /// Whether everything has been taken by the terminal.
  var isEmpty: Bool { sent == waiting.count }

  /// Puts bytes in line, behind what ncurses has written so far.
  func add(_ text: String) {
    collect()
    waiting += Array(text.utf8)
  }

  /// Sends what the terminal takes now.
  func flush() {
    collect()
    while sent < waiting.count {
      let count = isOwn ? waiting.count - sent : min(Self.piece, waiting.count - sent)
      if !isOwn, !takesMore(within: 0) { break }
      let written = waiting.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), count) }
      if written < 0, errno == EINTR { continue }
      if written < 0, errno == EAGAIN { break }
      // The terminal is gone: nobody will miss it. `Terminal.isGone` tells.
      sent = written > 0 ? sent + written : waiting.count
    }
    guard isEmpty else { return }
    waiting.removeAll(keepingCapacity: waiting.count < 1 << 18)
    sent = 0
  }

  /// Sends everything, for which it waits so many seconds.
  func drain(seconds: Double) {
    flush()
    let deadline = ContinuousClock.now + .seconds(seconds)
    while !isEmpty, ContinuousClock.now < deadline {
      _ = takesMore(within: 50)
      flush()
    }
  }

  func close() {
    if isOwn { Glibc.close(descriptor) }
    fclose(frame)
  }

  private func takesMore(within milliseconds: Int32) -> Bool {
    var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&state, 1, milliseconds) > 0
  }

  /// Fetches what ncurses has written.
  private func collect() {
    fflush(frame)
    let file = fileno(frame)
    let size = Int(lseek(file, 0, SEEK_CUR))
    guard size > 0 else { return }
    let start = waiting.count
    waiting.append(contentsOf: repeatElement(0, count: size))
    let count = waiting.withUnsafeMutableBytes { pread(file, $0.baseAddress?.advanced(by: start), size, 0) }
    waiting.removeLast(size - max(0, count))
    // The next frame writes over this one: only what a very large one took is given back.
    if size >= 1 << 18 { _ = ftruncate(file, 0) }
    lseek(file, 0, SEEK_SET)
  }

  /// Opens a terminal a second time, without waiting: O_NONBLOCK on the given descriptor would be the shell's too.
  private static func reopen(_ output: Int32) -> Int32 {
    var name = [CChar](repeating: 0, count: 256)
    guard ttyname_r(output, &name, name.count) == 0 else { return -1 }
    return open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
  }
}
