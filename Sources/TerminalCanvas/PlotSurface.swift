/// A rectangle of dots, several to a cell, on which curves are drawn in layers; the topmost layer owns a cell.
public struct PlotSurface: Sendable {
  /// How one curve's dots look.
  private struct Layer: Sendable {
    var style: Style
    /// The letter that stands for the curve where dots cannot be distinguished; nil draws dots there too.
    var letter: Unicode.Scalar?
    /// Whether blocks shade its cells, so that it recedes where few colours can distinguish it from the others.
    var isShade: Bool
  }

  private struct Mark: Sendable {
    var column: Int
    var row: Int
    var scalar: Unicode.Scalar
    var style: Style
  }

  public let glyphs: GlyphSet
  /// Size in cells.
  public let width: Int
  public let height: Int
  /// Size in dots.
  public let columns: Int
  public let rows: Int
  /// Dots a cell is divided into, across and down, as powers of two: to divide by a number that is known only at run time
  /// would take most of a dot's time.
  private let acrossShift: Int
  private let downShift: Int
  /// The dots of a cell's first column.
  private let columnBits: UInt32
  private var layers: [Layer] = []
  /// Row-major over cells: eight bits for the dots of the topmost layer that has any there, above them that layer's number
  /// from 1. What lies below it is never seen, and not kept.
  private var cells: [UInt32]
  private var marks: [Mark] = []

  public init(width: Int, height: Int, glyphs: GlyphSet) {
    self.glyphs = glyphs
    self.width = max(0, width)
    self.height = max(0, height)
    let dots = glyphs.dotsPerCell
    (acrossShift, downShift) = (dots.across.trailingZeroBitCount, dots.down.trailingZeroBitCount)
    columnBits = (0..<dots.down).reduce(0) { $0 | 1 << UInt32($1 * dots.across) }
    columns = self.width * dots.across
    rows = self.height * dots.down
    cells = Array(repeating: 0, count: self.width * self.height)
  }

  /// Adds a layer above all before it; returns its number.
  public mutating func addLayer(_ style: Style, letter: Unicode.Scalar? = nil, isShade: Bool = false) -> Int {
    layers.append(Layer(style: style, letter: letter, isShade: isShade))
    return layers.count - 1
  }

  /// Adds a layer's dots to those of a cell.
  @inline(__always)
  private static func add(_ dots: UInt32, of layer: Int, to cell: inout UInt32) {
    let owner = UInt32(truncatingIfNeeded: layer + 1) << 8
    if cell < owner { cell = owner | dots } else if cell >> 8 == owner >> 8 { cell |= dots }
  }

  /// Sets a dot, counted from the top left; outside it does nothing.
  public mutating func dot(_ layer: Int, _ column: Int, _ row: Int) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    Self.add(
      1 &<< bit(column, row), of: layer, to: &cells[(row &>> downShift) * width + column &>> acrossShift])
  }

  /// The place of a dot among those of its cell, row by row.
  @inline(__always)
  private func bit(_ column: Int, _ row: Int) -> UInt32 {
    let rowInCell = row & (1 &<< downShift - 1)
    let columnInCell = column & (1 &<< acrossShift - 1)
    return UInt32(truncatingIfNeeded: rowInCell &<< acrossShift + columnInCell)
  }

  /// Sets the dots of a column between two rows, both included.
  public mutating func vertical(_ layer: Int, _ column: Int, from first: Int, to last: Int) {
    let low = max(0, min(first, last))
    let high = min(rows - 1, max(first, last))
    guard low <= high, column >= 0, column < columns else { return }
    let (first, last) = (low &>> downShift, high &>> downShift)
    let (stride, place) = (width, column &>> acrossShift)
    // The dots of the column in a whole cell, and those from its first row on and up to its last one.
    let whole = columnBits &<< bit(column, 0)
    let below = UInt32.max &<< bit(0, low)
    let above = (UInt32(2) &<< bit(column, high)) - 1
    cells.withUnsafeMutableBufferPointer { cells in
      for cell in first...last {
        var dots = whole
        if cell == first { dots &= below }
        if cell == last { dots &= above }
        Self.add(dots, of: layer, to: &cells[cell * stride + place])
      }
    }
  }

  /// Draws a line from one dot to another; with `period` above 1 only the dots of every `period`th column.
  public mutating func line(
    _ layer: Int, from start: (column: Int, row: Int), to end: (column: Int, row: Int), period: Int = 1
  ) {
    guard end.column >= start.column else { return line(layer, from: end, to: start, period: period) }
    let span = end.column - start.column
    guard span > 0 else { return vertical(layer, start.column, from: start.row, to: end.row) }
    let low = max(start.column, 0)
    let high = min(end.column, columns - 1)
    guard low <= high else { return }
    func row(_ column: Int) -> Int {
      if column == start.column { return start.row }
      if column == end.column { return end.row }
      let share = Double(column - start.column) / Double(span)
      return Int(nearestTo: Double(start.row) + share * Double(end.row - start.row))
    }
    var previous = row(low)
    for column in low...high {
      let current = row(column)
      if period > 1 {
        if column % period == 0 { dot(layer, column, current) }
      } else if abs(current - previous) > 1 {
        let middle = (current + previous) / 2
        vertical(layer, column - 1, from: previous, to: middle)
        vertical(layer, column, from: middle, to: current)
      } else {
        dot(layer, column, current)
      }
      previous = current
    }
  }

  /// Draws a line through dots; with `period` above 1 only the dots of every `period`th column.
  public mutating func line(_ layer: Int, through dots: [(column: Int, row: Int)], period: Int = 1) {
    for (start, end) in zip(dots, dots.dropFirst()) { line(layer, from: start, to: end, period: period) }
  }

  /// Puts a character on the cell of a dot, above every layer.
  public mutating func mark(_ column: Int, _ row: Int, _ scalar: Unicode.Scalar, _ style: Style) {
    guard column >= 0, row >= 0, column < columns, row < rows else { return }
    marks.append(Mark(column: column &>> acrossShift, row: row &>> downShift, scalar: scalar, style: style))
  }

  /// Draws all layers and marks with the surface's top left cell at a place; empty cells stay as they are.
  public func draw(into canvas: inout Canvas, x: Int, y: Int) {
    let styles = layers.map { canvas.intern($0.style) }
    for row in 0..<height {
      for column in 0..<width {
        let cell = cells[row * width + column]
        guard cell > 0 else { continue }
        let (top, dots) = (Int(cell >> 8) - 1, UInt8(truncatingIfNeeded: cell))
        let isShade = layers[top].isShade && glyphs == .blocks
        let scalar = isShade ? "░" : character(dots, layers[top].letter)
        canvas.put(x + column, y + row, scalar.value, styles[top])
      }
    }
    for mark in marks { canvas.put(x + mark.column, y + mark.row, mark.scalar, mark.style) }
  }

  /// Braille patterns by bits, row by row.
  private static let braille: [Unicode.Scalar] = (0..<256).map { bits in
    let numbers: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    let value = numbers.indices.reduce(0x2800) { $0 + (bits >> $1 & 1 == 1 ? numbers[$1] : 0) }
    return Unicode.Scalar(value) ?? " "
  }
  /// Quadrant blocks by bits: upper left, upper right, lower left, lower right.
  private static let quadrants: [Unicode.Scalar] = [
    " ", "▘", "▝", "▀", "▖", "▌", "▞", "▛", "▗", "▚", "▐", "▜", "▄", "▙", "▟", "█",
  ]

  private func character(_ bits: UInt8, _ letter: Unicode.Scalar?) -> Unicode.Scalar {
    switch glyphs {
    case .braille: return Self.braille[Int(bits)]
    case .blocks: return Self.quadrants[Int(bits & 15)]
    case .ascii: return letter ?? (bits == 1 ? "'" : bits == 2 ? "." : ":")
    }
  }
}

extension Int {
  /// The whole number nearest to a value, a half going away from zero: `rounded()` without a call to the C library, which
  /// frames with a hundred curves make a hundred thousand times.
  @inlinable
  package init(nearestTo value: Double) { self.init(value < 0 ? value - 0.5 : value + 0.5) }
}
