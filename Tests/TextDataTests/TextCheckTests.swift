import Testing

@testable import TextData

@Suite struct TextCheckTests {
  private func firstBad(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBufferPointer { firstBadByte($0) } }

  @Test(arguments: [
    "", "a", "plain text of some length ~", "caf\u{E9}", "\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
    "a\tb\r\n\u{0B}\u{0C}",
    "12345678\n12345678é", "\u{D7FF}\u{E000}",
  ])
  func acceptsText(_ text: String) {
    #expect(firstBad(Array(text.utf8)) == nil)
  }

  @Test(arguments: [
    ([0x61, 0x80], 1), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x9F, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
    ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xE2, 0x82], 0),
    ([0x61, 0x62, 0xC3], 2), ([0xE2, 0x28, 0xA1], 0), ([0xF0, 0x9F, 0x98, 0x41], 0), ([0x7F], 0), ([0x1F], 0),
    ([UInt8](repeating: 0x61, count: 13) + [0x00], 13), ([UInt8](repeating: 0x7E, count: 8) + [0x7F], 8),
  ])
  func findsTheFirstBadByte(_ bytes: [UInt8], _ offset: Int) {
    #expect(firstBad(bytes) == offset)
  }

  @Test("Each byte at each place", arguments: ["~", "\n", "é"])
  func bytesAreCheckedWhereverTheyLie(_ filling: String) {
    let filling = Array(filling.utf8)
    for byte in UInt8.min ... .max {
      let isText = (0x20...0x7E).contains(byte) || (0x09...0x0D).contains(byte)
      for place in 0..<20 {
        let before = (0..<place).flatMap { _ in filling }
        let bytes = before + [byte] + (0..<9).flatMap { _ in [UInt8(ascii: " ")] + filling }
        #expect(firstBad(bytes) == (isText ? nil : before.count), "\(byte) behind \(place)")
      }
    }
  }

  @Test func agreesWithTheStandardLibraryOnRandomBytes() {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<4_000 {
      let pieces: [[UInt8]] = [
        [0x61], [0xC3, 0xA9], [0xE2, 0x82, 0xAC], [0xF0, 0x9F, 0x98, 0x80], [UInt8(0x80 + generator.below(128))],
      ]
      let bytes = (0..<generator.below(12)).flatMap { _ in generator.pick(pieces) }
      #expect((firstBad(bytes) == nil) == (String(validating: bytes, as: UTF8.self) != nil), "\(bytes)")
    }
  }

  @Test(arguments: [
    ("", "ef46db3751d8e999"), ("a", "d24ec4f1a98c6e5b"), ("abc", "44bc2cf5ad770999"),
    ("Nobody inspects the spammish repetition", "fbcea83c8a378bf1"),
  ])
  func fingerprintIsXXH64(_ text: String, _ digits: String) {
    var text = text
    #expect(text.withUTF8 { fingerprint($0) } == "xxh64:" + digits)
  }
}
