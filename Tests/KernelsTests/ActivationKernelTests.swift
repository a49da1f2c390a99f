import CKernels
import Glibc
import Kernels
import Testing

/// GELU, tanh and dropout against the C library in double.
@Suite struct ActivationKernelTests {
  /// -10 to 10 in small steps, zeros and far tails.
  private static let inputs: [Float] =
    (-2000...2000).map { Float($0) / 200 } + [0, -0.0, 1e-8, -1e-8, 50, -50, 1e4, -1e4, 0x1p-120]

  @Test func geluAndItsDerivative() {
    let x = buffer(Self.inputs)
    let zero = FloatBuffer(count: x.count)
    let out = FloatBuffer(count: x.count)
    mtt_gelu_forward(x.start, zero.start, out.start, 1, x.count, x.count)
    for (index, input) in Self.inputs.enumerated() {
      let value = Double(input)
      let distribution = 0.5 * erfc(-value / 2.0.squareRoot())
      let density = exp(-value * value / 2) / (2 * Double.pi).squareRoot()
      #expect(abs(Double(out.start[index]) - value * distribution) < 4e-7 * max(1, abs(value)), "GELU(\(input))")
      #expect(abs(Double(x.start[index]) - (distribution + value * density)) < 1e-6, "GELU'(\(input))")
    }
  }

  @Test func tanhAndBias() {
    let x = buffer(Self.inputs)
    let bias = buffer([Float](repeating: 0.25, count: x.count))
    mtt_tanh_forward(x.start, bias.start, 1, x.count)
    for (index, input) in Self.inputs.enumerated() {
      let expected = tanh(Double(input + 0.25))
      #expect(abs(Double(x.start[index]) - expected) <= 3e-7 * abs(expected), "tanh(\(input) + 0.25)")
    }
  }

  @Test(arguments: [1, 5, 16, 21, 64]) func biasesAndGradients(columns: Int) {
    let rows = 3
    var generator = SeededGenerator(seed: UInt64(columns))
    let (values, bias) = (generator.floats(rows * columns, scale: 2), generator.floats(columns))
    let (dOut, y) = (generator.floats(rows * columns), generator.floats(rows * columns))
    let dropout = MTTDropout(key: 3, threshold: 1 << 30, scale: 4.0 / 3)
    let mask = FloatBuffer(count: rows * columns)
    dropoutMask(mask.start, rows, columns, 2, dropout)

    let (derivative, out) = (buffer(values), FloatBuffer(count: rows * columns))
    mtt_gelu_forward(derivative.start, bias, out.start, rows, columns, columns)
    let expected = values.enumerated().map { index, value in
      let x = Double(value) + Double(bias[index % columns])
      return 0.5 * x * erfc(-x / 2.0.squareRoot())
    }
    #expect(largestError(out.values, expected) < 1e-6)

    let sum = buffer([Float](repeating: 1, count: columns))
    let before = derivative.values.map(Double.init)
    mtt_gelu_backward(derivative.start, dOut, sum.start, rows, columns, columns)
    let gradient = zip(before, dOut).map { $0 * Double($1) }
    #expect(largestError(derivative.values, gradient) < 1e-6)
    #expect(largestError(sum.values, columnSums(gradient, columns).map { $0 + 1 }) < 1e-6)

    let (d, tanhSum) = (buffer(dOut), buffer([Float](repeating: 1, count: columns)))
    mtt_tanh_backward(d.start, y, tanhSum.start, rows, columns, 2, dropout)
    let tanhGradient = (0..<rows * columns).map {
      Double(dOut[$0]) * Double(mask.start[$0]) * (1 - Double(y[$0]) * Double(y[$0]))
    }
    #expect(largestError(d.values, tanhGradient) < 1e-6)
    #expect(largestError(tanhSum.values, columnSums(tanhGradient, columns).map { $0 + 1 }) < 1e-6)

    let plain = buffer([Float](repeating: 1, count: columns))
    mtt_column_sums(dOut, plain.start, rows, columns)
    #expect(largestError(plain.values, columnSums(dOut.map(Double.init), columns).map { $0 + 1 }) < 1e-6)
  }

  private func columnSums(_ values: [Double], _ columns: Int) -> [Double] {
    (0..<columns).map { column in stride(from: column, to: values.count, by: columns).reduce(0) { $0 + values[$1] } }
  }

  @Test(arguments: [0.1, 0.5, 0.9]) func dropsTheShareAskedFor(probability: Double) {
    let (rows, columns) = (1000, 130)
    let dropout = MTTDropout(
      key: 12345, threshold: UInt32(probability * 4_294_967_295), scale: Float(1 / (1 - probability)))
    let mask = FloatBuffer(count: rows * columns)
    dropoutMask(mask.start, rows, columns, 0, dropout)
    #expect(mask.values.allSatisfy { $0 == 0 || $0 == dropout.scale })
    let dropped = Double(mask.values.count { $0 == 0 }) / Double(rows * columns)
    // Five standard deviations.
    #expect(abs(dropped - probability) < 5 * (probability * (1 - probability) / Double(rows * columns)).squareRoot())
    // Neighbours in a row and in a column are dropped together as often as by chance.
    var (across, down) = (0, 0)
    for row in 0..<rows - 1 {
      for column in 0..<columns - 1 where mask.start[row * columns + column] == 0 {
        across += mask.start[row * columns + column + 1] == 0 ? 1 : 0
        down += mask.start[(row + 1) * columns + column] == 0 ? 1 : 0
      }
    }
    let pairs = Double((rows - 1) * (columns - 1))
    for together in [across, down] { #expect(abs(Double(together) / pairs - probability * probability) < 0.01) }
  }

  @Test(arguments: [3, 16, 50]) func masksDoNotDependOnTheSplit(columns: Int) {
    let dropout = MTTDropout(key: 99, threshold: 1 << 31, scale: 2)
    let (whole, parts) = (FloatBuffer(count: 9 * columns), FloatBuffer(count: 9 * columns))
    dropoutMask(whole.start, 9, columns, 5, dropout)
    for (first, count) in [(0, 2), (2, 1), (3, 6)] {
      dropoutMask(parts.start + first * columns, count, columns, 5 + first, dropout)
    }
    #expect(whole.values == parts.values)
    let other = FloatBuffer(count: 9 * columns)
    dropoutMask(other.start, 9, columns, 5, MTTDropout(key: 98, threshold: 1 << 31, scale: 2))
    #expect(other.values != whole.values)
    let (x, out) = (buffer([Float](repeating: 3, count: 9 * columns)), FloatBuffer(count: 9 * columns))
    mtt_dropout(x.start, out.start, 9, columns, 5, dropout)
    #expect(out.values == whole.values.map { 3 * $0 })
    mtt_dropout(x.start, out.start, 9, columns, 5, MTTDropout(key: 1, threshold: 0, scale: 1))
    #expect(out.values == x.values)
  }
}
