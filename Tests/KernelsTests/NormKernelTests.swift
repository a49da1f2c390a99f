import CKernels
import Kernels
import Testing

/// LayerNorm with dropout and residual, and the embeddings, against plain loops in double.
@Suite struct NormKernelTests {
  static let widths = [1, 2, 7, 16, 33, 48, 130]
  private static let rows = 5
  private static let firstRow = 11
  private static let epsilon: Float = 1e-5

  @Test(arguments: widths) func forward(hidden: Int) {
    let numbers = NormNumbers(rows: Self.rows, hidden: hidden, firstRow: Self.firstRow)
    let count = Self.rows * hidden
    let (sum, out, normalized) = (FloatBuffer(count: count), FloatBuffer(count: count), FloatBuffer(count: count))
    let inverse = FloatBuffer(count: Self.rows)
    mtt_add_norm_forward(
      numbers.y.start, numbers.bias.start, numbers.residual.start, numbers.gamma.start, numbers.beta.start,
      Self.epsilon, sum.start, out.start, normalized.start, inverse.start, Self.rows, hidden, Self.firstRow,
      numbers.dropout)
    let expected = numbers.forward(epsilon: Double(Self.epsilon))
    #expect(largestError(sum.values, expected.sum) < 1e-5)
    #expect(largestError(out.values, expected.out) < 1e-4)
    #expect(largestError(inverse.values.map { 1 / $0 }, expected.deviation) < 1e-5)
    // Without y, bias and a place for the sum: the LayerNorm of the residual alone.
    mtt_add_norm_forward(
      nil, nil, numbers.residual.start, numbers.gamma.start, numbers.beta.start, Self.epsilon, nil, out.start,
      normalized.start, inverse.start, Self.rows, hidden, Self.firstRow, numbers.dropout)
    #expect(largestError(out.values, numbers.layerNorm(numbers.residual.values.map(Double.init)).out) < 1e-4)
  }

  @Test(arguments: widths) func backward(hidden: Int) {
    let numbers = NormNumbers(rows: Self.rows, hidden: hidden, firstRow: Self.firstRow)
    let expected = numbers.backward(epsilon: Double(Self.epsilon))
    let normalized = buffer(expected.normalized.map { Float($0) })
    let inverse = buffer(expected.inverse.map { Float($0) })
    let dSum = FloatBuffer(count: Self.rows * hidden)
    let sums = (0..<3).map { _ in buffer([Float](repeating: 2, count: hidden)) }
    mtt_add_norm_backward(
      numbers.dOut.start, numbers.dLater.start, normalized.start, inverse.start, numbers.gamma.start, dSum.start,
      sums[0].start, sums[1].start, sums[2].start, Self.rows, hidden, Self.firstRow, numbers.dropout)
    // A row of one or two elements has next to no deviation left: its gradient is a difference of large numbers.
    let tolerance = hidden < 3 ? 2e-2 : 2e-4
    #expect(largestError(dSum.values, expected.dSum) < tolerance)
    #expect(largestError(normalized.values, expected.dy) < tolerance)
    #expect(largestError(sums[0].values, expected.dGamma.map { $0 + 2 }) < 1e-4)
    #expect(largestError(sums[1].values, expected.dBeta.map { $0 + 2 }) < 1e-4)
    #expect(largestError(sums[2].values, expected.dBias.map { $0 + 2 }) < tolerance)
  }

  @Test(arguments: [3, 16, 40]) func rowsMayBeTakenInParts(hidden: Int) {
    let numbers = NormNumbers(rows: Self.rows, hidden: hidden, firstRow: 0)
    func run(_ parts: [Range<Int>]) -> [Float] {
      let count = Self.rows * hidden
      let (out, normalized) = (FloatBuffer(count: count), FloatBuffer(count: count))
      let inverse = FloatBuffer(count: Self.rows)
      for part in parts {
        let at = part.lowerBound * hidden
        mtt_add_norm_forward(
          numbers.y.start + at, numbers.bias.start, numbers.residual.start + at, numbers.gamma.start,
          numbers.beta.start, Self.epsilon, nil, out.start + at, normalized.start + at,
          inverse.start + part.lowerBound, part.count, hidden, part.lowerBound, numbers.dropout)
      }
      return out.values
    }
    #expect(run([0..<5]) == run([0..<1, 1..<4, 4..<5]))
  }

  @Test(arguments: [5, 32]) func embeddings(hidden: Int) {
    var generator = SeededGenerator(seed: 5)
    let (word, position) = (buffer(generator.floats(9 * hidden)), buffer(generator.floats(4 * hidden)))
    let type = buffer(generator.floats(hidden))
    let (ids, positions): ([Int32], [Int32]) = ([8, 0, 3, 3], [0, 1, 2, 3])
    let (idBuffer, positionBuffer) = (buffer(ids), buffer(positions))
    let numbers = NormNumbers(rows: 4, hidden: hidden, firstRow: 0)
    let out = FloatBuffer(count: 4 * hidden)
    let (normalized, inverse) = (FloatBuffer(count: 4 * hidden), FloatBuffer(count: 4))
    let embedding = MTTEmbedding(
      ids: idBuffer.start, positions: positionBuffer.start, ngram_starts: nil, ngrams: nil, word: word.start,
      position: position.start, type: type.start, ngram: nil)
    withUnsafePointer(to: embedding) {
      mtt_embed_forward(
        $0, numbers.gamma.start, numbers.beta.start, Self.epsilon, out.start, normalized.start, inverse.start, 4,
        hidden, 0, numbers.dropout)
    }
    let sum = (0..<4 * hidden).map { index in
      let (row, column) = (index / hidden, index % hidden)
      return Double(word.start[Int(ids[row]) * hidden + column]) + Double(position.start[row * hidden + column])
        + Double(type.start[column])
    }
    let expected = zip(numbers.layerNorm(sum).out, numbers.mask).map { $0 * $1 }
    #expect(largestError(out.values, expected) < 1e-4)
  }
}

/// One LayerNorm's numbers and what it must give.
private struct NormNumbers {
  let rows: Int
  let hidden: Int
  let y: FloatBuffer
  let bias: FloatBuffer
  let residual: FloatBuffer
  let gamma: FloatBuffer
  let beta: FloatBuffer
  let dOut: FloatBuffer
  let dLater: FloatBuffer
  let dropout = MTTDropout(key: 77, threshold: 1 << 30, scale: 4.0 / 3)
  let mask: [Double]

  init(rows: Int, hidden: Int, firstRow: Int) {
    self.rows = rows
    self.hidden = hidden
    var generator = SeededGenerator(seed: UInt64(hidden))
    y = buffer(generator.floats(rows * hidden, scale: 3))
    bias = buffer(generator.floats(hidden))
    residual = buffer(generator.floats(rows * hidden, scale: 2))
    gamma = buffer(generator.floats(hidden).map { 1 + 0.3 * $0 })
    beta = buffer(generator.floats(hidden))
    dOut = buffer(generator.floats(rows * hidden))
    dLater = buffer(generator.floats(rows * hidden))
    let factors = FloatBuffer(count: rows * hidden)
    dropoutMask(factors.start, rows, hidden, firstRow, dropout)
    mask = factors.values.map(Double.init)
  }

  /// LayerNorm of x [rows, hidden].
  func layerNorm(
    _ x: [Double], epsilon: Double = 1e-5
  ) -> (out: [Double], normalized: [Double], deviation: [Double]) {
    var (out, normalized, deviations): ([Double], [Double], [Double]) = ([], [], [])
    for row in 0..<rows {
      let values = x[row * hidden..<(row + 1) * hidden]
      let mean = values.reduce(0, +) / Double(hidden)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(hidden)
      let deviation = (variance + epsilon).squareRoot()
      deviations.append(deviation)
      for (column, value) in values.enumerated() {
        normalized.append((value - mean) / deviation)
        out.append((value - mean) / deviation * Double(gamma.start[column]) + Double(beta.start[column]))
      }
    }
    return (out, normalized, deviations)
  }

  func forward(epsilon: Double) -> (sum: [Double], out: [Double], deviation: [Double]) {
    let sum = (0..<rows * hidden).map { index in
      (Double(y.start[index]) + Double(bias.start[index % hidden])) * mask[index] + Double(residual.start[index])
    }
    let norm = layerNorm(sum, epsilon: epsilon)
    return (sum, norm.out, norm.deviation)
  }

  struct Backward {
    var normalized: [Double] = []
    var inverse: [Double] = []
    var dSum: [Double] = []
    var dy: [Double] = []
    var dGamma: [Double]
    var dBeta: [Double]
    var dBias: [Double]
  }

  /// Element by element through the derivative ∂out[i] / ∂sum[j] = γ[i] (δij − 1/n − x̂[i] x̂[j] / n) / σ.
  func backward(epsilon: Double) -> Backward {
    let norm = layerNorm(forward(epsilon: epsilon).sum, epsilon: epsilon)
    let zeros = [Double](repeating: 0, count: hidden)
    var result = Backward(dGamma: zeros, dBeta: zeros, dBias: zeros)
    result.normalized = norm.normalized
    result.inverse = norm.deviation.map { 1 / $0 }
    for row in 0..<rows {
      for j in 0..<hidden {
        var gradient = 0.0
        for i in 0..<hidden {
          let jacobian =
            ((i == j ? 1.0 : 0.0) - (1 + norm.normalized[row * hidden + i] * norm.normalized[row * hidden + j])
              / Double(hidden))
            / norm.deviation[row]
          gradient += Double(dOut.start[row * hidden + i]) * Double(gamma.start[i]) * jacobian
        }
        let index = row * hidden + j
        gradient += Double(dLater.start[index])
        result.dSum.append(gradient)
        result.dy.append(gradient * mask[index])
        result.dGamma[j] += Double(dOut.start[index]) * norm.normalized[index]
        result.dBeta[j] += Double(dOut.start[index])
        result.dBias[j] += gradient * mask[index]
      }
    }
    return result
  }
}
