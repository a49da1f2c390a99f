import CKernels
import CProducts

/// The upper half of a float32: 8 bits of exponent, 7 of mantissa.
public typealias BFloat16Bits = UInt16

/// Rounds floats to the nearest bfloat16, ties to even; denormal numbers become zero.
@inline(__always)
public func roundToBFloat16(
  _ x: UnsafePointer<Float>, into result: UnsafeMutablePointer<BFloat16Bits>, count: Int
) {
  mtt_to_bfloat16(x, result, count)
}

/// Matrix products of a linear layer y = x Wᵀ with bfloat16 factors, summed and given in float32, single-threaded, by
/// oneDNN. Prepared once for a layer's shape; any number of rows. All matrices are row-major.
///
/// The result of each is a function of its arguments alone: the same inputs give the same bits.
///
/// `@unchecked Sendable` holds because the prepared products are constants to oneDNN, which allows threads to run one
/// at the same time as long as each brings its own scratch memory; these need none, which `init` checks.
public final class BFloat16Products: @unchecked Sendable {
  /// Whether the processor multiplies bfloat16 itself and may do so. Without that, bfloat16 would be slower than float32.
  public static let isSupported = InstructionSet.name == "avx512" && mtt_products_have_bfloat16()

  public let inputs: Int
  public let outputs: Int
  private let forwardProduct: OpaquePointer
  private let inputGradientProduct: OpaquePointer
  private let inputGradientSum: OpaquePointer
  private let weightGradientProduct: OpaquePointer
  private let weightGradientSum: OpaquePointer

  /// Only where `isSupported`.
  public init(inputs: Int, outputs: Int) {
    self.inputs = inputs
    self.outputs = outputs
    let (i, o) = (Int64(inputs), Int64(outputs))
    func prepared(_ shape: MTTProductShape) -> OpaquePointer {
      guard let product = withUnsafePointer(to: shape, mtt_product_create), mtt_product_scratch_size(product) == 0
      else {
        preconditionFailure("oneDNN cannot multiply bfloat16 matrices of a layer with \(inputs) inputs here")
      }
      return product
    }
    func inputGradient(add: Bool) -> MTTProductShape {
      MTTProductShape(
        rows: 0, columns: i, depth: o, a_row_stride: o, a_depth_stride: 1, b_depth_stride: i, b_column_stride: 1,
        add: add)
    }
    func weightGradient(add: Bool) -> MTTProductShape {
      MTTProductShape(
        rows: 0, columns: i, depth: 0, a_row_stride: 1, a_depth_stride: o, b_depth_stride: i, b_column_stride: 1,
        add: add)
    }
    forwardProduct = prepared(
      MTTProductShape(
        rows: 0, columns: o, depth: i, a_row_stride: i, a_depth_stride: 1, b_depth_stride: 1, b_column_stride: i,
        add: false))
    inputGradientProduct = prepared(inputGradient(add: false))
    inputGradientSum = prepared(inputGradient(add: true))
    weightGradientProduct = prepared(weightGradient(add: false))
    weightGradientSum = prepared(weightGradient(add: true))
  }

  deinit {
    mtt_product_destroy(forwardProduct)
    mtt_product_destroy(inputGradientProduct)
    mtt_product_destroy(inputGradientSum)
    mtt_product_destroy(weightGradientProduct)
    mtt_product_destroy(weightGradientSum)
  }

  /// y = x Wᵀ: x [rows, inputs], weights [outputs, inputs], y [rows, outputs], replaced.
  public func forward(
    _ x: UnsafePointer<BFloat16Bits>, _ weights: UnsafePointer<BFloat16Bits>, into y: UnsafeMutablePointer<Float>,
    rows: Int
  ) {
    run(forwardProduct, x, weights, y, rows: rows, depth: inputs)
  }

  /// dx = dy W, or dx += dy W: dy [rows, outputs], weights [outputs, inputs], dx [rows, inputs].
  public func inputGradient(
    _ dy: UnsafePointer<BFloat16Bits>, _ weights: UnsafePointer<BFloat16Bits>, into dx: UnsafeMutablePointer<Float>,
    rows: Int, add: Bool
  ) {
    run(add ? inputGradientSum : inputGradientProduct, dy, weights, dx, rows: rows, depth: outputs)
  }

  /// dW = dyᵀ x, or dW += dyᵀ x, for `count` of the outputs.
  ///
  /// - Parameters:
  ///   - dy: the first wanted column of [rows, outputs].
  ///   - x: [rows, inputs].
  ///   - gradient: the first wanted row of [outputs, inputs].
  public func weightGradient(
    _ dy: UnsafePointer<BFloat16Bits>, _ x: UnsafePointer<BFloat16Bits>, into gradient: UnsafeMutablePointer<Float>,
    rows: Int, count: Int, add: Bool
  ) {
    run(add ? weightGradientSum : weightGradientProduct, dy, x, gradient, rows: count, depth: rows)
  }

  private func run(
    _ product: OpaquePointer, _ a: UnsafePointer<BFloat16Bits>, _ b: UnsafePointer<BFloat16Bits>,
    _ c: UnsafeMutablePointer<Float>, rows: Int, depth: Int
  ) {
    let done = mtt_product_run(product, a, b, c, Int64(rows), Int64(depth), nil)
    precondition(done, "oneDNN refused a bfloat16 product of \(rows) rows and a depth of \(depth)")
  }
}
