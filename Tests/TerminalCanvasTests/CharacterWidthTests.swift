import Testing

@testable import TerminalCanvas

@Suite struct CharacterWidthTests {
  @Test(arguments: [
    ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("한글", 4), ("ｆｕｌｌ", 8), ("🧪", 2), ("⠿█╭", 3), ("●▲■", 3),
    ("a\u{200D}b", 2), ("👍🏽", 2), ("🇩🇪", 2), ("\u{FEFF}", 0), ("カ\u{3099}", 2), ("☃\u{FE0F}", 1), ("", 0),
  ])
  func columns(_ text: String, _ expected: Int) {
    #expect(CharacterWidth.columns(of: text) == expected)
  }

  @Test(arguments: [
    ("hello", 5, "hello"), ("hello", 4, "hel…"), ("hello", 1, "…"), ("hello", 0, ""), ("漢字漢字", 5, "漢字…"),
    ("漢字漢字", 4, "漢…"), ("漢", 1, "…"), ("", 3, ""), ("e\u{301}a", 2, "e\u{301}a"),
  ])
  func clipping(_ text: String, _ limit: Int, _ expected: String) {
    let clipped = CharacterWidth.clip(text, columns: limit)
    #expect(clipped == expected)
    #expect(CharacterWidth.columns(of: clipped) <= limit)
  }

  @Test func controlCharactersAreReplaced() {
    var canvas = Canvas(width: 8, height: 1)
    canvas.text(0, 0, "a\u{1B}[b\t\u{7}c", Style())
    #expect(canvas.plainRows() == ["a?[b ?c "])
  }

  @Test func aWideScalarTakesTwoCellsAndIsNeverCutInTwo() {
    var canvas = Canvas(width: 4, height: 1)
    canvas.text(0, 0, "漢字", Style())
    #expect(canvas.cells.map(\.scalar) == [0x6F22, 0, 0x5B57, 0])
    canvas.put(1, 0, "x", Style())
    #expect(canvas.cells.map(\.scalar) == [32, 120, 0x5B57, 0])
    canvas.put(2, 0, "y", Style())
    #expect(canvas.cells.map(\.scalar) == [32, 120, 121, 32])
    canvas.text(3, 0, "漢", Style())
    #expect(canvas.cells.map(\.scalar) == [32, 120, 121, 32])
    canvas.text(-1, 0, "漢", Style())
    #expect(canvas.cells.map(\.scalar) == [32, 120, 121, 32])
  }

  @Test func asciiLeavesNothingElse() {
    var canvas = Canvas(width: 12, height: 1)
    canvas.text(0, 0, "╭─●漢é…★█⠿", Style())
    canvas.transliterateToASCII()
    #expect(canvas.plainRows() == ["+-*? ?~*#?  "])
  }
}
