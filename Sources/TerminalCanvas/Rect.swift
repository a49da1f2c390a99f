/// A rectangle of cells, counted from the top left corner. Sizes are never negative.
public struct Rect: Hashable, Sendable {
  public var x: Int
  public var y: Int
  public var width: Int
  public var height: Int

  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// One past the last column.
  public var right: Int { x + width }
  /// One past the last row.
  public var bottom: Int { y + height }
  public var isEmpty: Bool { width == 0 || height == 0 }

  /// The rectangle without a margin on every side.
  public func inset(_ dx: Int, _ dy: Int) -> Rect {
    Rect(x: x + dx, y: y + dy, width: width - 2 * dx, height: height - 2 * dy)
  }

  public func contains(_ column: Int, _ row: Int) -> Bool {
    column >= x && column < right && row >= y && row < bottom
  }

  /// Cuts rows off the top: they are returned, the rest stays.
  public mutating func takeTop(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    defer { self = Rect(x: x, y: y + taken, width: width, height: height - taken) }
    return Rect(x: x, y: y, width: width, height: taken)
  }

  /// Cuts rows off the bottom: they are returned, the rest stays.
  public mutating func takeBottom(_ rows: Int) -> Rect {
    let taken = min(max(0, rows), height)
    defer { height -= taken }
    return Rect(x: x, y: bottom - taken, width: width, height: taken)
  }

  /// Cuts columns off the left: they are returned, the rest stays.
  public mutating func takeLeft(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    defer { self = Rect(x: x + taken, y: y, width: width - taken, height: height) }
    return Rect(x: x, y: y, width: taken, height: height)
  }

  /// Cuts columns off the right: they are returned, the rest stays.
  public mutating func takeRight(_ columns: Int) -> Rect {
    let taken = min(max(0, columns), width)
    defer { width -= taken }
    return Rect(x: right - taken, y: y, width: taken, height: height)
  }

  /// A rectangle of at most the given size in the middle of this one.
  public func centered(width: Int, height: Int) -> Rect {
    let innerWidth = min(width, self.width)
    let innerHeight = min(height, self.height)
    return Rect(
      x: x + (self.width - innerWidth) / 2, y: y + (self.height - innerHeight) / 2, width: innerWidth,
      height: innerHeight)
  }
}
