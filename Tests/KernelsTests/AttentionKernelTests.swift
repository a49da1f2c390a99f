import CKernels
import Glibc
import Kernels
import Testing

/// One head's attention against plain loops in double.
@Suite struct AttentionKernelTests {
  @Test(arguments: [1, 5, 16, 17, 70, 130], [8, 10, 32, 64])
  func forwardAndBackward(length: Int, headSize: Int) {
    check(AttentionNumbers(length: length, headSize: headSize, dropRate: 0.25, clip: nil))
  }

  @Test(arguments: [1, 9, 33, 70]) func withRelativeScores(length: Int) {
    check(AttentionNumbers(length: length, headSize: 12, dropRate: 0.25, clip: 4))
  }

  @Test func withoutDropout() {
    check(AttentionNumbers(length: 21, headSize: 16, dropRate: 0, clip: nil))
  }

  private func check(_ numbers: AttentionNumbers) {
    let (length, head, hidden) = (numbers.length, numbers.headSize, numbers.hidden)
    let expected = numbers.expected()
    let qkv = buffer(numbers.qkv)
    let (context, logSum) = (FloatBuffer(count: length * hidden), FloatBuffer(count: length))
    let scratch = FloatBuffer(count: mtt_attention_scratch(length, head))
    mtt_attention_forward(
      qkv.start + head, numbers.bias.start + head, numbers.relative, context.start + head, logSum.start, length, head,
      hidden, numbers.firstRow, numbers.dropout, scratch.start)
    #expect(largestError(numbers.headOf(context.values, stride: hidden), expected.context) < 2e-5)
    #expect(largestError(logSum.values, expected.logSum) < 2e-5)

    let sumBias = buffer([Float](repeating: 3, count: 3 * hidden))
    let sumRelative = buffer([Float](repeating: 3, count: numbers.relativeValues.count))
    mtt_attention_backward(
      qkv.start + head, numbers.bias.start + head, numbers.relative, numbers.dContext.start + head, logSum.start,
      sumBias.start + head, sumRelative.start, length, head, hidden, numbers.firstRow, numbers.dropout, scratch.start)
    for (part, gradient) in [expected.dq, expected.dk, expected.dv].enumerated() {
      let found = numbers.headOf(Array(qkv.values[(part * hidden)...]), stride: 3 * hidden)
      #expect(largestError(found, gradient) < 5e-5, "part \(part)")
      let sums = (0..<head).map { column in 3 + (0..<length).reduce(0) { $0 + gradient[$1 * head + column] } }
      #expect(largestError((0..<head).map { sumBias.start[part * hidden + head + $0] }, sums) < 2e-4, "bias \(part)")
    }
    #expect(largestError(sumRelative.values, expected.dRelative.map { $0 + 3 }) < 1e-4)
    // The other heads' columns are left alone.
    for row in 0..<length {
      for column in 0..<3 * hidden where !(head..<2 * head).contains(column % hidden) {
        let index = row * 3 * hidden + column
        #expect(qkv.start[index].bitPattern == numbers.qkv[index].bitPattern)
      }
    }
  }
}

/// The middle one of three heads.
private struct AttentionNumbers {
  let length: Int
  let headSize: Int
  let clip: Int?
  let firstRow = 7
  let qkv: [Float]
  let bias: FloatBuffer
  let dContext: FloatBuffer
  let relativeValues: FloatBuffer
  let dropout: MTTDropout
  let mask: [Double]

  var hidden: Int { 3 * headSize }
  var relative: MTTRelativeBias { MTTRelativeBias(values: clip == nil ? nil : relativeValues.start, clip: clip ?? 0) }

  init(length: Int, headSize: Int, dropRate: Double, clip: Int?) {
    self.length = length
    self.headSize = headSize
    self.clip = clip
    var generator = SeededGenerator(seed: UInt64(length * 1000 + headSize))
    qkv = generator.floats(length * 9 * headSize, scale: 1.5)
    bias = buffer(generator.floats(9 * headSize))
    dContext = buffer(generator.floats(length * 3 * headSize))
    relativeValues = buffer(generator.floats(clip.map { 2 * $0 + 1 } ?? 0))
    dropout = MTTDropout(
      key: 5, threshold: UInt32(dropRate * 4_294_967_296), scale: dropRate == 0 ? 1 : Float(1 / (1 - dropRate)))
    let factors = FloatBuffer(count: length * length)
    dropoutMask(factors.start, length, length, firstRow, dropout)
    mask = dropRate == 0 ? [Double](repeating: 1, count: length * length) : factors.values.map(Double.init)
  }

  /// The head's columns, of rows so far apart.
  func headOf(_ values: [Float], stride: Int) -> [Float] {
    (0..<length).flatMap { row in (0..<headSize).map { values[row * stride + headSize + $0] } }
  }

  struct Expected {
    var context: [Double] = []
    var logSum: [Double] = []
    var dq: [Double] = []
    var dk: [Double] = []
    var dv: [Double] = []
    var dRelative: [Double] = []
  }

  /// A B over the inner index, from element functions.
  private func product(
    _ rows: Int, _ columns: Int, _ depth: Int, _ a: (Int, Int) -> Double, _ b: (Int, Int) -> Double
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        var sum = 0.0
        for k in 0..<depth { sum += a(row, k) * b(k, column) }
        result[row * columns + column] = sum
      }
    }
    return result
  }

  func expected() -> Expected {
    let (n, d) = (length, headSize)
    func part(_ part: Int) -> [Double] {
      (0..<n * d).map { index in
        let column = part * hidden + d + index % d
        return Double(qkv[index / d * 3 * hidden + column]) + Double(bias.start[column])
      }
    }
    let (q, k, v) = (part(0), part(1), part(2))
    let dc = headOf(dContext.values, stride: hidden).map(Double.init)
    let scale = 1 / Double(d).squareRoot()
    func distance(_ query: Int, _ key: Int, _ clip: Int) -> Int { min(max(key - query, -clip), clip) + clip }
    var scores = product(n, n, d, { q[$0 * d + $1] * scale }, { k[$1 * d + $0] })
    if let clip {
      for i in 0..<n { for j in 0..<n { scores[i * n + j] += Double(relativeValues.start[distance(i, j, clip)]) } }
    }
    var result = Expected()
    var p = scores
    for i in 0..<n {
      let row = scores[i * n..<(i + 1) * n]
      let maximum = row.max() ?? 0
      let logSum = maximum + log(row.reduce(0) { $0 + exp($1 - maximum) })
      result.logSum.append(logSum)
      for j in 0..<n { p[i * n + j] = exp(scores[i * n + j] - logSum) }
    }
    let dropped = zip(p, mask).map { $0 * $1 }
    result.context = product(n, d, n, { dropped[$0 * n + $1] }, { v[$0 * d + $1] })
    result.dv = product(n, d, n, { dropped[$1 * n + $0] }, { dc[$0 * d + $1] })
    let dp = zip(product(n, n, d, { dc[$0 * d + $1] }, { v[$1 * d + $0] }), mask).map { $0 * $1 }
    var ds = dp
    for i in 0..<n {
      let mean = (0..<n).reduce(0) { $0 + p[i * n + $1] * dp[i * n + $1] }
      for j in 0..<n { ds[i * n + j] = p[i * n + j] * (dp[i * n + j] - mean) }
    }
    result.dq = product(n, d, n, { ds[$0 * n + $1] * scale }, { k[$0 * d + $1] })
    result.dk = product(n, d, n, { ds[$1 * n + $0] * scale }, { q[$0 * d + $1] })
    if let clip {
      result.dRelative = [Double](repeating: 0, count: 2 * clip + 1)
      for i in 0..<n { for j in 0..<n { result.dRelative[distance(i, j, clip)] += ds[i * n + j] } }
    }
    return result
  }
}
