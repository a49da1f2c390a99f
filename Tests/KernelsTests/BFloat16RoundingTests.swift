import Kernels
import Testing

/// Factors of products in bfloat16, as words.
@Suite(.enabled(if: BFloat16Matmul.isSupported, "the processor has no bfloat16 products"))
struct BFloat16RoundingTests {
  /// The halves of a row's words.
  private func rounded(_ values: [Float]) -> [UInt16] {
    let (input, words) = (buffer(values), FloatBuffer(count: BFloat16Matmul.wordCount(values.count)))
    BFloat16Matmul.round(input.start, rows: 1, columns: values.count, into: words.start)
    return Array(words.values.flatMap(halves).prefix(values.count))
  }

  private func halves(_ word: Float) -> [UInt16] {
    [UInt16(truncatingIfNeeded: word.bitPattern), UInt16(word.bitPattern >> 16)]
  }

  /// To nearest, ties to even, by looking at both neighbours in double.
  private func expected(_ value: Float) -> UInt16 {
    let below = value.bitPattern >> 16
    guard value.isNormal else { return UInt16(value.isInfinite ? below : below & 0x8000) }
    let low = Double(Float(bitPattern: below << 16))
    // Past the largest number lies what would be 2¹²⁸.
    let next = Float(bitPattern: (below + 1) << 16)
    let high = next.isInfinite ? (value > 0 ? 0x1p128 : -0x1p128) : Double(next)
    let (down, up) = (abs(Double(value) - low), abs(high - Double(value)))
    let goesUp = up < down || (up == down && below & 1 == 1)
    return UInt16(goesUp ? below + 1 : below)
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

  @Test func everyRowBeginsWithAWordOfItsOwn() {
    for columns in 1..<70 {
      let rows = (0..<3).map { row in (0..<columns).map { Float(row * 100 + $0) } }
      let count = BFloat16Matmul.wordCount(columns)
      let words = buffer([Float](repeating: 7, count: 3 * count + 1))
      let x = buffer(rows.flatMap(\.self))
      BFloat16Matmul.round(x.start, rows: 3, columns: columns, into: words.start)
      let zeros = [UInt16](repeating: 0, count: 2 * count - columns)
      #expect(words.copy(0..<3 * count).flatMap(halves) == rows.flatMap { rounded($0) + zeros }, "\(columns) columns")
      #expect(words.values.last == 7)
    }
  }
}
