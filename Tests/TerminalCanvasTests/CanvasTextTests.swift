import Formatting
import Testing

@testable import TerminalCanvas

@Suite struct CanvasTextTests {
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

  /// Against the rule in plain words: the longest beginning with room for `…` behind it, scalar by scalar.
  @Test(arguments: [
    "plain text", "a\u{301}b\u{301}c\u{301}", "漢字 and more", "━●▲─▁", "🧪👍🏽", "a\u{200D}b\u{301}\u{302}cd", "…", "",
  ])
  func clippingKeepsTheLongestBeginning(_ text: String) {
    let scalars = Array(text.unicodeScalars)
    func columns(_ count: Int) -> Int { scalars.prefix(count).reduce(0) { $0 + CharacterWidth.columns(of: $1) } }
    for limit in 1...20 {
      let isWhole = columns(scalars.count) <= limit
      let kept = isWhole ? scalars.count : scalars.indices.last { columns($0) <= limit - 1 } ?? 0
      let expected = String(String.UnicodeScalarView(scalars.prefix(kept))) + (isWhole ? "" : "…")
      #expect(CharacterWidth.clip(text, columns: limit).unicodeScalars.elementsEqual(expected.unicodeScalars))
    }
  }

  /// What is told by its block alone has the width that its properties give.
  @Test func symbolsHaveTheWidthOfTheirProperties() {
    for value in UInt32(0x2150)...0x2900 where !(0x2329...0x232A).contains(value) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      #expect(CharacterWidth.columns(of: scalar) == (scalar.properties.isEmojiPresentation ? 2 : 1), "\(scalar)")
    }
  }

  @Test(arguments: [
    ("cafe\u{301} x", 6, "cafe\u{301} x"),  // decomposed, as some systems write names
    ("\u{1112}\u{1161}\u{11AB}", 2, "\u{1112}\u{1161}\u{11AB}"),  // a Hangul syllable in its letters
    ("กี่", 1, "กี่"), ("\u{301}on", 2, "on"), ("☃\u{FE0F}", 1, "☃"), ("a\u{200D}b", 2, "ab"),
    ("e" + String(repeating: "\u{301}", count: 9), 1, "e\u{301}\u{301}\u{301}\u{301}"),
  ])
  func marksShareTheCellOfTheirLetter(_ text: String, _ width: Int, _ shown: String) {
    var canvas = Canvas(width: width, height: 1)
    canvas.text(0, 0, text, Style())
    #expect(canvas.plainRows()[0].unicodeScalars.elementsEqual(shown.unicodeScalars))
    #expect(
      canvas.svg(foreground: Color(0), background: Color(0xFFFFFF)).unicodeScalars.contains("\u{301}")
        == shown.unicodeScalars.contains("\u{301}"))
    canvas.transliterateToASCII()
    #expect(canvas.cells.allSatisfy { $0.scalar < 127 })
  }

  @Test func aNameCutInItsMiddleKeepsItsMarks() {
    let name = "abcdefge\u{301}"
    #expect(CharacterWidth.clipMiddle(name, columns: 5).unicodeScalars.elementsEqual("ab…ge\u{301}".unicodeScalars))
    #expect(CharacterWidth.end("e\u{301}x", columns: 1).unicodeScalars.elementsEqual("x".unicodeScalars))
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
    canvas.text(0, 0, "45 °C ± 2 ∞ ", Style())
    canvas.transliterateToASCII()
    #expect(canvas.plainRows() == ["45  C % 2 8 "], "signs of the screen's own have stand-ins")
  }
}
