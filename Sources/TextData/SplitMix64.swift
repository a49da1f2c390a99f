/// The SplitMix64 generator (Steele, Lea, Flood 2014): small, fast, the same numbers on every platform.
struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A generator for one of many independent streams of a seed.
  init(seed: UInt64, stream: UInt64) {
    var mixer = SplitMix64(seed: seed)
    let base = mixer.next()
    mixer = SplitMix64(seed: base ^ (stream &* 0xD1B5_4A32_D192_ED03))
    state = mixer.next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A number in `0..<bound`, without the standard library's algorithm, which may change between releases.
  ///
  /// Multiply and keep the high half; the bias is below bound / 2⁶⁴.
  mutating func below(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// True with probability `percent` / 100.
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

  /// One element of a list that is not empty.
  mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

  /// Fisher and Yates' shuffle.
  mutating func shuffle<Element>(_ list: inout [Element]) {
    guard list.count > 1 else { return }
    for last in stride(from: list.count - 1, to: 0, by: -1) {
      let other = below(last + 1)
      if other != last { list.swapAt(last, other) }
    }
  }
}
