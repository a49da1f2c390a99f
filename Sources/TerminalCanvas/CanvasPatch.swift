/// The cells of a part of a canvas, to be put back where they were.
public struct CanvasPatch: Sendable {
  fileprivate let rect: Rect
  /// Row-major, [height, width].
  fileprivate let cells: [Cell]
  /// What the cells refer to by number.
  fileprivate let styles: [Style]
  fileprivate let clusters: [[UInt32]]
}

extension Canvas {
  /// Takes a copy of the cells in a rectangle that lies on the canvas; nil for one that does not.
  public func patch(_ rect: Rect) -> CanvasPatch? {
    guard rect.x >= 0, rect.y >= 0, rect.right <= width, rect.bottom <= height else { return nil }
    var cells: [Cell] = []
    cells.reserveCapacity(rect.width * rect.height)
    for y in rect.y..<rect.bottom { cells += self.cells[(y * width + rect.x)..<(y * width + rect.right)] }
    return CanvasPatch(rect: rect, cells: cells, styles: styles, clusters: clusters)
  }

  /// Puts cells back to where they were taken from. False, and nothing is done, where they are another canvas's: their
  /// styles would be others here.
  public mutating func put(_ patch: CanvasPatch) -> Bool {
    let rect = patch.rect
    guard rect.right <= width, rect.bottom <= height, styles.starts(with: patch.styles),
      clusters.starts(with: patch.clusters)
    else { return false }
    for row in 0..<rect.height {
      let (from, to) = (row * rect.width, (rect.y + row) * width + rect.x)
      cells.replaceSubrange(to..<(to + rect.width), with: patch.cells[from..<(from + rect.width)])
    }
    return true
  }
}
