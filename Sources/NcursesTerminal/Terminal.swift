import CNcurses
import CTerminalGuard
import Glibc
import Paths
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
///
/// ncurses turns canvases into bytes; reading, writing and the modes are done here, so that nothing waits for a terminal
/// that stands still, and nothing that a terminal sends is taken for a key that it is not.
@MainActor
public final class Terminal {
  private let input: Int32
  private let output: TerminalOutput
  private let environment: TerminalEnvironment
  private let reportsMouse: Bool
  private let screen: OpaquePointer
  private let inputFile: UnsafeMutablePointer<FILE>
  private let window: UnsafeMutablePointer<WINDOW>
  /// The modes as they were found, and as they are here.
  private let modes: (found: termios, own: termios)
  private var decoder: InputDecoder
  private var events: [InputEvent] = []
  private var painter: Painter
  private var isOpen = true
  /// What the taskbar was last sent.
  private var shownProgress = "0;0"
  private var acknowledgement = Acknowledgement()

  /// How many colours are shown.
  public let colorDepth: ColorDepth

  /// Takes the terminal over: alternate screen, single keys, focus reports and, if wanted, the mouse, which then marks
  /// text only with Shift. The way back is guarded from the first moment, and standard error goes to a log until `close`.
  public init(
    input: Int32 = 0, output: Int32 = 1, environment: TerminalEnvironment = .current,
    reportsMouse: Bool = false, capturesStandardError: Bool = true
  ) throws(TerminalError) {
    var found = termios()
    guard isatty(input) == 1, isatty(output) == 1, tcgetattr(input, &found) == 0,
      terminal_guard_install(input, output)
    else {
      throw TerminalError(description: "Standard input and standard output must be a terminal for the dashboard.")
    }
    setTerminalLocale(environment)
    guard let queue = TerminalOutput(output), let inputFile = fdopen(dup(input), "r") else {
      throw TerminalError(description: "The terminal cannot be opened: \(SystemMessage.text()).")
    }
    var opened = Self.open(environment, queue.file, inputFile)
    if let unfit = opened, nc_capability("cup") == nil {
      endwin()
      delscreen(unfit)
      opened = nil
    }
    guard let screen = opened, let window = nc_stdscr() else {
      queue.close()
      fclose(inputFile)
      throw TerminalError(
        description: environment.type.isEmpty
          ? "TERM is not set, so there is no way to draw on this terminal."
          : "The terminal type '\(environment.type)' is unknown here or cannot place the cursor.")
    }
    terminal_guard_set_leaving(Self.leavingSequence(environment))
    terminal_guard_arm(true)
    // Without a log a message may spoil the picture, no more.
    if capturesStandardError { _ = terminal_guard_capture_stderr() }
    self.input = input
    self.output = queue
    self.environment = environment
    self.reportsMouse = reportsMouse
    self.screen = screen
    self.window = window
    self.inputFile = inputFile
    modes = (found, Self.ownModes(found))
    decoder = InputDecoder(keys: KeySequences.described, isUTF8: !environment.namesOtherCharacterSet)
    typeahead(-1)  // a frame is sent whole, whatever has been typed
    nonl()
    curs_set(0)
    keypad(window, true)
    leaveok(window, true)
    if has_colors() {
      start_color()
      use_default_colors()
    }
    colorDepth = ColorDepth(
      colors: has_colors() ? Int(nc_colors()) : 0, noColor: environment.noColor, forced: environment.forcedColors)
    painter = Painter(window: window, depth: colorDepth, pairLimit: Int32(clamping: nc_color_pairs()))
    takeModes()
    setReports(on: true)
    if environment.takesPrivateModes { queue.add("\u{1B}]11;?\u{1B}\\") }
    fit()
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

  /// What leaves the alternate screen, by the description, and clears the taskbar where there is one.
  static func leavingSequence(_ environment: TerminalEnvironment) -> String {
    let described = nc_capability("rmcup").map { String(cString: $0) } ?? ""
    let plain = described.replacing(/\$<[^>]*>/, with: "")  // without the pauses that only ncurses would make
    return (environment.showsProgress ? "\u{1B}]9;4;0;0\u{07}" : "") + plain
  }

  // MARK: - Modes

  /// Keys one by one and unechoed. Ctrl-C and Ctrl-Z are keys: their signals would not know whether a line is being typed,
  /// and a shell that they wake would print on the screen before it is given back. Ctrl-S must not stop the output.
  private static func ownModes(_ found: termios) -> termios {
    var modes = found
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | IEXTEN)
    modes.c_iflag &= ~tcflag_t(ICRNL | INLCR | IGNCR | IXON | ISTRIP)
    modes.c_oflag &= ~tcflag_t(OPOST)
    withUnsafeMutableBytes(of: &modes.c_cc) {
      for key in [VINTR, VSUSP] { $0[Int(key)] = 0 }  // _POSIX_VDISABLE
      $0[Int(VMIN)] = 1
      $0[Int(VTIME)] = 0
    }
    return modes
  }

  private func takeModes() {
    var own = modes.own
    tcsetattr(input, TCSANOW, &own)
  }

  private func giveModesBack() {
    var found = modes.found
    tcsetattr(input, TCSANOW, &found)
  }

  // MARK: - Size

  /// Columns and rows.
  public var size: (width: Int, height: Int) { (Int(getmaxx(window)), Int(getmaxy(window))) }

  /// Reads the terminal's size again, after SIGWINCH.
  public func resize() {
    fit()
    redraw()
  }

  /// Takes over the size that the terminal has now. LINES and COLUMNS, which ncurses looks at first, may be another's.
  private func fit() {
    var size = winsize()
    if ioctl(input, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 {
      resizeterm(Int32(size.ws_row), Int32(size.ws_col))
    }
  }

  // MARK: - Reading

  /// What reading may find besides events.
  public enum InputState: Hashable, Sendable {
    case open
    /// Nothing will ever be read again.
    case gone
    /// Another process group has the terminal: it must not be read now.
    case elsewhere
  }

  /// The next key, click, paste or report that is waiting, or nil. Never waits.
  public func readInput() -> InputEvent? {
    while events.isEmpty, read() {}
    return events.isEmpty ? nil : events.removeFirst()
  }

  /// How many seconds to wait for more input before `expireInput`; nil where nothing has been begun.
  public var inputPatience: Double? { decoder.patience }

  /// Nothing more came within `inputPatience`; what that means is read next.
  public func expireInput() { note(decoder.expire()) }

  /// Takes what is there; false where there is nothing.
  private func read() -> Bool {
    var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    guard poll(&state, 1, 0) > 0, state.revents & Int16(POLLIN) != 0, isOurs else { return false }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = Glibc.read(input, &bytes, bytes.count)
    guard count > 0 else { return false }
    note(decoder.take(bytes[..<count]))
    return true
  }

  private func note(_ new: [InputEvent]) {
    for event in new where event == .ready { acknowledgement.arrived() }
    events += new.filter { $0 != .ready }
  }

  /// Whether this process is in the terminal's foreground group, as far as there are groups.
  private var isOurs: Bool {
    let group = tcgetpgrp(input)
    return group < 0 || group == getpgrp()
  }

  /// Whether there is anything to read at all.
  public var inputState: InputState {
    var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
    if poll(&state, 1, 0) > 0, state.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { return .gone }
    return isOurs ? .open : .elsewhere
  }

  // MARK: - Drawing

  /// Whether another frame would only wait in line: the terminal has not taken the last one yet.
  public var isBusy: Bool {
    output.flush()
    return !output.isEmpty || acknowledgement.isAwaited
  }

  /// What is drawn goes to this descriptor.
  public var outputDescriptor: Int32 { output.descriptor }

  /// Whether part of what was drawn still waits for the terminal to take it; sends what it takes now.
  public var isSending: Bool {
    output.flush()
    return !output.isEmpty
  }

  /// Shows the canvas; only what changed is sent.
  public func draw(_ canvas: Canvas) {
    guard isOpen else { return }
    terminal_guard_cover_thread()
    painter.paint(canvas)
    wnoutrefresh(window)
    let isBracketed = environment.takesPrivateModes
    if isBracketed { output.add("\u{1B}[?2026h") }
    doupdate()
    if isBracketed {
      output.add("\u{1B}[?2026l")
      if acknowledgement.ask() { output.add("\u{1B}[5n") }
    }
    output.flush()
  }

  /// Sends everything anew at the next `draw`: something else may have painted over it.
  public func redraw() {
    painter.forget()
    clearok(nc_curscr(), true)
  }

  // MARK: - Giving it back

  /// Gives the terminal back for a while.
  public func suspend() {
    guard isOpen else { return }
    leaveScreen()
    terminal_guard_arm(false)
  }

  /// Takes the terminal again after `suspend`.
  public func resume() {
    guard isOpen else { return }
    takeModes()
    terminal_guard_arm(true)
    keypad(window, true)
    setReports(on: true)
    acknowledgement = Acknowledgement()
    resize()
  }

  /// Gives the terminal back for good, and standard error with it. Safe to call twice.
  public func close() {
    guard isOpen else { return }
    if shownProgress != "0;0" { output.add("\u{1B}]9;4;0;0\u{07}") }
    isOpen = false
    leaveScreen()
    terminal_guard_arm(false)
    terminal_guard_release_stderr()
    delscreen(screen)
    output.close()
    fclose(inputFile)
  }

  private func leaveScreen() {
    setReports(on: false)
    endwin()
    output.drain(seconds: 1)
    // An answer that is on its way would be typed into the shell.
    let deadline = ContinuousClock.now + .milliseconds(300)
    while acknowledgement.isExpected, inputState == .open, ContinuousClock.now < deadline {
      var state = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      poll(&state, 1, 20)
      _ = read()
    }
    events = []
    giveModesBack()
  }

  // MARK: - Words to the terminal

  /// A sentence for whoever sits at the terminal when a signal ends the process; nil for none.
  public func setFarewell(_ sentence: String?) { terminal_guard_set_farewell(sentence) }

  /// Shows how far the run is where the terminal has a place for it, such as a taskbar (OSC 9;4); nil takes it away.
  public func showProgress(_ share: Double?, state: ProgressState) {
    guard isOpen, environment.showsProgress else { return }
    let percent = Int((min(max(share ?? 0, 0), 1) * 100).rounded())
    let report = share == nil ? "0;0" : "\(state.rawValue);\(percent)"
    guard report != shownProgress else { return }
    shownProgress = report
    output.add("\u{1B}]9;4;\(report)\u{07}")
    output.flush()
  }

  /// Hands a text to the terminal's clipboard (OSC 52); many terminals take it, some ask, some drop it. False where it is
  /// not even sent.
  public func copyToClipboard(_ text: String) -> Bool {
    guard isOpen, environment.takesPrivateModes else { return false }
    output.add("\u{1B}]52;c;\(Self.base64(Array(text.utf8)))\u{07}")
    output.flush()
    return true
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

  /// Asks the terminal for focus reports, marked pastes and mouse reports (presses, drags, the wheel; SGR form).
  private func setReports(on: Bool) {
    guard environment.takesPrivateModes else { return }
    let letter = on ? "h" : "l"
    output.add("\u{1B}[?1004\(letter)\u{1B}[?2004\(letter)")
    if reportsMouse { output.add("\u{1B}[?1002\(letter)\u{1B}[?1006\(letter)") }
    output.flush()
  }
}

/// Whether the terminal has shown the last frame, by its answer to a question sent behind it.
///
/// What lies between may hold megabytes: without answers a slow line would be minutes behind. A terminal that has never
/// answered is not waited for, and one that stops answering not for long.
struct Acknowledgement {
  private static let longest = 5.0

  private var answers = false
  private var asked: ContinuousClock.Instant?

  /// Notes that a question is sent; false where the last one is still open.
  mutating func ask() -> Bool {
    guard asked == nil || hasGivenUp else { return false }
    asked = .now
    return true
  }

  mutating func arrived() {
    answers = true
    asked = nil
  }

  /// Whether an answer is due that the next frame waits for.
  var isAwaited: Bool { answers && asked != nil && !hasGivenUp }

  /// Whether an answer may still come.
  var isExpected: Bool { asked != nil && !hasGivenUp && (answers || wasAskedJustNow) }

  private var wasAskedJustNow: Bool { asked.map { ContinuousClock.now - $0 < .milliseconds(300) } ?? false }
  private var hasGivenUp: Bool { asked.map { ContinuousClock.now - $0 > .seconds(Self.longest) } ?? false }
}
