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
    for stride in [inputs, inputs + 3] {
      let dw = FloatBuffer(count: outputs * stride)
      for tile in layer.tiles {
        Matmul.weightGradient(
          gradientShape(shape, tile, stride: stride), layer.dy.start + tile.outputs.lowerBound,
          layer.x.start + tile.inputs.lowerBound,
          into: dw.start + tile.outputs.lowerBound * stride + tile.inputs.lowerBound, add: false,
          scratch: scratch.start)
      }
      #expect(largestError(withoutGaps(dw, inputs, stride: stride), layer.dw) < 1e-5)
      #expect(gaps(dw, inputs, stride: stride).allSatisfy { $0 == 0 })
      Matmul.weightGradient(
        gradientShape(shape, layer.whole, stride: stride), layer.dy.start, layer.x.start, into: dw.start, add: true,
        scratch: scratch.start)
      #expect(largestError(withoutGaps(dw, inputs, stride: stride), layer.dw.map { 2 * $0 }) < 2e-5)
    }
  }

  /// Matrices whose rows lie apart: the same bits, and nothing is written between the rows.
  @Test(arguments: [MatmulTests.shapes[3], MatmulTests.shapes[6], MatmulTests.shapes[8]])
  func rowsMayLieApart(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: false)
    let (count, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let (xStride, yStride) = (inputs + 5, outputs + 3)
    let panels = FloatBuffer(count: Matmul.panelFloats(depth: inputs, columns: outputs))
    Matmul.packForward(layer.w.start, outputs: 0..<outputs, inputs: inputs, into: panels.start)
    let (x, y, apart) = (
      spread(layer.x, inputs, stride: xStride), FloatBuffer(count: count * outputs), FloatBuffer(count: count * yStride)
    )
    Matmul.forward(layer.x.start, panels: panels.start, into: y.start, rows: count, inputs: inputs, outputs: outputs)
    Matmul.forward(
      x.start, xStride: xStride, panels: panels.start, into: apart.start, yStride: yStride, rows: count,
      inputs: inputs, outputs: outputs)
    #expect(withoutGaps(apart, outputs, stride: yStride) == y.values)
    #expect(gaps(apart, outputs, stride: yStride).allSatisfy { $0 == 0 })
    guard BFloat16Matmul.isSupported else { return }
    let (near, far) = (words(layer.x, columns: inputs), FloatBuffer(count: count * BFloat16Matmul.wordCount(inputs)))
    BFloat16Matmul.round(x.start, stride: xStride, rows: count, columns: inputs, into: far.start)
    #expect(near.values.map(\.bitPattern) == far.values.map(\.bitPattern))
    let halfPanels = bfloat16Panels(layer.w, shape, blocks: [0..<outputs]).forward
    let half = FloatBuffer(count: count * yStride)
    BFloat16Matmul.forward(
      far.start, panels: halfPanels.start, into: half.start, yStride: yStride, rows: count, inputs: inputs,
      outputs: outputs)
    BFloat16Matmul.forward(
      near.start, panels: halfPanels.start, into: y.start, rows: count, inputs: inputs, outputs: outputs)
    #expect(withoutGaps(half, outputs, stride: yStride) == y.values)
    #expect(gaps(half, outputs, stride: yStride).allSatisfy { $0 == 0 })
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

  /// Against products of the rounded numbers in double.
  @Test(.enabled(if: BFloat16Matmul.isSupported, "the processor has no bfloat16 products"), arguments: shapes)
  func bfloat16(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: true)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let (x, dy) = (words(layer.x, columns: inputs), words(layer.dy, columns: outputs))
    let (panels, gradientPanels) = bfloat16Panels(layer.w, shape, blocks: layer.blocks)
    let scratch = FloatBuffer(count: BFloat16Matmul.scratchFloats)
    let y = FloatBuffer(count: rows * outputs)
    BFloat16Matmul.forward(x.start, panels: panels.start, into: y.start, rows: rows, inputs: inputs, outputs: outputs)
    #expect(largestError(y.values, layer.y) < 1e-5)
    let dx = buffer(layer.old)
    BFloat16Matmul.inputGradient(
      dy.start, panels: gradientPanels.start, into: dx.start, rows: rows, inputs: inputs, outputs: outputs, add: true)
    #expect(largestError(dx.values, layer.dxSum) < 2e-5)
    BFloat16Matmul.inputGradient(
      dy.start, panels: gradientPanels.start, into: dx.start, rows: rows, inputs: inputs, outputs: outputs, add: false)
    #expect(largestError(dx.values, layer.dx) < 1e-5)
    let dw = FloatBuffer(count: inputs * outputs)
    for tile in layer.tiles {
      BFloat16Matmul.weightGradient(
        gradientShape(shape, tile, stride: inputs), layer.dy.start + tile.outputs.lowerBound,
        layer.x.start + tile.inputs.lowerBound,
        into: dw.start + tile.outputs.lowerBound * inputs + tile.inputs.lowerBound, add: false, scratch: scratch.start)
    }
    #expect(largestError(dw.values, layer.dw) < 1e-5)
    BFloat16Matmul.weightGradient(
      gradientShape(shape, layer.whole, stride: inputs), layer.dy.start, layer.x.start, into: dw.start, add: true,
      scratch: scratch.start)
    #expect(largestError(dw.values, layer.dw.map { 2 * $0 }) < 2e-5)
  }

  /// Factors that are no bfloat16 numbers: their products are those of the nearest ones.
  @Test(.enabled(if: BFloat16Matmul.isSupported, "the processor has no bfloat16 products"), arguments: shapes)
  func bfloat16RoundsItsFactors(_ shape: Shape) {
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    var generator = SeededGenerator(seed: 8)
    let x = generator.floats(rows * inputs)
    let w = generator.floats(outputs * inputs)
    let dy = generator.floats(rows * outputs)
    let (roundX, roundW, roundDY) = (x.map(nearest), w.map(nearest), dy.map(nearest))
    let (xBuffer, wBuffer, dyBuffer) = (buffer(x), buffer(w), buffer(dy))
    let (xWords, dyWords) = (words(xBuffer, columns: inputs), words(dyBuffer, columns: outputs))
    let (panels, gradientPanels) = bfloat16Panels(wBuffer, shape, blocks: [0..<outputs])
    let scratch = FloatBuffer(count: BFloat16Matmul.scratchFloats)
    let y = FloatBuffer(count: rows * outputs)
    BFloat16Matmul.forward(
      xWords.start, panels: panels.start, into: y.start, rows: rows, inputs: inputs, outputs: outputs)
    let expectedY = plainProduct(
      rows: rows, columns: outputs, depth: inputs, { roundX[$0 * inputs + $1] }, { roundW[$1 * inputs + $0] })
    #expect(largestError(y.values, expectedY) < 1e-5)
    let dx = FloatBuffer(count: rows * inputs)
    BFloat16Matmul.inputGradient(
      dyWords.start, panels: gradientPanels.start, into: dx.start, rows: rows, inputs: inputs, outputs: outputs,
      add: false)
    let expectedDX = plainProduct(
      rows: rows, columns: inputs, depth: outputs, { roundDY[$0 * outputs + $1] }, { roundW[$0 * inputs + $1] })
    #expect(largestError(dx.values, expectedDX) < 1e-5)
    let dw = FloatBuffer(count: inputs * outputs)
    BFloat16Matmul.weightGradient(
      gradientShape(shape, Tile(outputs: 0..<outputs, inputs: 0..<inputs), stride: inputs), dyBuffer.start,
      xBuffer.start, into: dw.start, add: false, scratch: scratch.start)
    let expectedDW = plainProduct(
      rows: outputs, columns: inputs, depth: rows, { roundDY[$1 * outputs + $0] }, { roundX[$0 * inputs + $1] })
    #expect(largestError(dw.values, expectedDW) < 1e-5)
  }

  /// A word's halves may be different threads' rows, and a row's results do not depend on the others of a call.
  @Test(.enabled(if: BFloat16Matmul.isSupported, "the processor has no bfloat16 products"), arguments: shapes)
  func bfloat16PanelsAndRowsAreTheSameBitsInParts(_ shape: Shape) {
    let layer = LayerNumbers(shape, rounded: false)
    let (rows, inputs, outputs) = (shape.rows, shape.inputs, shape.outputs)
    let whole = bfloat16Panels(layer.w, shape, blocks: [0..<outputs])
    let parts = bfloat16Panels(layer.w, shape, blocks: layer.blocks.reversed())
    #expect(whole.forward.values.map(\.bitPattern) == parts.forward.values.map(\.bitPattern))
    #expect(whole.backward.values.map(\.bitPattern) == parts.backward.values.map(\.bitPattern))
    let x = words(layer.x, columns: inputs)
    let (together, apart) = (FloatBuffer(count: rows * outputs), FloatBuffer(count: rows * outputs))
    BFloat16Matmul.forward(
      x.start, panels: whole.forward.start, into: together.start, rows: rows, inputs: inputs, outputs: outputs)
    let team = ThreadTeam(count: 3)
    team.run(tasks: rows) { row, _ in
      BFloat16Matmul.forward(
        x.start + row * BFloat16Matmul.wordCount(inputs), panels: whole.forward.start,
        into: apart.start + row * outputs, rows: 1, inputs: inputs, outputs: outputs)
    }
    #expect(together.values.map(\.bitPattern) == apart.values.map(\.bitPattern))
  }

  /// A part of a layer's weights.
  struct Tile {
    let outputs: Range<Int>
    let inputs: Range<Int>
  }

  private func gradientShape(_ shape: Shape, _ tile: Tile, stride: Int) -> Matmul.WeightGradient {
    Matmul.WeightGradient(
      rows: shape.rows, inputs: tile.inputs.count, outputs: tile.outputs.count, dyStride: shape.outputs,
      xStride: shape.inputs, gradientStride: stride)
  }

  /// A matrix with its rows further apart and something that is no number between them.
  private func spread(_ matrix: FloatBuffer, _ columns: Int, stride: Int) -> FloatBuffer {
    let rows = matrix.count / columns
    let result = buffer([Float](repeating: .nan, count: rows * stride))
    for row in 0..<rows {
      (result.start + row * stride).update(from: matrix.start + row * columns, count: columns)
    }
    return result
  }

  private func withoutGaps(_ matrix: FloatBuffer, _ columns: Int, stride: Int) -> [Float] {
    (0..<matrix.count / stride).flatMap { matrix.copy($0 * stride..<$0 * stride + columns) }
  }

  private func gaps(_ matrix: FloatBuffer, _ columns: Int, stride: Int) -> [Float] {
    (0..<matrix.count / stride).flatMap { matrix.copy($0 * stride + columns..<($0 + 1) * stride) }
  }

  private func words(_ x: FloatBuffer, columns: Int) -> FloatBuffer {
    let rows = x.count / columns
    let words = FloatBuffer(count: rows * BFloat16Matmul.wordCount(columns))
    BFloat16Matmul.round(x.start, rows: rows, columns: columns, into: words.start)
    return words
  }

  private func bfloat16Panels(
    _ weights: FloatBuffer, _ shape: Shape, blocks: [Range<Int>]
  ) -> (forward: FloatBuffer, backward: FloatBuffer) {
    let (inputs, outputs) = (shape.inputs, shape.outputs)
    let forward = FloatBuffer(count: BFloat16Matmul.panelFloats(depth: inputs, columns: outputs))
    let backward = FloatBuffer(count: BFloat16Matmul.panelFloats(depth: outputs, columns: inputs))
    for block in blocks {
      let first = weights.start + block.lowerBound * inputs
      BFloat16Matmul.packForward(first, outputs: block, inputs: inputs, into: forward.start)
      BFloat16Matmul.packInputGradient(first, rows: block, outputs: outputs, inputs: inputs, into: backward.start)
    }
    return (forward, backward)
  }

  /// The nearest bfloat16, by adding and taking away: what is added leaves eight significant bits.
  private func nearest(_ value: Float) -> Float {
    guard value != 0 else { return value }
    let magic = value.binade * 0x1.8p16
    return (value + abs(magic)) - abs(magic)
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
  /// The outputs in parts.
  let blocks: [Range<Int>]
  /// The weights in parts, as tasks take them, and as one.
  let tiles: [MatmulTests.Tile]
  let whole: MatmulTests.Tile

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
    let blocks = stride(from: 0, to: outputs, by: 7).map { $0..<min($0 + 7, outputs) }
    self.blocks = blocks
    tiles = blocks.flatMap { block in
      stride(from: 0, to: inputs, by: 50).map { MatmulTests.Tile(outputs: block, inputs: $0..<min($0 + 50, inputs)) }
    }
    whole = MatmulTests.Tile(outputs: 0..<outputs, inputs: 0..<inputs)
  }
}
