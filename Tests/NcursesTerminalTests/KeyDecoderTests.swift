import CNcurses
import TerminalCanvas
import Testing

@testable import NcursesTerminal

@Suite struct KeyDecoderTests {
  /// Everything a decoder makes of a piece of input, the end of the input included.
  private func decode(_ text: String) -> [InputEvent] {
    var decoder = KeyDecoder()
    var events = text.unicodeScalars.compactMap { decoder.take(scalar: $0.value) }
    if let last = decoder.finish() { events.append(last) }
    return events
  }

  @Test func plainKeys() {
    #expect(decode("p ?é漢") == ["p", " ", "?", "é", "漢"].map { .key(.character($0)) })
    #expect(decode("\t\r\n\u{8}\u{7F}") == [.tab, .enter, .enter, .backspace, .backspace].map { .key($0) })
    #expect(decode("\u{C}\u{1A}") == [.key(.control("l")), .key(.control("z"))])
    #expect(decode("\u{0}\u{1F}\u{9B}").isEmpty)
  }

  @Test func escapeStandsAloneOnlyAtTheEnd() {
    #expect(decode("\u{1B}") == [.key(.escape)])
    #expect(decode("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
    #expect(decode("q\u{1B}") == [.key(.character("q")), .key(.escape)])
  }

  @Test func altIsDroppedWhole() {
    #expect(decode("\u{1B}xp") == [.key(.character("p"))])
    var decoder = KeyDecoder()
    #expect(decoder.take(scalar: 27) == nil)
    #expect(decoder.take(code: KEY_UP) == nil)
    #expect(decoder.take(code: KEY_UP) == .key(.up))
  }

  @Test func unknownSequencesLeaveNothingBehind() {
    #expect(decode("\u{1B}[1;5Ap") == [.key(.character("p"))])
    #expect(decode("\u{1B}OQp") == [.key(.character("p"))])
    #expect(decode("\u{1B}[" + String(repeating: "1", count: 200)).count == 200 - 65)
  }

  @Test(arguments: [
    ("\u{1B}[<0;1;1M", MouseEvent(action: .press, x: 0, y: 0)),
    ("\u{1B}[<0;300;70m", MouseEvent(action: .release, x: 299, y: 69)),
    ("\u{1B}[<32;5;6M", MouseEvent(action: .drag, x: 4, y: 5)),
    ("\u{1B}[<64;5;6M", MouseEvent(action: .wheelUp, x: 4, y: 5)),
    ("\u{1B}[<65;5;6M", MouseEvent(action: .wheelDown, x: 4, y: 5)),
  ])
  func mouse(bytes: String, expected: MouseEvent) {
    #expect(decode(bytes) == [.mouse(expected)])
  }

  @Test(arguments: [
    "\u{1B}[<0;1M", "\u{1B}[<0;0;1M", "\u{1B}[<;;M", "\u{1B}[<2;1;1M", "\u{1B}[M", "\u{1B}[<9999999999999999999;1;1M",
  ])
  func brokenOrUnusedMouseReports(bytes: String) {
    #expect(decode(bytes).isEmpty)
  }

  @Test func focus() {
    #expect(decode("\u{1B}[I\u{1B}[O") == [.focus(true), .focus(false)])
  }

  @Test func keyCodes() {
    var decoder = KeyDecoder()
    let expected: [(Int32, Key?)] = [
      (KEY_UP, .up), (KEY_DOWN, .down), (KEY_LEFT, .left), (KEY_RIGHT, .right), (KEY_HOME, .home), (KEY_END, .end),
      (KEY_PPAGE, .pageUp), (KEY_NPAGE, .pageDown), (KEY_BACKSPACE, .backspace), (KEY_DC, .delete),
      (KEY_BTAB, .backTab), (KEY_ENTER, .enter), (nc_key_f(1), .function(1)), (nc_key_f(12), .function(12)),
      (KEY_RESIZE, nil), (KEY_IC, nil),
    ]
    for (code, key) in expected { #expect(decoder.take(code: code) == key.map { .key($0) }) }
  }
}
