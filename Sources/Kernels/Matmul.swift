import CKernels
import COneDNN

/// Matrix products of a linear layer y = x Wᵀ, single-threaded. All matrices are row-major; the weights are read from
/// panels, which are written once for many products.
///
/// Each result is a function of its arguments alone, and a row of one does not depend on the other rows of a call.
public enum Matmul {
  /// Names how the sums of products are ordered: other names give other last bits. oneDNN's order depends on the tiles of
  /// weights whose gradients it makes, the kernels' does not.
  public static let order = oneDNNMakesWeightGradients ? "panelsAndTiles" : "panels"

  /// Makes products by oneDNN on the calling thread use that thread alone. Every thread that computes calls it once.
  public static func useCallingThreadOnly() {
    omp_set_num_threads(1)
  }

  /// Floats of the panels of a right factor, [depth, columns]. Their memory begins as zeros.
  public static func panelFloats(depth: Int, columns: Int) -> Int {
    let width = mtt_panel_width()
    return (columns + width - 1) / width * width * depth
  }

  /// Floats from row to row of a large matrix: of rows 4,096 bytes apart, a cache keeps only the last few.
  public static func rowStride(_ columns: Int) -> Int { columns % 1024 == 0 ? columns + 16 : columns }

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
  ///   - xStride, yStride: floats from row to row; nil where rows lie without gaps.
  ///   - panels: as `packForward` writes them.
  ///   - y: [rows, outputs], replaced.
  @inline(__always)
  public static func forward(
    _ x: UnsafePointer<Float>, xStride: Int? = nil, panels: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    yStride: Int? = nil, rows: Int, inputs: Int, outputs: Int
  ) {
    mtt_product(x, xStride ?? inputs, panels, y, yStride ?? outputs, rows, inputs, outputs, false)
  }

  /// dx = dy W, or dx += dy W.
  ///
  /// - Parameters:
  ///   - dy: [rows, outputs].
  ///   - dyStride, dxStride: floats from row to row; nil where rows lie without gaps.
  ///   - panels: as `packInputGradient` writes them.
  ///   - dx: [rows, inputs].
  @inline(__always)
  public static func inputGradient(
    _ dy: UnsafePointer<Float>, dyStride: Int? = nil, panels: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, dxStride: Int? = nil, rows: Int, inputs: Int, outputs: Int, add: Bool
  ) {
    mtt_product(dy, dyStride ?? outputs, panels, dx, dxStride ?? inputs, rows, outputs, inputs, add)
  }

  /// C = A B where that is symmetric: with about half the work, A [size, depth], C [size, size].
  ///
  /// - Parameter panels: of B, [depth, size], as `packInputGradient` or `packForward` writes them.
  public static func symmetric(
    _ a: UnsafePointer<Float>, panels: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, size: Int, depth: Int
  ) {
    mtt_symmetric_product(a, panels, c, size, depth)
  }

  /// A gradient of some of a layer's weights: dW [outputs, inputs] from dy [rows, outputs] and x [rows, inputs], each a
  /// part of a matrix whose rows lie its stride apart.
  public struct WeightGradient: Sendable {
    public var rows: Int
    public var inputs: Int
    public var outputs: Int
    public var dyStride: Int
    public var xStride: Int
    public var gradientStride: Int

    public init(rows: Int, inputs: Int, outputs: Int, dyStride: Int, xStride: Int, gradientStride: Int) {
      self.rows = rows
      self.inputs = inputs
      self.outputs = outputs
      self.dyStride = dyStride
      self.xStride = xStride
      self.gradientStride = gradientStride
    }
  }

  /// dW = dyᵀ x, or dW += dyᵀ x.
  ///
  /// - Parameter scratch: `scratchFloats` of the calling thread's own.
  public static func weightGradient(
    _ shape: WeightGradient, _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, add: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    if oneDNNMakesWeightGradients {
      let status = dnnl_sgemm(
        CChar(UInt8(ascii: "T")), CChar(UInt8(ascii: "N")), Int64(shape.outputs), Int64(shape.inputs),
        Int64(shape.rows), 1, dy, Int64(shape.dyStride), x, Int64(shape.xStride), add ? 1 : 0, gradient,
        Int64(shape.gradientStride))
      precondition(status == dnnl_success, "oneDNN refused a gradient of weights: \(shape)")
    } else {
      mtt_weight_gradient(
        dy, shape.dyStride, x, shape.xStride, gradient, shape.gradientStride, shape.rows, shape.inputs, shape.outputs,
        add, scratch)
    }
  }

  /// Its products of a transposed factor are a tenth faster than the kernels' with AVX-512, and up to a third slower with
  /// AVX2.
  private static let oneDNNMakesWeightGradients = InstructionSet.name == "avx512"
}
