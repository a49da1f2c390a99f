/// One terminal cell. A wide scalar's second column holds scalar 0.
public struct Cell: Hashable, Sendable {
  /// A scalar, or from `firstCluster` on the number of one of the canvas's clusters.
  public var scalar: UInt32
  /// Index into the canvas's `styles`.
  public var style: UInt16

  public init(scalar: UInt32, style: UInt16) {
    self.scalar = scalar
    self.style = style
  }

  /// One more than the largest scalar.
  public static let firstCluster: UInt32 = 0x110000
}

/// A grid of styled cells that knows nothing of any terminal.
public struct Canvas: Sendable {
  public private(set) var width: Int
  public private(set) var height: Int
  /// Row-major, [height, width].
  public internal(set) var cells: [Cell]
  /// Every style used so far; it only grows, so a terminal can prepare each once.
  public private(set) var styles: [Style] = []
  private var styleIndex: [Style: UInt16] = [:]
  /// Every character with combining marks so far; as `styles`, it only grows.
  public private(set) var clusters: [[UInt32]] = []
  private var clusterIndex: [[UInt32]: UInt32] = [:]
  /// The style asked for last: neighbours mostly look alike, and hashing costs more than comparing.
  private var latest: (style: Style, index: UInt16) = (Style(), 0)

  public init(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Cell(scalar: 32, style: 0), count: self.width * self.height)
    styles = [Style()]
    styleIndex = [Style(): 0]
  }

  /// The index of a style, made on first use.
  public mutating func intern(_ style: Style) -> UInt16 {
    if style == latest.style { return latest.index }
    let index = styleIndex[style] ?? UInt16(styles.count)
    if Int(index) == styles.count {
      styles.append(style)
      styleIndex[style] = index
    }
    latest = (style, index)
    return index
  }

  /// Fills every cell with a space of the given style.
  public mutating func clear(_ style: Style = Style()) {
    let blank = Cell(scalar: 32, style: intern(style))
    for index in cells.indices { cells[index] = blank }
  }

  public mutating func resize(width: Int, height: Int) {
    self.width = max(0, width)
    self.height = max(0, height)
    cells = Array(repeating: Cell(scalar: 32, style: 0), count: self.width * self.height)
  }

  /// Sets one cell to a scalar one column wide; outside the canvas it does nothing.
  public mutating func put(_ x: Int, _ y: Int, _ scalar: UInt32, _ style: UInt16) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let index = y * width + x
    // The other half of a wide scalar that is cut in two becomes a space.
    if cells[index].scalar == 0, x > 0 { cells[index - 1].scalar = 32 }
    if x + 1 < width, cells[index + 1].scalar == 0 { cells[index + 1].scalar = 32 }
    cells[index] = Cell(scalar: scalar, style: style)
  }

  /// Sets one cell; outside the canvas it does nothing.
  public mutating func put(_ x: Int, _ y: Int, _ scalar: Unicode.Scalar, _ style: Style) {
    put(x, y, scalar.value, intern(style))
  }

  /// Sets a combining mark on the character of a cell. Terminals' libraries take four; further ones are left out.
  mutating func join(_ mark: UInt32, _ x: Int, _ y: Int) {
    guard x >= 0, y >= 0, x < width, y < height else { return }
    let cluster = scalars(of: self[x, y]) + [mark]
    guard cluster.count <= 5 else { return }
    let index = clusterIndex[cluster] ?? UInt32(clusters.count)
    if Int(index) == clusters.count {
      guard clusters.count < Self.mostClusters else { return }
      clusters.append(cluster)
      clusterIndex[cluster] = index
    }
    cells[y * width + x].scalar = Cell.firstCluster + index
  }

  /// What a cell shows: one scalar, or one and its marks.
  public func scalars(of cell: Cell) -> [UInt32] {
    cell.scalar < Cell.firstCluster ? [cell.scalar] : clusters[Int(cell.scalar - Cell.firstCluster)]
  }

  /// More than any writing has; text that was made to fill the memory does not.
  private static let mostClusters = 1 << 16

  /// The cell at a place inside the canvas.
  public subscript(x: Int, y: Int) -> Cell { cells[y * width + x] }
}
