import CKernels
import Kernels

/// SplitMix64: the same numbers in every run.
struct SeededGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in -1..<1, with 12 significant bits.
  mutating func uniform() -> Float { Float(next() >> 52) / 2048 - 1 }

  mutating func floats(_ count: Int, scale: Float = 1) -> [Float] { (0..<count).map { _ in uniform() * scale } }
}

/// A buffer with these numbers.
func buffer<Element: BitwiseCopyable>(_ values: [Element]) -> AlignedBuffer<Element> {
  let buffer = AlignedBuffer<Element>(count: values.count)
  for (index, value) in values.enumerated() { buffer.start[index] = value }
  return buffer
}

extension AlignedBuffer {
  var values: [Element] { copy(0..<count) }
}

/// A mask's factors, 0 or scale: what dropout makes of ones.
func dropoutMask(
  _ out: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int, _ firstRow: Int, _ dropout: MTTDropout
) {
  out.update(repeating: 1, count: rows * columns)
  mtt_dropout(out, out, rows, columns, firstRow, dropout)
}

/// Largest |found − expected| over 1 + |expected|; infinite where the counts differ or something is not a number.
func largestError(_ found: [Float], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  var worst = 0.0
  for (value, wanted) in zip(found, expected) {
    let error = abs(Double(value) - wanted) / (1 + abs(wanted))
    worst = error.isNaN ? .infinity : max(worst, error)
  }
  return worst
}

/// C [rows, columns] = Σ_k a(row, k) b(k, column) in double.
func plainProduct(
  rows: Int, columns: Int, depth: Int, _ a: (Int, Int) -> Float, _ b: (Int, Int) -> Float
) -> [Double] {
  var c = [Double](repeating: 0, count: rows * columns)
  for row in 0..<rows {
    for column in 0..<columns {
      for k in 0..<depth { c[row * columns + column] += Double(a(row, k)) * Double(b(k, column)) }
    }
  }
  return c
}
