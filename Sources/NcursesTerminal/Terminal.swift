import CNcurses
import CTerminalGuard
import Glibc
public import TerminalCanvas

/// Why there is no screen to draw on.
public struct TerminalError: Error, CustomStringConvertible, Hashable {
  /// A sentence for the user.
  public var description: String
}

/// How a terminal colours a progress it shows.
public enum ProgressState: Int, Hashable, Sendable {
  case normal = 1
  case failed = 2
  case paused = 4
}

/// The one owner of ncurses and of the terminal's modes. At most one at a time.
@MainActor
public final class Terminal {
  private let input: Int32
  private let output: Int32
  private let environment: TerminalEnvironment
  private let reportsMouse: Bool
  private let screen: OpaquePointer
  private let files: (output: UnsafeMutablePointer<FILE>, input: UnsafeMutablePointer<FILE>)
  private let window: UnsafeMutablePointer<WINDOW>
  private var decoder = KeyDecoder()
  private var painter: Painter
  private var isOpen = true
  /// What the taskbar was last told.
  private var shownProgress = "0;0"

  /// How many colours are shown.
  public let colorDepth: ColorDepth

  /// Takes the terminal over: alternate screen, single keys, focus reports and, if wanted, the mouse, which then marks
  /// text only with Shift. The way back is guarded from the first moment, and standard error goes to a log until `close`.
  public init(
    input: Int32 = 0, output: Int32 = 1, environment: TerminalEnvironment = .current,
    reportsMouse: Bool = false, capturesStandardError: Bool = true
  ) throws(TerminalError) {
    guard isatty(input) == 1, isatty(output) == 1, terminal_guard_install(input, output) else {
      throw TerminalError(description: "Standard input and standard output must be a terminal for the dashboard.")
    }
    setTerminalLocale(environment)
    guard let outputFile = fdopen(dup(output), "w"), let inputFile = fdopen(dup(input), "r") else {
      throw TerminalError(description: "The terminal cannot be opened: \(String(cString: strerror(errno))).")
    }
    var opened = Self.open(environment, outputFile, inputFile)
    if let unfit = opened, !nc_can_place_cursor() {
      endwin()
      delscreen(unfit)
      opened = nil
    }
    guard let screen = opened, let window = nc_stdscr() else {
      fclose(outputFile)
      fclose(inputFile)
      throw TerminalError(
        description: environment.type.isEmpty
          ? "TERM is not set, so there is no way to draw on this terminal."
          : "The terminal type '\(environment.type)' is unknown here or cannot place the cursor.")
    }
    terminal_guard_arm(true)
    // Without a log a message may spoil the picture, no more.
    if capturesStandardError { _ = terminal_guard_capture_stderr() }
    self.input = input
    self.output = output
    self.environment = environment
    self.reportsMouse = reportsMouse
    self.screen = screen
    self.window = window
    files = (outputFile, inputFile)
    if getenv("ESCDELAY") == nil { set_escdelay(25) }
    cbreak()
    noecho()
    nonl()
    curs_set(0)
    keypad(window, true)
    nodelay(window, true)
    leaveok(window, true)
    intrflush(window, false)
    for report in ["\u{1B}[<", "\u{1B}[M", "\u{1B}[I", "\u{1B}[O"] { define_key(report, 0) }  // decoded by KeyDecoder
    if has_colors() {
      start_color()
      use_default_colors()
    }
    colorDepth = ColorDepth(
      colors: has_colors() ? Int(nc_colors()) : 0, noColor: environment.noColor, forced: environment.forcedColors)
    painter = Painter(window: window, depth: colorDepth, pairLimit: Int32(clamping: nc_color_pairs()))
    setReports(on: true)
    takeSuspendKey()
  }

  /// Opens the terminal with as many colours as are wanted; where that cannot be done, with those of its description.
  private static func open(
    _ environment: TerminalEnvironment, _ output: UnsafeMutablePointer<FILE>, _ input: UnsafeMutablePointer<FILE>
  ) -> OpaquePointer? {
    let types = environment.typeCandidates
    if let depth = environment.wantedColors, var description = types.lazy.compactMap(TerminalDescription.load).first {
      description.setColors(depth)
      let before = getenv("TERMINFO").map { String(cString: $0) }
      setenv("TERMINFO", description.variable, 1)
      defer { if let before { setenv("TERMINFO", before, 1) } else { unsetenv("TERMINFO") } }
      if let screen = newterm(TerminalDescription.name, output, input) { return screen }
    }
    // No lazy sequence: it would open what it finds twice.
    for type in types {
      if let screen = newterm(type, output, input) { return screen }
    }
    return nil
  }

  /// Lets Ctrl-Z be read as a key. Its signal would wake the shell before the screen is given back, and the shell's words
  /// would be lost on it.
  private func takeSuspendKey() {
    var modes = termios()
    guard tcgetattr(input, &modes) == 0 else { return }
    withUnsafeMutableBytes(of: &modes.c_cc) { $0[Int(VSUSP)] = 0 }  // _POSIX_VDISABLE
    tcsetattr(input, TCSADRAIN, &modes)
    def_prog_mode()
  }

  /// Columns and rows.
  public var size: (width: Int, height: Int) { (Int(getmaxx(window)), Int(getmaxy(window))) }

  /// The next key, click or focus change that is waiting, or nil. Never waits.
  public func readInput() -> InputEvent? {
    var value = wint_t()
    while true {
      let event: InputEvent?
      switch wget_wch(window, &value) {
      case ERR: return decoder.finish()
      case KEY_CODE_YES: event = decoder.take(code: Int32(bitPattern: value))
      default: event = decoder.take(scalar: UInt32(value))
      }
      if let event { return event }
    }
  }

  /// Whether the terminal went away: nothing will ever be read from it again.
  public var isGone: Bool {
    var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) > 0 && state.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0
  }

  /// Shows the canvas; only what changed is sent.
  public func draw(_ canvas: Canvas) {
    guard isOpen else { return }
    painter.paint(canvas)
    wnoutrefresh(window)
    // ncurses writes to the descriptor itself, so the brackets must too.
    if environment.takesPrivateModes { send("\u{1B}[?2026h") }
    doupdate()
    if environment.takesPrivateModes { send("\u{1B}[?2026l") }
  }

  /// Sends everything anew at the next `draw`: something else may have painted over it.
  public func redraw() {
    painter.forget()
    clearok(nc_curscr(), true)
  }

  /// Reads the terminal's size again, after SIGWINCH.
  public func resize() {
    var size = winsize()
    if ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 {
      resizeterm(Int32(size.ws_row), Int32(size.ws_col))
    }
    redraw()
  }

  /// Gives the terminal back for a while.
  public func suspend() {
    guard isOpen else { return }
    setReports(on: false)
    def_prog_mode()
    endwin()
    terminal_guard_arm(false)
  }

  /// Takes the terminal again after `suspend`.
  public func resume() {
    guard isOpen else { return }
    reset_prog_mode()
    terminal_guard_arm(true)
    setReports(on: true)
    resize()
  }

  /// Gives the terminal back for good, and standard error with it. Safe to call twice.
  public func close() {
    guard isOpen else { return }
    if shownProgress != "0;0" { send("\u{1B}]9;4;0;0\u{07}") }
    isOpen = false
    setReports(on: false)
    endwin()
    terminal_guard_arm(false)
    terminal_guard_release_stderr()
    delscreen(screen)
    fclose(files.output)
    fclose(files.input)
  }

  /// Shows how far the run is where the terminal has a place for it, such as a taskbar (OSC 9;4); nil takes it away.
  public func showProgress(_ share: Double?, state: ProgressState) {
    guard isOpen, environment.showsProgress else { return }
    let percent = Int((min(max(share ?? 0, 0), 1) * 100).rounded())
    let report = share == nil ? "0;0" : "\(state.rawValue);\(percent)"
    guard report != shownProgress else { return }
    shownProgress = report
    send("\u{1B}]9;4;\(report)\u{07}")
  }

  /// Hands a text to the terminal's clipboard (OSC 52); many terminals take it, some ask, some drop it.
  public func copyToClipboard(_ text: String) {
    guard isOpen, environment.takesPrivateModes else { return }
    send("\u{1B}]52;c;\(Self.base64(Array(text.utf8)))\u{07}")
  }

  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      value <<= UInt32(8 * (3 - group.count))
      for place in 0..<4 {
        text.append(place <= group.count ? digits[Int(value >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Asks the terminal for focus reports and mouse reports (presses, drags, the wheel; SGR form).
  private func setReports(on: Bool) {
    guard environment.takesPrivateModes else { return }
    let letter = on ? "h" : "l"
    send("\u{1B}[?1004\(letter)")
    if reportsMouse { send("\u{1B}[?1002\(letter)\u{1B}[?1006\(letter)") }
  }

  /// Writes control bytes past ncurses.
  private func send(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }  // the terminal is gone; `isGone` tells
      rest = rest.dropFirst(written)
    }
  }
}
