import Testing

@testable import mtt_tui

@Suite struct DisplayOptionTests {
  /// A format of lines asks for lines, on a terminal too.
  @Test(
    arguments: [
      (nil, nil, false), (true, nil, false), (false, nil, true), (nil, .json, true), (nil, .text, true),
      (false, .json, true),
    ] as [(Bool?, DisplayOptions.LogFormat?, Bool)])
  func aFormatOfLinesAsksForLines(ui: Bool?, format: DisplayOptions.LogFormat?, lines: Bool) {
    #expect(DisplayOptions.wantsLines(ui: ui, format: format) == lines)
  }
}
