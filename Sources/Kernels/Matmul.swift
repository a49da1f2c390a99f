import CKernels
import COneDNN

/// Matrix products of a linear layer y = x Wᵀ, single-threaded. All matrices are row-major; the weights are read from
/// panels, which are written once for many products.
///
/// Each result is a function of its arguments alone, and a row of one does not depend on the other rows of a call.
public enum Matmul {
  /// Names how the sums of products are ordered: other names give other last bits.
  public static let order = "panels"

  /// Makes products by oneDNN on the calling thread use that thread alone. Every thread that computes calls it once.
  public static func useCallingThreadOnly() {
    omp_set_num_threads(1)
  }

  /// Floats of the panels of a right factor, [depth, columns]. Their memory begins as zeros.
  public static func panelFloats(depth: Int, columns: Int) -> Int {
    let width = mtt_panel_width()
    return (columns + width - 1) / width * width * depth
  }

  /// Floats of scratch memory that `weightGradient` needs.
  public static var scratchFloats: Int { mtt_weight_gradient_scratch() }

  /// Writes some rows of W, [outputs, inputs], into the panels of Wᵀ that `forward` reads.
  ///
  /// - Parameters:
  ///   - weights: the first of these rows.
  ///   - outputs: their numbers.
  @inline(__always)
  public static func packForward(
    _ weights: UnsafePointer<Float>, outputs: Range<Int>, inputs: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    mtt_pack_transposed(weights, outputs.lowerBound, outputs.count, inputs, panels)
  }

  /// Writes some rows of W, [outputs, inputs], into the panels of W that `inputGradient` reads.
  ///
  /// - Parameters:
  ///   - weights: the first of these rows.
  ///   - rows: their numbers.
  ///   - outputs: how many W has.
  @inline(__always)
  public static func packInputGradient(
    _ weights: UnsafePointer<Float>, rows: Range<Int>, outputs: Int, inputs: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    mtt_pack(weights, rows.lowerBound, rows.count, inputs, outputs, panels)
  }

  /// y = x Wᵀ.
  ///
  /// - Parameters:
  ///   - x: [rows, inputs].
  ///   - panels: as `packForward` writes them.
  ///   - y: [rows, outputs], replaced.
  @inline(__always)
  public static func forward(
    _ x: UnsafePointer<Float>, panels: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int, outputs: Int
  ) {
    mtt_product(x, panels, y, rows, inputs, outputs, false)
  }

  /// dx = dy W, or dx += dy W.
  ///
  /// - Parameters:
  ///   - dy: [rows, outputs].
  ///   - panels: as `packInputGradient` writes them.
  ///   - dx: [rows, inputs].
  @inline(__always)
  public static func inputGradient(
    _ dy: UnsafePointer<Float>, panels: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>, rows: Int,
    inputs: Int, outputs: Int, add: Bool
  ) {
    mtt_product(dy, panels, dx, rows, outputs, inputs, add)
  }

  /// dW = dyᵀ x, or dW += dyᵀ x, for some of the outputs.
  ///
  /// - Parameters:
  ///   - dy: the first wanted column of [rows, stride].
  ///   - x: [rows, inputs].
  ///   - gradient: the first wanted row of [outputs, inputs].
  ///   - outputs: how many.
  ///   - scratch: `scratchFloats` of the calling thread's own.
  public static func weightGradient(
    _ dy: UnsafePointer<Float>, stride: Int, _ x: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>,
    rows: Int, inputs: Int, outputs: Int, add: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    if oneDNNMakesWeightGradients {
      multiply(
        dy, stride, transposeA: true, x, inputs, transposeB: false, gradient, rows: outputs, columns: inputs,
        depth: rows, alpha: 1, beta: add ? 1 : 0)
    } else {
      mtt_weight_gradient(dy, stride, x, gradient, rows, inputs, outputs, add, scratch)
    }
  }

  /// Its products of a transposed factor are a tenth faster than the kernels' with AVX-512, and up to a third slower with
  /// AVX2.
  private static let oneDNNMakesWeightGradients = InstructionSet.name == "avx512"

  /// C = α A B + β C by oneDNN, [rows, columns] = [rows, depth] [depth, columns], without gaps between rows; A or B
  /// perhaps stored transposed.
  public static func product(
    _ a: UnsafePointer<Float>, transposeA: Bool = false, _ b: UnsafePointer<Float>, transposeB: Bool = false,
    into c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, alpha: Float, beta: Float
  ) {
    multiply(
      a, transposeA ? rows : depth, transposeA: transposeA, b, transposeB ? depth : columns, transposeB: transposeB, c,
      rows: rows, columns: columns, depth: depth, alpha: alpha, beta: beta)
  }

  private static func multiply(
    _ a: UnsafePointer<Float>, _ strideA: Int, transposeA: Bool, _ b: UnsafePointer<Float>, _ strideB: Int,
    transposeB: Bool, _ c: UnsafeMutablePointer<Float>, rows: Int, columns: Int, depth: Int, alpha: Float, beta: Float
  ) {
    let yes = CChar(UInt8(ascii: "T"))
    let no = CChar(UInt8(ascii: "N"))
    let status = dnnl_sgemm(
      transposeA ? yes : no, transposeB ? yes : no, Int64(rows), Int64(columns), Int64(depth), alpha, a,
      Int64(strideA), b, Int64(strideB), beta, c, Int64(columns))
    precondition(status == dnnl_success, "oneDNN refused a product of \(rows)×\(depth) and \(depth)×\(columns)")
  }
}
