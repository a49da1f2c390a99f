import Testing

@testable import mtt_tui

@Suite struct TypedLineTests {
  /// Arrow keys leave control characters in a line, and a terminal cuts what is too long: neither is a sentence.
  @Test func whatNobodyMeantIsNotAnswered() {
    #expect(TypedLine.problem("play some jazz") == nil)
    #expect(TypedLine.problem("play\tsome jazz") == nil)
    #expect(TypedLine.problem("play some jaz\u{1B}[Dx")?.contains("U+001B") == true)
    #expect(TypedLine.problem("a\u{7F}")?.contains("U+007F") == true)
    #expect(TypedLine.problem(String(repeating: "a", count: 4094)) == nil)
    #expect(TypedLine.problem(String(repeating: "a", count: 4095))?.contains("4095 bytes") == true)
    #expect(TypedLine.problem(String(repeating: "é", count: 2048))?.contains("4095 bytes") == true)
  }
}
