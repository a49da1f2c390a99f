import CNcurses
import CTerminalGuard
import Glibc
import TerminalCanvas
import Testing

@testable import NcursesTerminal

/// The real ncurses on a pseudo-terminal. Serialized: ncurses has one current screen.
@MainActor
@Suite(.serialized) struct TerminalTests {
  private let tty: PseudoTerminal

  init() throws {
    tty = try #require(PseudoTerminal(columns: 40, rows: 10))
  }

  private func open(_ type: String = "xterm-256color", noColor: Bool = false) throws -> Terminal {
    try Terminal(
      input: tty.program, output: tty.program, environment: TerminalEnvironment(type: type, noColor: noColor),
      reportsMouse: true, capturesStandardError: false)
  }

  private func canvas(_ lines: [String], style: Style = Style()) -> Canvas {
    var canvas = Canvas(width: 40, height: 10)
    let index = canvas.intern(style)
    for (y, line) in lines.enumerated() {
      for (x, scalar) in line.unicodeScalars.enumerated() { canvas.put(x, y, scalar.value, index) }
    }
    return canvas
  }

  @Test func takesTheTerminalAndGivesItBack() throws {
    #expect(!tty.isRaw)
    let terminal = try open()
    #expect(tty.isRaw)
    #expect(terminal.size == (40, 10))
    terminal.draw(canvas(["hello"]))
    let shown = tty.read()
    #expect(shown.contains("\u{1B}[?1049h"))
    #expect(shown.contains("\u{1B}[?1006h"))
    #expect(shown.contains("hello"))
    #expect(shown.contains("\u{1B}[?2026h"))
    #expect(shown.hasSuffix("\u{1B}[?2026l\u{1B}[5n"))
    terminal.close()
    terminal.close()
    let after = tty.read()
    #expect(after.contains("\u{1B}[?1049l"))
    #expect(after.contains("\u{1B}[?1006l"))
    #expect(after.contains("\u{1B}[?1004l"))
    #expect(!tty.isRaw)
  }

  /// A console that would show the sequence gets none, and whoever asked is told.
  @Test func theClipboardIsSentWhereItMayArrive() throws {
    for (type, isSent) in [("xterm-256color", true), ("linux", false)] {
      let terminal = try open(type)
      defer { terminal.close() }
      _ = tty.read()
      #expect(terminal.copyToClipboard("figures") == isSent)
      #expect(tty.read().contains("\u{1B}]52;c;ZmlndXJlcw==") == isSent)
    }
  }

  /// What is printed while the screen is up is kept in memory: no folder is needed, nor a choice of one.
  @Test func whatIsPrintedMeanwhileNeedsNoFolder() throws {
    let file = terminal_guard_temporary_file()
    try #require(file >= 0)
    defer { close(file) }
    var target = [UInt8](repeating: 0, count: 4096)
    let length = readlink("/proc/self/fd/\(file)", &target, target.count)
    #expect(String(decoding: target.prefix(max(0, length)), as: UTF8.self).hasPrefix("/memfd:"))
    #expect(fcntl(file, F_GETFD) & FD_CLOEXEC != 0)
  }

  /// Progress in a taskbar goes with the program, also where a signal ends it.
  @Test func theTaskbarIsCleared() throws {
    let environment = TerminalEnvironment(type: "xterm-256color", showsProgress: true)
    let terminal = try Terminal(
      input: tty.program, output: tty.program, environment: environment, reportsMouse: true,
      capturesStandardError: false)
    terminal.draw(canvas(["x"]))
    terminal.showProgress(0.5, state: .normal)
    #expect(tty.read().contains("\u{1B}]9;4;1;50\u{7}"))
    let leaving = Terminal.leavingSequence(environment)
    #expect(leaving.hasPrefix("\u{1B}]9;4;0;0\u{7}") && leaving.contains("\u{1B}[?1049l"))
    terminal.close()
    #expect(tty.read().contains("\u{1B}]9;4;0;0\u{7}"))
  }

  @Test func sendsOnlyWhatChanged() throws {
    let terminal = try open()
    defer { terminal.close() }
    terminal.draw(canvas(["one line that stays", "step 100"]))
    _ = tty.read()
    terminal.draw(canvas(["one line that stays", "step 101"]))
    let second = tty.read()
    #expect(!second.contains("stays"))
    #expect(second.utf8.count < 60)
    terminal.redraw()
    terminal.draw(canvas(["one line that stays", "step 101"]))
    #expect(tty.read().contains("stays"))
  }

  /// Only what differs goes to ncurses: whatever follows whatever, its window is the last canvas.
  @Test func whatIsLeftOutIsThereAlready() throws {
    let terminal = try open()
    defer { terminal.close() }
    func window(_ row: Int32) -> String {
      var text = [wchar_t](repeating: 0, count: 64)
      wmove(nc_stdscr(), row, 0)
      winnwstr(nc_stdscr(), &text, 40)
      let scalars = text.prefix { $0 != 0 }.compactMap { Unicode.Scalar(UInt32(bitPattern: $0)) }
      return String(String.UnicodeScalarView(scalars).reversed().drop { $0 == " " }.reversed().map(Character.init))
    }
    for lines in [["漢字 wide", "plain"], ["x字 wide", "plain"], ["a漢b wide", "other"], ["", "ot漢r"], ["漢字", "漢"]] {
      var picture = Canvas(width: 40, height: 10)
      for (y, line) in lines.enumerated() { picture.text(0, y, line, Style()) }
      terminal.draw(picture)
      #expect([window(0), window(1)] == lines)
      _ = tty.read()
    }
    terminal.resize()
    terminal.draw(canvas(["anew"]))
    #expect(window(0) == "anew" && window(1).isEmpty)
  }

  @Test func wideCharactersBrailleAndStrayCells() throws {
    let terminal = try open()
    defer { terminal.close() }
    var picture = canvas(["ab⣿█x"])
    picture.put(0, 1, 0x6F22, 0)  // 漢, with its second column
    picture.put(1, 1, 0, 0)
    picture.put(2, 1, 0x21, 0)
    picture.put(0, 2, 0, 0)  // a second column without a first
    picture.put(1, 2, 7, 0)  // a bell
    picture.put(2, 2, 0x3F, 0)
    picture.put(39, 3, 0x6F22, 0)  // half outside
    picture.put(39, 9, 0x45, 0)  // the last cell
    terminal.draw(picture)
    let shown = tty.read()
    #expect(shown.contains("ab⣿█x"))
    #expect(shown.contains("漢!"))
    #expect(!shown.contains("\u{7}"))
    #expect(shown.filter { $0 == "漢" }.count == 1)
    #expect(shown.contains("E"))
  }

  /// Letters keep their marks on the way to the terminal, and another canvas may number its letters anew.
  @Test func marksAreSentWithTheirLetters() throws {
    let terminal = try open()
    defer { terminal.close() }
    for text in ["nai\u{308}ve กี่ \u{1112}\u{1161}\u{11AB}", "cafe\u{301}"] {
      var picture = Canvas(width: 40, height: 10)
      picture.text(0, 0, text, Style())
      terminal.draw(picture)
      let shown = tty.read().unicodeScalars
      for scalar in text.unicodeScalars where !scalar.isASCII { #expect(shown.contains(scalar), "\(scalar.value)") }
    }
  }

  @Test func colours() throws {
    let style = Style(foreground: Color(0xFF0000), background: Color(0x0000FF), attributes: [.bold])
    let expected: [(String, Bool, String?)] = [
      ("xterm-256color", false, "38;5;196"), ("xterm", false, "37"), ("xterm-256color", true, nil),
    ]
    for (type, noColor, sequence) in expected {
      let terminal = try open(type, noColor: noColor)
      terminal.draw(canvas(["red"], style: style))
      let shown = tty.read()
      if let sequence { #expect(shown.contains(sequence)) } else { #expect(!shown.contains("38;5")) }
      #expect(shown.contains("red"))
      terminal.close()
      _ = tty.read()
    }
  }

  /// As many colours as are asked for, whatever the terminal's description has: exact ones need none of its own.
  @Test(arguments: [
    ("xterm-256color", ColorDepth.direct, "38;2;255;1;2"), ("xterm", .direct, "48;2;0;0;255"),
    ("xterm", .indexed256, "38;5;196"), ("xterm-kitty", .direct, "38;2;255;1;2"),
    ("xterm", .ansi16, "37"), ("xterm-256color", .ansi8, "37"),  // red cannot be read on blue
  ])
  func coloursThatAreAskedFor(_ type: String, _ depth: ColorDepth, _ sequence: String) throws {
    let style = Style(foreground: Color(0xFF0102), background: Color(0x0000FF))
    var environment = TerminalEnvironment(type: type)
    environment.forcedColors = depth
    let terminal = try Terminal(
      input: tty.program, output: tty.program, environment: environment, capturesStandardError: false)
    #expect(terminal.colorDepth == depth)
    terminal.draw(canvas(["red"], style: style))
    let shown = tty.read()
    #expect(shown.contains(sequence), "\(shown.debugDescription)")
    terminal.close()
  }

  @Test func aDamagedDescriptionIsNone() throws {
    let whole = try #require(TerminalDescription.load("xterm-256color")).bytes
    #expect(TerminalDescription(whole) != nil)
    for length in [0, 1, 11, 13, 40, 200, 800] { #expect(TerminalDescription(Array(whole.prefix(length))) == nil) }
    #expect(TerminalDescription(Array(whole.reversed())) == nil)
    #expect(TerminalDescription.load("../x") == nil && TerminalDescription.load("") == nil)
  }

  @Test func anotherCanvasMayNumberItsStylesAnew() throws {
    let terminal = try open()
    defer { terminal.close() }
    terminal.draw(canvas(["red"], style: Style(foreground: Color(0xFF0000))))
    #expect(tty.read().contains("38;5;196"))
    terminal.draw(canvas(["blue"], style: Style(foreground: Color(0x0000FF))))
    #expect(tty.read().contains("38;5;21"))
  }

  @Test func keysArriveInOrder() throws {
    let terminal = try open()
    defer { terminal.close() }
    #expect(terminal.readInput() == nil)
    tty.type("p\u{1B}[<0;3;4M\u{1B}OA\u{1B}[I\u{1B}xé\u{1B}")
    var events: [InputEvent] = []
    while let event = terminal.readInput() { events.append(event) }
    #expect(terminal.inputPatience != nil, "the escape may begin something")
    terminal.expireInput()
    while let event = terminal.readInput() { events.append(event) }
    #expect(
      events == [
        .key(.character("p")), .mouse(MouseEvent(action: .press, x: 2, y: 3)), .key(.up), .focus(true),
        .key(.character("é")), .key(.escape),
      ])
  }

  @Test func resizing() throws {
    let terminal = try open()
    defer { terminal.close() }
    terminal.draw(canvas(["before"]))
    tty.resize(columns: 100, rows: 30)
    terminal.resize()
    #expect(terminal.size == (100, 30))
    #expect(terminal.readInput() == nil)  // KEY_RESIZE is no key
    terminal.draw(Canvas(width: 10, height: 2))  // a canvas of the old size does no harm
    _ = tty.read()
  }

  /// LINES and COLUMNS may be those of another terminal.
  @Test func theSizeIsTheTerminals() throws {
    setenv("LINES", "99", 1)
    setenv("COLUMNS", "150", 1)
    defer {
      unsetenv("LINES")
      unsetenv("COLUMNS")
    }
    let terminal = try open()
    defer { terminal.close() }
    #expect(terminal.size == (40, 10))
  }

  /// Ctrl-C, Ctrl-Z and Ctrl-S are keys: none of them stops anything by itself.
  @Test func controlKeysAreKeys() throws {
    let terminal = try open()
    defer { terminal.close() }
    tty.type("\u{3}\u{1A}\u{13}\u{11}\u{16}\u{F}")
    var events: [InputEvent] = []
    while let event = terminal.readInput() { events.append(event) }
    #expect(events == "czsqvo".map { .key(.control($0)) })
  }

  /// Nothing waits for a terminal that takes nothing, and what it takes later is whole.
  @Test func aTerminalThatStandsStill() throws {
    let terminal = try open()
    defer { terminal.close() }
    let start = ContinuousClock.now
    var frames = 0
    while !terminal.isBusy, frames < 10_000 {
      frames += 1
      let letter = frames.isMultiple(of: 2) ? "x" : "y"
      terminal.draw(canvas(Array(repeating: String(repeating: letter, count: 40), count: 10)))
    }
    #expect(terminal.isBusy && frames < 10_000)
    #expect(ContinuousClock.now - start < .seconds(30))
    while terminal.isBusy { _ = tty.read() }
  }

  /// A terminal that answers gets a frame only after it has shown the one before.
  @Test func framesWaitForAnswers() throws {
    let terminal = try open()
    defer { terminal.close() }
    terminal.draw(canvas(["one"]))
    #expect(tty.read().hasSuffix("\u{1B}[5n"))
    #expect(!terminal.isBusy, "it may be one that never answers")
    tty.type("\u{1B}[0n")
    #expect(terminal.readInput() == nil)
    terminal.draw(canvas(["two"]))
    #expect(terminal.isBusy)
    tty.type("\u{1B}[0nq")
    #expect(terminal.readInput() == .key(.character("q")))
    #expect(!terminal.isBusy)
  }

  @Test func asksForMarkedPastesAndItsBackground() throws {
    let terminal = try open()
    terminal.draw(canvas(["x"]))
    let shown = tty.read()
    #expect(shown.contains("\u{1B}[?2004h") && shown.contains("\u{1B}]11;?"))
    terminal.close()
    #expect(tty.read().contains("\u{1B}[?2004l"))
  }

  @Test func suspendingAndResuming() throws {
    let terminal = try open()
    defer { terminal.close() }
    terminal.draw(canvas(["before"]))
    _ = tty.read()
    terminal.suspend()
    #expect(!tty.isRaw)
    #expect(tty.read().contains("\u{1B}[?1049l"))
    terminal.resume()
    terminal.draw(canvas(["after"]))
    #expect(tty.isRaw)
    let shown = tty.read()
    #expect(shown.contains("\u{1B}[?1049h"))
    #expect(shown.contains("after"))
  }

  @Test func noticesThatTheTerminalWentAway() throws {
    let terminal = try open()
    defer { terminal.close() }
    #expect(terminal.inputState == .open)
    dup2(STDIN_FILENO, tty.person)  // the last descriptor of that side is gone
    #expect(terminal.inputState == .gone)
    #expect(terminal.readInput() == nil)
    terminal.draw(canvas(["nobody sees this"]))
  }

  @Test func refusesWhatIsNoTerminal() {
    #expect(throws: TerminalError.self) {
      _ = try Terminal(input: 999, output: 999, environment: TerminalEnvironment(type: "xterm"))
    }
    #expect(throws: TerminalError.self) { try open("no-such-terminal-type") }
    #expect(throws: TerminalError.self) { try open("dumb") }
    #expect(!tty.isRaw)
  }
}
