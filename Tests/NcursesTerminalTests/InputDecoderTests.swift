import TerminalCanvas
import Testing

@testable import NcursesTerminal

@Suite struct InputDecoderTests {
  /// Everything a decoder makes of input that is read at once, its end included.
  private func decode(_ text: String) -> [InputEvent] { decode(Array(text.utf8)) }

  private func decode(_ bytes: [UInt8]) -> [InputEvent] {
    var decoder = InputDecoder()
    return decoder.take(bytes) + (decoder.patience == nil ? [] : decoder.expire())
  }

  @Test func plainKeys() {
    #expect(decode("p ?é漢🧪") == ["p", " ", "?", "é", "漢", "🧪"].map { .key(.character($0)) })
    #expect(decode("\t\r\n\u{8}\u{7F}") == [.tab, .enter, .enter, .backspace, .backspace].map { .key($0) })
    #expect(decode("\u{3}\u{C}\u{1A}") == [.key(.control("c")), .key(.control("l")), .key(.control("z"))])
    #expect(decode("\u{0}\u{1F}\u{9B}").isEmpty)
    #expect(decode([0xFF, 0xC3, UInt8(ascii: "p")]) == [.key(.character("p"))], "broken characters leave nothing")
  }

  @Test func otherCharacterSets() {
    var decoder = InputDecoder(isUTF8: false)
    #expect(decoder.take([0xE9, 0x85, UInt8(ascii: "p")]) == [.key(.character("é")), .key(.character("p"))])
  }

  @Test func escapeStandsAloneOnlyAtTheEnd() {
    #expect(decode("\u{1B}") == [.key(.escape)])
    #expect(decode("\u{1B}\u{1B}") == [.key(.escape), .key(.escape)])
    #expect(decode("q\u{1B}") == [.key(.character("q")), .key(.escape)])
  }

  @Test func altIsDroppedWhole() {
    for alt in ["x", "é", "漢"] { #expect(decode("\u{1B}\(alt)p") == [.key(.character("p"))]) }
  }

  /// A slow line tears a sequence apart, even behind its escape.
  @Test func sequencesThatComeInPieces() {
    let whole: [(String, [InputEvent])] = [
      ("\u{1B}[A", [.key(.up)]), ("\u{1B}OB", [.key(.down)]),
      ("\u{1B}[<0;3;4M", [.mouse(MouseEvent(action: .press, x: 2, y: 3))]),
      ("\u{1B}[200~q n\u{1B}[201~", [.paste("q n")]),
    ]
    for (text, events) in whole {
      let bytes = Array(text.utf8)
      for cut in 2..<bytes.count {
        var decoder = InputDecoder()
        #expect(
          decoder.take(bytes[..<cut]) + decoder.take(bytes[cut...]) == events, "\(text.debugDescription) at \(cut)")
      }
      var late = InputDecoder()
      #expect(late.take(bytes[..<1]) == [] && late.expire() == [.key(.escape)])
      #expect(late.take(bytes[1...]) == events, "the rest of \(text.debugDescription) comes after the escape was taken")
    }
  }

  @Test func unknownSequencesLeaveNothingBehind() {
    let sequences = [
      "\u{1B}[1;5A", "\u{1B}[27;5;9~", "\u{1B}[?62;22c", "\u{1B}[>0;276;0c", "\u{1B}[24;80R",
      "\u{1B}[8;24;80t", "\u{1B}]11;rgb:zz/q/p\u{7}", "\u{1B}]52;c;cXVpdA==\u{1B}\\", "\u{1B}P1$r0m q\u{1B}\\",
      "\u{1B}_Gi=1;OK q\u{1B}\\", "\u{1B}^q\u{1B}\\", "\u{1B}Xq\u{1B}\\", "\u{9B}12q",
      "\u{1B}[" + String(repeating: "1;", count: 200) + "q",
    ]
    for sequence in sequences {
      #expect(decode(sequence + "p") == [.key(.character("p"))], "\(sequence.debugDescription)")
    }
    #expect(decode("\u{1B}[[A\u{1B}[[Ep") == [.key(.function(1)), .key(.function(5)), .key(.character("p"))])
  }

  @Test func whatTerminalsAnswer() {
    #expect(decode("\u{1B}[0n") == [.ready])
    #expect(decode("\u{1B}]11;rgb:ffff/8080/0000\u{1B}\\") == [.background(Color(0xFF8000))])
    #expect(decode("\u{1B}]11;rgb:f/8/0\u{7}") == [.background(Color(0xFF8800))])
    #expect(decode("\u{1B}]11;rgba:fafa/fafa/fafa/ffff\u{7}") == [.background(Color(0xFAFAFA))])
  }

  @Test(arguments: [
    ("\u{1B}[<0;1;1M", MouseEvent(action: .press, x: 0, y: 0)),
    ("\u{1B}[<0;300;70m", MouseEvent(action: .release, x: 299, y: 69)),
    ("\u{1B}[<32;5;6M", MouseEvent(action: .drag, x: 4, y: 5)),
    ("\u{1B}[<64;5;6M", MouseEvent(action: .wheelUp, x: 4, y: 5)),
    ("\u{1B}[<65;5;6M", MouseEvent(action: .wheelDown, x: 4, y: 5)),
    ("\u{1B}[M !!", MouseEvent(action: .press, x: 0, y: 0)),
    ("\u{1B}[M#q!", MouseEvent(action: .release, x: 80, y: 0)),
    ("\u{1B}[M`d!", MouseEvent(action: .wheelUp, x: 67, y: 0)),
    ("\u{1B}[32;81;2M", MouseEvent(action: .press, x: 80, y: 1)),
    ("\u{1B}[96;5;6M", MouseEvent(action: .wheelUp, x: 4, y: 5)),
  ])
  func mouse(bytes: String, expected: MouseEvent) {
    #expect(decode(bytes) == [.mouse(expected)])
  }

  /// X10's bytes are a space, a `q`, anything from 32 up: none of them is a key.
  @Test func everyOldMouseReport() {
    for button in UInt8(32)..<255 {
      for place in [UInt8(33), 112, 113, 127, 200, 255] {
        let events = decode([27, UInt8(ascii: "["), UInt8(ascii: "M"), button, place, place])
        #expect(events.allSatisfy { if case .mouse = $0 { true } else { false } }, "\(button) \(place)")
      }
    }
  }

  @Test(arguments: [
    "\u{1B}[<0;1M", "\u{1B}[<0;0;1M", "\u{1B}[<;;M", "\u{1B}[<2;1;1M", "\u{1B}[M", "\u{1B}[M  ",
    "\u{1B}[<9999999999999999999;1;1M", "\u{1B}[0;1;1M",
  ])
  func brokenOrUnusedMouseReports(bytes: String) {
    #expect(decode(bytes).isEmpty)
  }

  @Test func pastes() {
    #expect(
      decode("\u{1B}[200~a quick fox\rq\u{1B}[A\u{1B}[201~p") == [
        .paste("a quick fox\rq\u{1B}[A"), .key(.character("p")),
      ])
    #expect(decode("\u{1B}[200~never ended") == [.paste("never ended")])
    let long = String(repeating: "q", count: 100_000)
    guard case .paste(let text)? = decode("\u{1B}[200~\(long)\u{1B}[201~").first else {
      Issue.record("no paste")
      return
    }
    #expect(text.count <= 1 << 16 && text.allSatisfy { $0 == "q" })
  }

  @Test func focus() {
    #expect(decode("\u{1B}[I\u{1B}[O") == [.focus(true), .focus(false)])
  }

  @Test func keySequences() {
    let expected: [(String, Key)] = [
      ("[A", .up), ("OA", .up), ("[B", .down), ("OC", .right), ("[D", .left), ("[H", .home), ("OF", .end),
      ("[1~", .home),
      ("[4~", .end), ("[7~", .home), ("[8~", .end), ("[5~", .pageUp), ("[6~", .pageDown), ("[3~", .delete),
      ("[Z", .backTab),
      ("OP", .function(1)), ("[15~", .function(5)), ("[24~", .function(12)), ("OM", .enter),
    ]
    for (sequence, key) in expected { #expect(decode("\u{1B}" + sequence) == [.key(key)], "\(sequence)") }
    var described = InputDecoder(keys: [Array("\u{1B}[0z".utf8): .home])
    #expect(described.take(Array("\u{1B}[0z".utf8)) == [.key(.home)])
  }

  /// Whatever comes, in whatever pieces: nothing traps, and once it is quiet a key is a key again.
  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func anyBytes(seed: UInt64) {
    var state = seed
    func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state >> 61 == 0 ? 27 : UInt8(truncatingIfNeeded: state >> 33)
    }
    for _ in 0..<300 {
      var decoder = InputDecoder()
      for _ in 0..<20 { _ = decoder.take((0..<Int(next() % 9)).map { _ in next() }) }
      while decoder.patience != nil { _ = decoder.expire() }
      #expect(decoder.take(Array("x".utf8)) == [.key(.character("x"))])
    }
  }
}
