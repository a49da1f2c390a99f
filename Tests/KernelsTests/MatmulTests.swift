import CKernels
import Kernels
import Testing

/// A linear layer's three products against plain loops.
@Suite struct MatmulTests {
  struct Shape: CustomTestStringConvertible, Sendable {
    let rows: Int
    let inputs: Int
    let outputs: Int
    var testDescription: String { "\(rows) rows, \(inputs) → \(outputs)" }
  }

  static let shapes = [
    Shape(rows: 1, inputs: 1, outputs: 1), Shape(rows: 1, inputs: 8, outputs: 3), Shape(rows: 3, inputs: 7, outputs: 5),
    Shape(rows: 17, inputs: 33, outputs: 9), Shape(rows: 64, inputs: 64, outputs: 64),
    Shape(rows: 90, inputs: 40, outputs: 120), Shape(rows: 177, inputs: 128, outputs: 72),
    Shape(rows: 2, inputs: 257, outputs: 31), Shape(rows: 351, inputs: 20, outputs: 130),
    Shape(rows: 400, inputs: 40, outputs: 520), Shape(rows: 25, inputs: 800, outputs: 33),
  ]

  init() { ThreadTeam.prepareCallingThread() }

  /// XXᵀ, with less than a panel, whole panels, more than one block of the depth.
  @Test(arguments: [(1, 3), (5, 40), (32, 32), (64, 128), (70, 33), (100, 800)])
  func symmetricProduct(size: Int, depth: Int) {
    var generator = SeededGenerator(seed: 3)
    let x = buffer(generator.floats(size * depth))
    let c = buffer(generator.floats(size * size))
    let panels = FloatBuffer(count: Matmul.panelFloats(depth: depth, columns: size))
    Matmul.packForward(x.start, outputs: 0..<size, inputs: depth, into: panels.start)
    Matmul.symmetric(x.start, panels: panels.start, into: c.start, size: size, depth: depth)
    let expected = plainProduct(rows: size, columns: size, depth: depth) { row, k in
      x.start[row * depth + k]
    } _: { k, column in
      x.start[column * depth + k]
    }
    #expect(largestError(c.values, expected) < 1e-5)
  }

  @Test(arguments: shapes) func float32(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: false)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let y = FloatBuffer(count: rows * outputs)
    let panels = FloatBuffer(count: Matmul.panelFloats(depth: inputs, columns: outputs))
    let gradientPanels = FloatBuffer(count: Matmul.panelFloats(depth: outputs, columns: inputs))
    let scratch = FloatBuffer(count: Matmul.scratchFloats)
    for block in layer.blocks {
      let weights = layer.w.start + block.lowerBound * inputs
      Matmul.packForward(weights, outputs: block, inputs: inputs, into: panels.start)
      Matmul.packInputGradient(weights, rows: block, outputs: outputs, inputs: inputs, into: gradientPanels.start)
    }
    Matmul.forward(layer.x.start, panels: panels.start, into: y.start, rows: rows, inputs: inputs, outputs: outputs)
    #expect(largestError(y.values, layer.y) < 1e-5)
    let dx = buffer(layer.old)
    Matmul.inputGradient(
      layer.dy.start, panels: gradientPanels.start, into: dx.start, rows: rows, inputs: inputs, outputs: outputs,
      add: true)
    #expect(largestError(dx.values, layer.dxSum) < 2e-5)
    Matmul.inputGradient(
      layer.dy.start, panels: gradientPanels.start, into: dx.start, rows: rows, inputs: inputs, outputs: outputs,
      add: false)
    #expect(largestError(dx.values, layer.dx) < 1e-5)
    let dw = FloatBuffer(count: inputs * outputs)
    for block in layer.blocks {
      Matmul.weightGradient(
        layer.dy.start + block.lowerBound, stride: outputs, layer.x.start, into: dw.start + block.lowerBound * inputs,
        rows: rows, inputs: inputs, outputs: block.count, add: false, scratch: scratch.start)
    }
    #expect(largestError(dw.values, layer.dw) < 1e-5)
    Matmul.weightGradient(
      layer.dy.start, stride: outputs, layer.x.start, into: dw.start, rows: rows, inputs: inputs, outputs: outputs,
      add: true, scratch: scratch.start)
    #expect(largestError(dw.values, layer.dw.map { 2 * $0 }) < 2e-5)
  }

  /// A sentence's results do not depend on those that it is computed with.
  @Test(arguments: shapes) func aRowIsTheSameBitsInAnyCall(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: false)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let panels = FloatBuffer(count: Matmul.panelFloats(depth: inputs, columns: outputs))
    Matmul.packForward(layer.w.start, outputs: 0..<outputs, inputs: inputs, into: panels.start)
    let (together, apart) = (FloatBuffer(count: rows * outputs), FloatBuffer(count: rows * outputs))
    Matmul.forward(
      layer.x.start, panels: panels.start, into: together.start, rows: rows, inputs: inputs, outputs: outputs)
    var first = 0
    for count in [1, 2, 3, 5, 12, 13, rows] {
      let count = min(count, rows - first)
      Matmul.forward(
        layer.x.start + first * inputs, panels: panels.start, into: apart.start + first * outputs, rows: count,
        inputs: inputs, outputs: outputs)
      first += count
    }
    #expect(together.values.map(\.bitPattern) == apart.values.map(\.bitPattern))
  }

  @Test(.enabled(if: BFloat16Products.isSupported, "the processor has no bfloat16 products"), arguments: shapes)
  func bfloat16(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: true)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let products = BFloat16Products(inputs: inputs, outputs: outputs)
    let (x, w, dy) = (rounded(layer.x), rounded(layer.w), rounded(layer.dy))
    let y = FloatBuffer(count: rows * outputs)
    products.forward(x.start, w.start, into: y.start, rows: rows)
    #expect(largestError(y.values, layer.y) < 1e-5)
    let dx = buffer(layer.old)
    products.inputGradient(dy.start, w.start, into: dx.start, rows: rows, add: true)
    #expect(largestError(dx.values, layer.dxSum) < 1e-5)
    products.inputGradient(dy.start, w.start, into: dx.start, rows: rows, add: false)
    #expect(largestError(dx.values, layer.dx) < 1e-5)
    let dw = FloatBuffer(count: inputs * outputs)
    for block in layer.blocks {
      products.weightGradient(
        dy.start + block.lowerBound, x.start, into: dw.start + block.lowerBound * inputs, rows: rows,
        count: block.count, add: false)
    }
    #expect(largestError(dw.values, layer.dw) < 1e-5)
    products.weightGradient(dy.start, x.start, into: dw.start, rows: rows, count: outputs, add: true)
    #expect(largestError(dw.values, layer.dw.map { 2 * $0 }) < 2e-5)
  }

  /// The same products on several threads at once, many times: the same bits as alone.
  @Test(.enabled(if: BFloat16Products.isSupported, "the processor has no bfloat16 products"))
  func bfloat16OnThreads() {
    let shape = Shape(rows: 61, inputs: 96, outputs: 80)
    let layer = LayerNumbers(shape, rounded: true)
    let products = BFloat16Products(inputs: shape.inputs, outputs: shape.outputs)
    let (x, w) = (rounded(layer.x), rounded(layer.w))
    let alone = FloatBuffer(count: shape.rows * shape.outputs)
    products.forward(x.start, w.start, into: alone.start, rows: shape.rows)
    let team = ThreadTeam(count: 4)
    let results = (0..<64).map { _ in FloatBuffer(count: shape.rows * shape.outputs) }
    team.run(tasks: results.count) { task, _ in
      products.forward(x.start, w.start, into: results[task].start, rows: shape.rows)
    }
    let expected = alone.values.map(\.bitPattern)
    #expect(results.allSatisfy { $0.values.map(\.bitPattern) == expected })
  }

  private func rounded(_ x: FloatBuffer) -> AlignedBuffer<BFloat16Bits> {
    let result = AlignedBuffer<BFloat16Bits>(count: x.count)
    roundToBFloat16(x.start, into: result.start, count: x.count)
    return result
  }
}

/// A layer's numbers and what its products must be.
private struct LayerNumbers {
  let x: FloatBuffer
  let w: FloatBuffer
  let dy: FloatBuffer
  /// What stands where dx is added to.
  let old: [Float]
  let y: [Double]
  let dx: [Double]
  let dxSum: [Double]
  let dw: [Double]
  /// The outputs in parts, as tasks take them.
  let blocks: [Range<Int>]

  /// - Parameter rounded: the numbers are bfloat16's.
  init(_ shape: MatmulTests.Shape, rounded: Bool) {
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    var generator = SeededGenerator(seed: UInt64(rows * 1_000_000 + inputs * 1000 + outputs))
    func numbers(_ count: Int) -> [Float] {
      generator.floats(count).map { rounded ? Float(bitPattern: $0.bitPattern & 0xFFFF_0000) : $0 }
    }
    let (x, w, dy) = (numbers(rows * inputs), numbers(outputs * inputs), numbers(rows * outputs))
    let old = numbers(rows * inputs)
    y = plainProduct(rows: rows, columns: outputs, depth: inputs, { x[$0 * inputs + $1] }, { w[$1 * inputs + $0] })
    let dx = plainProduct(
      rows: rows, columns: inputs, depth: outputs, { dy[$0 * outputs + $1] }, { w[$0 * inputs + $1] })
    dw = plainProduct(
      rows: outputs, columns: inputs, depth: rows, { dy[$1 * outputs + $0] }, { x[$0 * inputs + $1] })
    self.dx = dx
    dxSum = zip(dx, old).map { $0 + Double($1) }
    self.old = old
    (self.x, self.w, self.dy) = (buffer(x), buffer(w), buffer(dy))
    blocks = stride(from: 0, to: outputs, by: 7).map { $0..<min($0 + 7, outputs) }
  }
}
