import TerminalCanvas
import Testing

@testable import NcursesTerminal

@Suite struct TerminalEnvironmentTests {
  @Test func exactColoursAreWantedWhereTheTerminalSaysThatItHasThem() {
    func wanted(_ type: String, _ colorTerm: String = "truecolor", noColor: Bool = false) -> ColorDepth? {
      TerminalEnvironment(type: type, colorTerm: colorTerm, noColor: noColor).wantedColors
    }
    #expect(wanted("xterm-256color") == .direct)
    #expect(wanted("tmux-256color", "24bit") == .direct)
    #expect(wanted("xterm-kitty", "") == .direct, "SSH leaves COLORTERM behind")
    #expect(wanted("xterm-256color", "") == nil)
    #expect(wanted("xterm-256color", noColor: true) == nil)
    #expect(wanted("screen-256color") == nil)
  }

  @Test func aTypeThatIsUnknownHereHasKin() {
    func candidates(_ type: String) -> [String] { TerminalEnvironment(type: type).typeCandidates }
    #expect(candidates("xterm-ghostty") == ["xterm-ghostty", "xterm-256color"])
    for type in ["st-256color", "rio", "rxvt-unicode-256color", "foot-extra", "kitty-direct", "vte-2018", "putty"] {
      #expect(candidates(type) == [type, "xterm-256color"])
    }
    #expect(candidates("tmux-256color") == ["tmux-256color", "screen-256color"])
    #expect(candidates("linux-16color") == ["linux-16color", "linux"])
    #expect(candidates("xterm-256color") == ["xterm-256color"])
    #expect(candidates("no-such-terminal-type") == ["no-such-terminal-type"])
    #expect(TerminalEnvironment(type: "xterm-16color").wantedColors == .ansi16)
  }

  @Test func whatIsAskedForGoesBeforeWhatTheTerminalSays() {
    var environment = TerminalEnvironment(type: "xterm", noColor: true)
    environment.forcedColors = .indexed256
    #expect(environment.wantedColors == .indexed256)
    #expect(ColorDepth(colors: 256, noColor: true, forced: .ansi16) == .ansi16)
    #expect(ColorDepth(colors: 8, noColor: false, forced: .direct) == .ansi8, "not beyond what there is")
    #expect(ColorDepth(colors: 256, noColor: false, forced: ColorDepth.none) == .none)
  }

  @Test(arguments: [
    ("xterm-256color", "en_US.UTF-8", GlyphSet.braille), ("xterm-256color", "de_DE.utf8@euro", .braille),
    ("tmux-256color", "", .braille), ("tmux-256color", "C", .ascii), ("xterm", "POSIX", .ascii),
    ("xterm", "C.UTF-8", .braille),
    ("xterm", "de_DE.ISO-8859-1", .ascii), ("linux", "C.UTF-8", .blocks), ("linux", "de_DE.ISO-8859-1", .ascii),
    ("vt100", "C.UTF-8", .ascii), ("vte-256color", "C.UTF-8", .braille), ("ansi", "", .ascii),
  ])
  func glyphSets(type: String, locale: String, expected: GlyphSet) {
    #expect(TerminalEnvironment(type: type, locale: locale).glyphs == expected)
  }

  @Test(
    arguments: [
      ("15;0", 0x000000), ("0;15", 0xFFFFFF), ("0;default;7", 0xE5E5E5), ("15;default", nil), ("", nil), ("0;16", nil),
    ] as [(String, UInt32?)])
  func theBackgroundIsTheLastOfCOLORFGBG(_ value: String, _ expected: UInt32?) {
    var environment = TerminalEnvironment(type: "rxvt")
    environment.ownColors = value
    #expect(environment.background?.rgb == expected)
  }

  @Test func privateModesGoOnlyToTerminalsThatKnowThem() {
    #expect(TerminalEnvironment(type: "xterm", locale: "de_DE.ISO-8859-1").takesPrivateModes)
    #expect(!TerminalEnvironment(type: "linux").takesPrivateModes)
    #expect(!TerminalEnvironment(type: "vt220").takesPrivateModes)
  }
}
