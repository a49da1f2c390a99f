import CKernels
import Kernels

/// Muon (Jordan 2024, kellerjordan.github.io/posts/muon): steps along a momentum whose singular values are all made
/// about 1, so that no direction of a matrix learns much faster than another.
///
/// For the encoder's matrices; everything else is AdamW's. Updates have the root mean square that AdamW's are found to
/// have (Liu et al. 2025, arXiv:2502.16982), so that one learning rate and one weight decay serve both.
final class Muon {
  static let momentum: Float = 0.95
  static let rootMeanSquare = 0.2
  /// Of Newton and Schulz's iteration X ← aX + (bA + cA²)X, A = XXᵀ.
  private static let coefficients: (a: Float, b: Float, c: Float) = (3.4445, -4.7750, 2.0315)
  private static let iterations = 5
  private static let leastNorm = 1e-7

  /// One matrix that is orthogonalized by itself.
  struct Matrix: Sendable {
    /// Its rows among those of the linear layer that they are a part of.
    let piece: ProductWeights.Piece
    let rate: PartRate

    var rows: Int { piece.outputs.count }
    var columns: Int { piece.linear.inputs }
    /// What makes an orthogonal matrix's root mean square `rootMeanSquare`.
    var scale: Double { Muon.rootMeanSquare * Double(max(rows, columns)).squareRoot() }
  }

  private var matrices: [Matrix] = []
  private let parameters: FloatBuffer
  /// Where the momentum lies, at the parameters' offsets.
  private let momenta: FloatBuffer
  private let weights: ProductWeights
  /// By worker: X, its successor, A and B.
  private var scratch: [FloatBuffer] = []

  init(parameters: FloatBuffer, momenta: FloatBuffer, weights: ProductWeights) {
    self.parameters = parameters
    self.momenta = momenta
    self.weights = weights
  }

  /// Trains these matrices from the next step on, the largest first.
  func follow(_ rates: PartRates, workers: Int) {
    matrices = rates.orthogonalized.sorted { $0.piece.count > $1.piece.count }
    let size = matrices.map { 2 * $0.piece.count + 2 * min($0.rows, $0.columns) * min($0.rows, $0.columns) }.max()
    scratch = (0..<workers).map { _ in FloatBuffer(count: size ?? 0) }
  }

  /// One step.
  func apply(
    _ team: ThreadTeam, _ gradients: GradientSet, learningRate: Float, weightDecay: Float, gradientScale: Float
  ) {
    guard !matrices.isEmpty else { return }
    team.run(tasks: matrices.count) { task, worker in
      let matrix = matrices[task]
      let (at, count) = (matrix.piece.offset, matrix.piece.count)
      let x = scratch[worker].start
      let (gradient, momentum) = (gradients.dense.start + at, momenta.start + at)
      let share = (1 - Self.momentum) * gradientScale
      mtt_weighted_sum(momentum, Self.momentum, momentum, share, gradient, count)
      // Nesterov's look ahead.
      mtt_weighted_sum(x, Self.momentum, momentum, share, gradient, count)
      let update = Self.orthogonalize(x, rows: matrix.rows, columns: matrix.columns)
      let rate = Double(learningRate) * matrix.rate.factor
      mtt_weighted_sum(
        parameters.start + at, Float(1 - rate * Double(weightDecay)), parameters.start + at,
        Float(-rate * matrix.scale), update, count)
      weights.refresh(matrix.piece, from: parameters.start)
    }
  }

  /// Makes all singular values of x about 1.
  ///
  /// - Parameter x: [rows, columns], and behind it room for as much again and for two squares of its shorter side.
  /// - Returns: the result, in x or behind it.
  static func orthogonalize(_ x: UnsafeMutablePointer<Float>, rows: Int, columns: Int) -> UnsafeMutablePointer<Float> {
    let count = rows * columns
    let isWide = rows <= columns
    let side = min(rows, columns)
    var (x, next) = (x, x + count)
    let gram = x + 2 * count
    let polynomial = gram + side * side
    // The Frobenius norm is no smaller than the largest singular value.
    let norm = max(mtt_dot(x, x, count).squareRoot(), leastNorm)
    mtt_weighted_sum(x, Float(1 / norm), x, 0, x, count)
    for _ in 0..<iterations {
      // Aᵀ = A on the shorter side: XXᵀ on the left of a wide matrix, XᵀX on the right of a tall one.
      Matmul.product(
        x, transposeA: !isWide, x, transposeB: isWide, into: gram, rows: side, columns: side,
        depth: max(rows, columns), alpha: 1, beta: 0)
      polynomial.update(from: gram, count: side * side)
      Matmul.product(
        gram, gram, into: polynomial, rows: side, columns: side, depth: side, alpha: coefficients.c,
        beta: coefficients.b)
      next.update(from: x, count: count)
      Matmul.product(
        isWide ? polynomial : x, isWide ? x : polynomial, into: next, rows: rows, columns: columns, depth: side,
        alpha: 1, beta: coefficients.a)
      swap(&x, &next)
    }
    return x
  }
}
