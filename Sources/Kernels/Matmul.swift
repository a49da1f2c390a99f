import COneDNN

/// Matrix products of a linear layer y = x Wᵀ, single-threaded, by oneDNN. All matrices are row-major.
///
/// The result of each is a function of its arguments alone: the same inputs give the same bits.
public enum Matmul {
  /// Makes products on the calling thread use that thread alone. Every thread that computes calls it once.
  public static func useCallingThreadOnly() {
    omp_set_num_threads(1)
  }

  /// y = x Wᵀ.
  ///
  /// - Parameters:
  ///   - x: [rows, inputs].
  ///   - weights: Wᵀ, [inputs, outputs]: read in its rows' order, which is a tenth faster than W itself.
  ///   - y: [rows, outputs], replaced.
  @inline(__always)
  public static func forward(
    _ x: UnsafePointer<Float>, transposed weights: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    rows: Int, inputs: Int, outputs: Int
  ) {
    product(
      x, inputs, transposeA: false, weights, outputs, y, outputs, rows: rows, columns: outputs,
      depth: inputs, add: false)
  }

  /// dx = dy W, or dx += dy W.
  ///
  /// - Parameters:
  ///   - dy: [rows, outputs].
  ///   - weights: [outputs, inputs].
  ///   - dx: [rows, inputs].
  @inline(__always)
  public static func inputGradient(
    _ dy: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    rows: Int, inputs: Int, outputs: Int, add: Bool
  ) {
    product(
      dy, outputs, transposeA: false, weights, inputs, dx, inputs, rows: rows, columns: inputs,
      depth: outputs, add: add)
  }

  /// dW = dyᵀ x, or dW += dyᵀ x, for some of the outputs.
  ///
  /// - Parameters:
  ///   - dy: the first wanted column of [rows, stride].
  ///   - x: [rows, inputs].
  ///   - gradient: the first wanted row of [outputs, inputs].
  ///   - outputs: how many.
  @inline(__always)
  public static func weightGradient(
    _ dy: UnsafePointer<Float>, stride: Int, _ x: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    rows: Int, inputs: Int, outputs: Int, add: Bool
  ) {
    product(
      dy, stride, transposeA: true, x, inputs, gradient, inputs, rows: outputs, columns: inputs,
      depth: rows, add: add)
  }

  /// C = α A B + β C, [rows, columns] = [rows, depth] [depth, columns], without gaps between rows; A or B perhaps stored
  /// transposed.
  public static func product(
    _ a: UnsafePointer<Float>, transposeA: Bool = false, _ b: UnsafePointer<Float>, transposeB: Bool = false,
    into c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, alpha: Float, beta: Float
  ) {
    multiply(
      a, transposeA ? rows : depth, transposeA, b, transposeB ? depth : columns, transposeB, c, columns, rows: rows,
      columns: columns, depth: depth, alpha: alpha, beta: beta)
  }

  /// C = A B or C += A B, [rows, columns] = [rows, depth] [depth, columns], A perhaps stored transposed.
  private static func product(
    _ a: UnsafePointer<Float>, _ strideA: Int, transposeA: Bool, _ b: UnsafePointer<Float>, _ strideB: Int,
    _ c: UnsafeMutablePointer<Float>, _ strideC: Int, rows: Int, columns: Int, depth: Int, add: Bool
  ) {
    multiply(
      a, strideA, transposeA, b, strideB, false, c, strideC, rows: rows, columns: columns, depth: depth, alpha: 1,
      beta: add ? 1 : 0)
  }

  private static func multiply(
    _ a: UnsafePointer<Float>, _ strideA: Int, _ transposeA: Bool, _ b: UnsafePointer<Float>, _ strideB: Int,
    _ transposeB: Bool, _ c: UnsafeMutablePointer<Float>, _ strideC: Int, rows: Int, columns: Int, depth: Int,
    alpha: Float, beta: Float
  ) {
    let yes = CChar(UInt8(ascii: "T"))
    let no = CChar(UInt8(ascii: "N"))
    let status = dnnl_sgemm(
      transposeA ? yes : no, transposeB ? yes : no, Int64(rows), Int64(columns), Int64(depth), alpha, a,
      Int64(strideA), b, Int64(strideB), beta, c, Int64(strideC))
    precondition(status == dnnl_success, "oneDNN refused a product of \(rows)×\(depth) and \(depth)×\(columns)")
  }
}
