import Kernels
import Testing

@Suite struct BFloat16RoundingTests {
  private func rounded(_ values: [Float]) -> [BFloat16Bits] {
    let (input, output) = (buffer(values), AlignedBuffer<BFloat16Bits>(count: values.count))
    roundToBFloat16(input.start, into: output.start, count: values.count)
    return output.values
  }

  /// To nearest, ties to even, by looking at both neighbours in double.
  private func expected(_ value: Float) -> BFloat16Bits {
    let below = value.bitPattern >> 16
    guard value.isNormal else { return BFloat16Bits(value.isInfinite ? below : below & 0x8000) }
    let low = Double(Float(bitPattern: below << 16))
    // Past the largest number lies what would be 2¹²⁸.
    let next = Float(bitPattern: (below + 1) << 16)
    let high = next.isInfinite ? (value > 0 ? 0x1p128 : -0x1p128) : Double(next)
    let (down, up) = (abs(Double(value) - low), abs(high - Double(value)))
    let goesUp = up < down || (up == down && below & 1 == 1)
    return BFloat16Bits(goesUp ? below + 1 : below)
  }

  @Test func nearestWithTiesToEven() {
    var generator = SeededGenerator(seed: 9)
    var values: [Float] = [
      0, -0.0, 1, -1, 1.00390625, 1.01171875, 1.003906250001, 1.0039064, .greatestFiniteMagnitude,
      -.greatestFiniteMagnitude, .leastNormalMagnitude, -.leastNormalMagnitude, .leastNonzeroMagnitude,
      -.leastNonzeroMagnitude, 0x1p-130, .infinity, -.infinity, 3.3895314e38, 3.3961775e38,
    ]
    while values.count < 5003 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      if !value.isNaN { values.append(value) }
      values.append(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()) & 0x7F00_8000 | 0x0000_8000))
    }
    #expect(rounded(values) == values.map(expected))
  }

  @Test func notANumberStaysOne() {
    let values = [Float.nan, -.nan, .signalingNaN, Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF)]
    for bits in rounded(values) { #expect(Float(bitPattern: UInt32(bits) << 16).isNaN) }
  }

  @Test func writesJustSoMany() {
    for count in 0..<70 {
      let input = buffer([Float](repeating: 1, count: count))
      let output = buffer([BFloat16Bits](repeating: 7, count: count + 1))
      roundToBFloat16(input.start, into: output.start, count: count)
      #expect(output.values == [BFloat16Bits](repeating: 0x3F80, count: count) + [7])
    }
  }
}
