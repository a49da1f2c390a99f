import Glibc

/// A terminal made of two descriptors: what a program sees, and the side where a person would sit.
final class PseudoTerminal {
  /// The person's side: written bytes are keys, read bytes are the screen.
  let person: Int32
  /// The program's side.
  let program: Int32

  /// Nil where the system has no pseudo-terminals.
  init?(columns: UInt16, rows: UInt16) {
    let person = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var number: Int32 = 0
    var unlocked: Int32 = 0
    guard person >= 0, ioctl(person, 0x4004_5431, &unlocked) == 0,  // TIOCSPTLCK
      ioctl(person, 0x8004_5430, &number) == 0  // TIOCGPTN
    else { return nil }
    let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard program >= 0 else { return nil }
    self.person = person
    self.program = program
    resize(columns: columns, rows: rows)
  }

  func resize(columns: UInt16, rows: UInt16) {
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(person, UInt(TIOCSWINSZ), &size)
  }

  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(person, bytes, bytes.count)
  }

  /// What the program has written so far.
  func read() -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    var state = pollfd(fd: person, events: Int16(POLLIN), revents: 0)
    while poll(&state, 1, 50) > 0, state.revents & Int16(POLLIN) != 0 {
      let count = Glibc.read(person, &chunk, chunk.count)
      guard count > 0 else { break }
      bytes += chunk.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The input modes that matter: whether keys come one by one and unechoed.
  var isRaw: Bool {
    var modes = termios()
    tcgetattr(program, &modes)
    return modes.c_lflag & tcflag_t(ICANON | ECHO) == 0
  }

  deinit {
    close(person)
    close(program)
  }
}
