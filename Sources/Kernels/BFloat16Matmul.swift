import CKernels

/// Matrix products of a linear layer y = x Wᵀ with factors rounded to bfloat16, summed and given in float32,
/// single-threaded. As `Matmul`'s in all else.
///
/// Factors lie in words of two numbers, of a float's size: rows of x and dy as `words` makes them, weights in panels.
public enum BFloat16Matmul {
  /// Names how the sums of products are ordered: other names give other last bits.
  public static let order = "pairPanels"

  /// Whether the processor multiplies bfloat16 itself and may do so: all else here is for such processors. Without that,
  /// bfloat16 would be slower than float32.
  public static let isSupported = mtt_has_bfloat16()

  /// Words in a row of so many numbers.
  public static func wordCount(_ columns: Int) -> Int { (columns + 1) / 2 }

  /// Floats of the panels of a right factor, [depth, columns]. Their memory begins as zeros.
  public static func panelFloats(depth: Int, columns: Int) -> Int {
    Matmul.panelFloats(depth: wordCount(depth), columns: columns)
  }

  /// Floats of scratch memory that `weightGradient` needs.
  public static var scratchFloats: Int { mtt_bfloat16_gradient_scratch() }

  /// Rounds x, [rows, columns], rows `stride` apart if not without gaps, to words [rows, wordCount(columns)].
  @inline(__always)
  public static func round(
    _ x: UnsafePointer<Float>, stride: Int? = nil, rows: Int, columns: Int, into words: UnsafeMutablePointer<Float>
  ) {
    mtt_bfloat16_words(x, stride ?? columns, rows, columns, words)
  }

  /// Rounds some rows of W, [outputs, inputs], into the panels of Wᵀ that `forward` reads.
  @inline(__always)
  public static func packForward(
    _ weights: UnsafePointer<Float>, outputs: Range<Int>, inputs: Int, into panels: UnsafeMutablePointer<Float>
  ) {
    mtt_bfloat16_pack_transposed(weights, outputs.lowerBound, outputs.count, inputs, panels)
  }

  /// Rounds some rows of W, [outputs, inputs], into the panels of W that `inputGradient` reads.
  @inline(__always)
  public static func packInputGradient(
    _ weights: UnsafePointer<Float>, rows: Range<Int>, outputs: Int, inputs: Int,
    into panels: UnsafeMutablePointer<Float>
  ) {
    mtt_bfloat16_pack(weights, rows.lowerBound, rows.count, inputs, outputs, panels)
  }

  /// y = x Wᵀ, with x [rows, inputs] in words.
  @inline(__always)
  public static func forward(
    _ x: UnsafePointer<Float>, panels: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, yStride: Int? = nil,
    rows: Int, inputs: Int, outputs: Int
  ) {
    mtt_bfloat16_product(x, panels, y, yStride ?? outputs, rows, inputs, outputs, false)
  }

  /// dx = dy W, or dx += dy W, with dy [rows, outputs] in words.
  @inline(__always)
  public static func inputGradient(
    _ dy: UnsafePointer<Float>, panels: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>,
    dxStride: Int? = nil, rows: Int, inputs: Int, outputs: Int, add: Bool
  ) {
    mtt_bfloat16_product(dy, panels, dx, dxStride ?? inputs, rows, outputs, inputs, add)
  }

  /// dW = dyᵀ x, or dW += dyᵀ x, with dy and x in float32, which it rounds.
  ///
  /// - Parameter scratch: `scratchFloats` of the calling thread's own.
  @inline(__always)
  public static func weightGradient(
    _ shape: Matmul.WeightGradient, _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, add: Bool, scratch: UnsafeMutablePointer<Float>
  ) {
    mtt_bfloat16_weight_gradient(
      dy, shape.dyStride, x, shape.xStride, gradient, shape.gradientStride, shape.rows, shape.inputs, shape.outputs,
      add, scratch)
  }
}
