import TerminalCanvas
import Testing

@testable import NcursesTerminal

@Suite struct ColorLadderTests {
  @Test func depths() {
    #expect(ColorDepth(colors: 16_777_216, noColor: false) == .direct)
    #expect(ColorDepth(colors: 256, noColor: false) == .indexed256)
    #expect(ColorDepth(colors: 16, noColor: false) == .ansi16)
    #expect(ColorDepth(colors: 8, noColor: false) == .ansi8)
    #expect(ColorDepth(colors: 0, noColor: false) == .none)
    #expect(ColorDepth(colors: 256, noColor: true) == .none)
  }

  @Test(
    arguments: [
      (0x000000, 16), (0xFFFFFF, 231), (0xFF0000, 196), (0x00FF00, 46), (0x0000FF, 21), (0x5F87AF, 67),
      (0x808080, 244), (0x1C1C1C, 234), (0x767676, 243),
    ] as [(UInt32, Int32)])
  func nearestOf256(rgb: UInt32, expected: Int32) {
    #expect(ColorLadderTests.resolved(ColorDepth.nearestIndexed(Color(rgb))) == ColorLadderTests.resolved(expected))
  }

  /// No entry of the cube and the greys may be nearer, channel by channel, than the one chosen.
  @Test func nearestOf256IsExactOnItsOwnColours() {
    for number in Int32(16)...255 {
      let rgb = Self.resolved(number)
      #expect(Self.resolved(ColorDepth.nearestIndexed(Color(rgb))) == rgb)
    }
  }

  @Test func nearestOfANSI() {
    #expect(ColorDepth.nearestANSI(Color(0x0F1419), among: 16) == 0)
    #expect(ColorDepth.nearestANSI(Color(0xFFFFFF), among: 16) == 15)
    #expect(ColorDepth.nearestANSI(Color(0xFFFFFF), among: 8) == 7)
    #expect(ColorDepth.nearestANSI(Color(0x00CC11), among: 8) == 2)
    #expect(ColorDepth.nearestANSI(Color(0x777777), among: 16) == 8)
    // Pastels keep their hue.
    #expect(ColorDepth.nearestANSI(Color(0x5EC2FF), among: 8) == 6)
    #expect(ColorDepth.nearestANSI(Color(0xFF8FBE), among: 8) == 5)
    #expect(ColorDepth.nearestANSI(Color(0xFF8FBE), among: 16) == 13)
    #expect(ColorDepth.nearestANSI(Color(0x364763), among: 16) == 4)
    #expect(ColorDepth.nearestANSI(Color(0xFFC46B), among: 16) == 11)
  }

  @Test func fewColoursNeverHideText() {
    let (background, faint) = (Color(0x0F1419), Color(0x1E262E))
    #expect(ColorDepth.ansi8.numbers(foreground: faint, background: background) == (7, 0))
    #expect(ColorDepth.ansi16.numbers(foreground: faint, background: background) == (8, 0))
    let (band, grey) = (Color(0x364763), Color(0x7F8790))
    #expect(ColorDepth.ansi16.numbers(foreground: grey, background: band) == (7, 4))
    let (paper, pale) = (Color(0xFAFAFA), Color(0xF0F0F0))
    #expect(ColorDepth.ansi8.numbers(foreground: pale, background: paper) == (0, 7))
    #expect(ColorDepth.ansi8.numbers(foreground: background, background: background) == (0, 0))
  }

  /// Curves' colours that white swallows become others of their hue where there are any, not all of them black.
  @Test(
    arguments: [
      (ColorDepth.ansi16, [12, 1, 0, 5, 1, 1, 4, 0]), (.ansi8, [4, 1, 0, 1, 1, 1, 4, 0]),
    ] as [(ColorDepth, [Int32])])
  func fewColoursOnWhiteKeepHues(_ depth: ColorDepth, expected: [Int32]) {
    let colors: [UInt32] = [0x2F6380, 0x7E5700, 0x1A694F, 0x70435C, 0x7F7823, 0x804020, 0x4D4D8C, 0x616161]
    let white = Color(0xFFFFFF)
    #expect(colors.map { depth.numbers(foreground: Color($0), background: white).foreground } == expected)
  }

  @Test func terminalsOwnColoursStay() {
    for depth in [ColorDepth.ansi8, .ansi16, .indexed256, .direct] {
      #expect(depth.numbers(foreground: nil, background: nil) == (-1, -1))
    }
    #expect(ColorDepth.direct.numbers(foreground: Color(0x123456), background: Color(0)) == (0x123456, 8))
  }

  /// 0xRRGGBB of an entry of xterm's palette above the first 16.
  static func resolved(_ number: Int32) -> UInt32 {
    if number >= 232 {
      let grey = UInt32(8 + 10 * (number - 232))
      return grey << 16 | grey << 8 | grey
    }
    let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
    let index = Int(number) - 16
    return levels[index / 36] << 16 | levels[index / 6 % 6] << 8 | levels[index % 6]
  }
}
