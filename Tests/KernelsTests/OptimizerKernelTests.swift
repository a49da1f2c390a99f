import CKernels
import Kernels
import Testing

@Suite struct OptimizerKernelTests {
  static let counts = [1, 3, 15, 16, 17, 63, 64, 65, 130, 4099]

  private func step(_ number: Int) -> MTTAdamW {
    func power(_ base: Double) -> Double { (0..<number).reduce(1) { result, _ in result * base } }
    return MTTAdamW(
      gradient_scale: 0.5, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, rest1: 0.1, rest2: 0.001,
      step_size: Float(1e-3 / (1 - power(0.9))), inverse_correction2: Float(1 / (1 - power(0.999)).squareRoot()),
      keep: 0.99999)
  }

  @Test(arguments: counts) func adamW(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let (p, m, v) = (buffer(generator.floats(count)), FloatBuffer(count: count), FloatBuffer(count: count))
    var expected = p.values.map(Double.init)
    var (first, second) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    for number in 1...4 {
      let g = generator.floats(count)
      let numbers = step(number)
      withUnsafePointer(to: numbers) { mtt_adamw(p.start, g, m.start, v.start, count, $0) }
      for index in 0..<count {
        let gradient = Double(g[index]) * 0.5
        first[index] = 0.9 * first[index] + 0.1 * gradient
        second[index] = 0.999 * second[index] + 0.001 * gradient * gradient
        let root = second[index].squareRoot() * Double(numbers.inverse_correction2) + 1e-8
        expected[index] = expected[index] * Double(numbers.keep) - Double(numbers.step_size) * first[index] / root
      }
    }
    #expect(largestError(p.values, expected) < 1e-6)
    #expect(largestError(m.values, first) < 1e-6)
    #expect(largestError(v.values, second) < 1e-6)
  }

  @Test(arguments: counts) func idleStepsAreStepsWithoutGradient(count: Int) {
    ThreadTeam.prepareCallingThread()
    var generator = SeededGenerator(seed: UInt64(count))
    let (values, zero) = (generator.floats(count), FloatBuffer(count: count))
    let moments = (generator.floats(count, scale: 0.01), generator.floats(count, scale: 0.001).map(abs))
    let (p, m, v) = (buffer(values), buffer(moments.0), buffer(moments.1))
    let (lateP, lateM, lateV) = (buffer(values), buffer(moments.0), buffer(moments.1))
    let steps = buffer((1...33).map(step))
    for number in 0..<33 { mtt_adamw(p.start, zero.start, m.start, v.start, count, steps.start + number) }
    mtt_adamw_idle(lateP.start, lateM.start, lateV.start, count, steps.start, 33)
    for (dense, late) in [(p, lateP), (m, lateM), (v, lateV)] {
      #expect(dense.values.map(\.bitPattern) == late.values.map(\.bitPattern))
    }
    #expect(p.values != values)
  }

  /// Moments from those that move every parameter to those that move none: where roots are left out, no bit may change.
  @Test(arguments: counts) func idleStepsOfSmallMomentsAreStepsToo(count: Int) {
    ThreadTeam.prepareCallingThread()
    var generator = SeededGenerator(seed: UInt64(count) + 1)
    let zero = FloatBuffer(count: count)
    for exponent in stride(from: 0, through: -90, by: -1) {
      let scale = Float(sign: .plus, exponent: exponent / 2, significand: 1)
      // Powers of two lie closest to their lower neighbours.
      let values = (0..<count).map { $0 % 3 == 0 ? 0.125 : generator.uniform() }
      let moments = (generator.floats(count, scale: scale), generator.floats(count, scale: 0.001).map(abs))
      let (p, m, v) = (buffer(values), buffer(moments.0), buffer(moments.1))
      let (lateP, lateM, lateV) = (buffer(values), buffer(moments.0), buffer(moments.1))
      let first = 1 - exponent
      let steps = buffer((first...first + 44).map(step))
      for number in 0..<45 { mtt_adamw(p.start, zero.start, m.start, v.start, count, steps.start + number) }
      mtt_adamw_idle(lateP.start, lateM.start, lateV.start, count, steps.start, 45)
      for (dense, late) in [(p, lateP), (m, lateM), (v, lateV)] {
        #expect(dense.values.map(\.bitPattern) == late.values.map(\.bitPattern), "moments of \(scale)")
      }
    }
  }

  @Test(arguments: counts) func sums(count: Int) {
    var generator = SeededGenerator(seed: UInt64(count))
    let rows = generator.floats(7 * count)
    let x = buffer(rows)
    let squares = rows.prefix(count).reduce(0) { $0 + Double($1) * Double($1) }
    #expect(abs(mtt_dot(x.start, x.start, count) - squares) < 1e-6 * (1 + squares))
    let (other, mixed) = (buffer(generator.floats(count)), buffer(Array(rows.prefix(count))))
    let product = (0..<count).reduce(0) { $0 + Double(rows[$1]) * Double(other.start[$1]) }
    #expect(abs(mtt_dot(x.start, other.start, count) - product) < 1e-6 * (1 + squares))
    mtt_weighted_sum(mixed.start, 0.5, mixed.start, -3, other.start, count)
    #expect(largestError(mixed.values, (0..<count).map { 0.5 * Double(rows[$0]) - 3 * Double(other.start[$0]) }) < 1e-6)

    let out = FloatBuffer(count: count)
    let chosen: [Int32] = [6, 0, 3, 3]
    func element(_ row: Int, _ column: Int) -> Double { Double(rows[row * count + column]) }
    for weights in [nil, [0.5, 2, -1, 0.25] as [Float]] {
      let expected = (0..<count).map { column in
        chosen.enumerated().reduce(0) { $0 + element(Int($1.element), column) * Double(weights?[$1.offset] ?? 1) }
      }
      mtt_gather_sum(x.start, chosen, weights, 4, count, out.start)
      #expect(largestError(out.values, expected) < 1e-6)
    }

    let expected = (0..<count).map { column in (0..<3).reduce(0) { $0 + element(2 * $1, column) } }
    mtt_strided_sum(x.start, 3, 2 * count, count, out.start)
    #expect(largestError(out.values, expected) < 1e-6)
  }

  @Test(arguments: [(1, 1), (3, 5), (4, 4), (16, 7), (9, 16), (33, 18), (64, 48)])
  func transposes(rows: Int, columns: Int) {
    let x = (0..<rows * columns).map(Float.init)
    let stride = rows + 3
    let out = buffer([Float](repeating: -1, count: columns * stride))
    mtt_transpose(x, rows, columns, out.start, stride)
    for column in 0..<columns {
      for row in 0..<stride {
        #expect(out.start[column * stride + row] == (row < rows ? x[row * columns + column] : -1))
      }
    }
  }
}
