import Formatting
import Testing

@Suite struct LabelledRowsTests {
  @Test func textsGoOnInTheirOwnColumn() {
    let text = labelledRows([("a", "one two three four"), ("long", "five")], indentation: 2, width: 20)
    #expect(text == "  a     one two\n        three four\n  long  five")
  }

  /// A mark behind a space is no space.
  @Test func aMarkOfItsOwnIsAWord() {
    let lines = wrapped("he \u{651} yes", columns: 5)
    #expect(lines.joined(separator: " ").unicodeScalars.elementsEqual("he \u{651} yes".unicodeScalars))
  }

  @Test func aWordLongerThanTheRoomStandsAlone() {
    #expect(
      labelledRows([("k", "x incomprehensibilities y")], width: 12) == "  k  x\n     incomprehensibilities\n     y")
  }
}
