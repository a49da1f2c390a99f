import CKernels
import Kernels

/// Makes all singular values of a matrix about 1 by five iterations X ← (aI + bA + cA²)X, A = XXᵀ.
///
/// The factors in front of X are polynomials of A, symmetric and of the shorter side's size: a product of two of them
/// costs half. So several iterations are made on them, whose own successor of A is P A P, before X is multiplied by all
/// of them at once. Each such group begins with a new A from X, since in float32 the smallest singular values would
/// drown in A's rounding after more iterations; for square matrices, groups of one cost least.
struct NewtonSchulz {
  private static let coefficients: (a: Float, b: Float, c: Float) = (3.4445, -4.7750, 2.0315)
  private static let leastNorm = 1e-7

  let rows: Int
  let columns: Int

  private var side: Int { min(rows, columns) }
  private var length: Int { max(rows, columns) }
  /// Iterations made on one A.
  private var groups: [Int] { length < 2 * side ? [1, 1, 1, 1, 1] : [2, 3] }

  /// Floats of scratch memory that `orthogonalize` needs.
  var scratchFloats: Int { sizes.reduce(0) { $0 + Self.wholeLines($1) } }

  /// X and its successor, the panels of a right factor, five squares.
  private var sizes: [Int] {
    let panels = [(length, side), (side, length), (side, side)].map { Matmul.panelFloats(depth: $0, columns: $1) }
    return [side * length, side * length, panels.max() ?? 0] + [Int](repeating: side * side, count: 5)
  }

  private static func wholeLines(_ count: Int) -> Int { (count + 15) / 16 * 16 }

  /// - Parameters:
  ///   - matrix: [rows, columns], replaced.
  ///   - scratch: `scratchFloats`, aligned to cache lines.
  func orthogonalize(_ matrix: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>) {
    var end = scratch
    let places = sizes.map { size in
      defer { end += Self.wholeLines(size) }
      return end
    }
    var (x, next) = (places[0], places[1])
    var work = Squares(side: side, panels: places[2], places: Array(places[3...]))
    // The Frobenius norm is no smaller than the largest singular value.
    let scale = Float(1 / max(mtt_dot(matrix, matrix, rows * columns).squareRoot(), Self.leastNorm))
    mtt_weighted_sum(matrix, scale, matrix, 0, matrix, rows * columns)
    let isTall = rows > columns
    if isTall {
      mtt_transpose(matrix, rows, columns, x, rows)
    } else {
      x.update(from: matrix, count: rows * columns)
    }
    for count in groups {
      work.setGram(x, length: length)
      work.iterate(count, Self.coefficients)
      Matmul.packInputGradient(x, rows: 0..<side, outputs: side, inputs: length, into: work.panels)
      Matmul.inputGradient(
        work.product, panels: work.panels, into: next, rows: side, inputs: length, outputs: side, add: false)
      swap(&x, &next)
    }
    if isTall {
      mtt_transpose(x, columns, rows, matrix, columns)
    } else {
      matrix.update(from: x, count: rows * columns)
    }
  }

  /// The symmetric matrices of a group of iterations, all polynomials of one.
  private struct Squares {
    let side: Int
    /// Of the right factor of a product.
    let panels: UnsafeMutablePointer<Float>
    /// The product of the group's polynomials.
    private(set) var product: UnsafeMutablePointer<Float>
    private var gram: UnsafeMutablePointer<Float>
    private var square: UnsafeMutablePointer<Float>
    private var polynomial: UnsafeMutablePointer<Float>
    private var spare: UnsafeMutablePointer<Float>

    init(side: Int, panels: UnsafeMutablePointer<Float>, places: [UnsafeMutablePointer<Float>]) {
      self.side = side
      self.panels = panels
      (product, gram, square, polynomial, spare) = (places[0], places[1], places[2], places[3], places[4])
    }

    /// A = XXᵀ of x [side, length].
    mutating func setGram(_ x: UnsafePointer<Float>, length: Int) {
      Matmul.packForward(x, outputs: 0..<side, inputs: length, into: panels)
      Matmul.symmetric(x, panels: panels, into: gram, size: side, depth: length)
    }

    mutating func iterate(_ count: Int, _ coefficients: (a: Float, b: Float, c: Float)) {
      for iteration in 0..<count {
        pack(gram)
        multiply(gram, into: square)
        mtt_weighted_sum(polynomial, coefficients.b, gram, coefficients.c, square, side * side)
        for index in 0..<side { polynomial[index * (side + 1)] += coefficients.a }
        if count > 1 { pack(polynomial) }
        if iteration > 0 {
          multiply(product, into: spare)
          swap(&product, &spare)
        }
        if iteration < count - 1 {
          multiply(gram, into: square)
          multiply(square, into: gram)
        }
        if iteration == 0 { swap(&product, &polynomial) }
      }
    }

    private func pack(_ right: UnsafePointer<Float>) {
      Matmul.packInputGradient(right, rows: 0..<side, outputs: side, inputs: side, into: panels)
    }

    /// The product with the right factor that was packed last.
    private func multiply(_ left: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
      Matmul.symmetric(left, panels: panels, into: result, size: side, depth: side)
    }
  }
}
