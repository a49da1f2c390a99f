import TerminalCanvas
import Testing

@testable import NcursesTerminal

@Suite struct TerminalEnvironmentTests {
  @Test func exactColoursAreTriedFirstWhereTheTerminalHasThem() {
    func candidates(_ type: String, _ colorTerm: String = "truecolor", noColor: Bool = false) -> [String] {
      TerminalEnvironment(type: type, colorTerm: colorTerm, noColor: noColor).typeCandidates
    }
    #expect(candidates("xterm-256color") == ["xterm-direct2", "xterm-256color"])
    #expect(candidates("tmux-256color", "24bit") == ["tmux-direct", "tmux-256color"])
    #expect(candidates("xterm-kitty") == ["xterm-kitty-direct", "xterm-kitty"])
    #expect(candidates("xterm-256color", "") == ["xterm-256color"])
    #expect(candidates("xterm-256color", noColor: true) == ["xterm-256color"])
    #expect(candidates("screen-256color") == ["screen-256color"])
    #expect(candidates("xterm-direct") == ["xterm-direct"])
  }

  @Test(arguments: [
    ("xterm-256color", "en_US.UTF-8", GlyphSet.braille), ("xterm-256color", "de_DE.utf8@euro", .braille),
    ("tmux-256color", "", .braille), ("tmux-256color", "C", .braille), ("xterm", "POSIX", .braille),
    ("xterm", "de_DE.ISO-8859-1", .ascii), ("linux", "C.UTF-8", .blocks), ("linux", "de_DE.ISO-8859-1", .ascii),
    ("vt100", "C.UTF-8", .ascii), ("vte-256color", "C.UTF-8", .braille), ("ansi", "", .ascii),
  ])
  func glyphSets(type: String, locale: String, expected: GlyphSet) {
    #expect(TerminalEnvironment(type: type, locale: locale).glyphs == expected)
  }

  @Test func privateModesGoOnlyToTerminalsThatKnowThem() {
    #expect(TerminalEnvironment(type: "xterm", locale: "de_DE.ISO-8859-1").takesPrivateModes)
    #expect(!TerminalEnvironment(type: "linux").takesPrivateModes)
    #expect(!TerminalEnvironment(type: "vt220").takesPrivateModes)
  }
}
