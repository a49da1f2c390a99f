import CNcurses
import TerminalCanvas

/// Puts a canvas's cells into a window of ncurses, one call a row.
@MainActor
struct Painter {
  private let window: UnsafeMutablePointer<WINDOW>
  private let depth: ColorDepth
  /// ncurses' number of pairs; 0 is the terminal's own.
  private let pairLimit: Int32
  private var pairs: [UInt64: Int32] = [:]
  /// The styles prepared so far, in the canvas's order, and what ncurses needs for each.
  private var styles: [Style] = []
  private var prepared: [(attributes: UInt32, pair: Int32)] = []
  /// The characters with marks, in the canvas's order.
  private var clusters: [[UInt32]] = []
  private var row: [cchar_t] = []
  /// What the window holds: the canvas painted last. ncurses compares too, but cell by cell and in its own wide cells.
  private var painted: [Cell] = []
  private var paintedSize = (width: 0, height: 0)

  init(window: UnsafeMutablePointer<WINDOW>, depth: ColorDepth, pairLimit: Int32) {
    self.window = window
    self.depth = depth
    self.pairLimit = pairLimit
  }

  /// Writes the part of the canvas that fits into the window.
  mutating func paint(_ canvas: Canvas) {
    prepare(canvas.styles)
    if !canvas.clusters.starts(with: clusters) { painted = [] }
    clusters = canvas.clusters
    let width = min(canvas.width, Int(getmaxx(window)))
    let height = min(canvas.height, Int(getmaxy(window)))
    guard width > 0, height > 0 else { return }
    if row.count < width { row = Array(repeating: cchar_t(), count: width) }
    let isKnown = painted.count == canvas.cells.count && paintedSize == (width, height)
    canvas.cells.withUnsafeBufferPointer { cells in
      for y in 0..<height {
        var columns = 0..<width
        if isKnown {
          guard let changed = changed(cells, row: y, of: canvas.width, columns: width) else { continue }
          columns = changed
        }
        let start = y * canvas.width
        let count = fillRow(cells[(start + columns.lowerBound)..<(start + columns.upperBound)])
        wmove(window, Int32(y), Int32(columns.lowerBound))
        _ = row.withUnsafeBufferPointer { wadd_wchnstr(window, $0.baseAddress, Int32(count)) }
      }
    }
    painted = canvas.cells
    paintedSize = (width, height)
  }

  /// Forgets what the window holds: it was changed by something else.
  mutating func forget() { painted = [] }

  /// The columns from the first to the last that differ from what the window holds; nil where none does. Wide characters
  /// are taken whole.
  private func changed(
    _ cells: UnsafeBufferPointer<Cell>, row: Int, of stride: Int, columns: Int
  ) -> Range<Int>? {
    let start = row * stride
    return painted.withUnsafeBufferPointer { old in
      var first = 0
      while first < columns, cells[start + first] == old[start + first] { first += 1 }
      guard first < columns else { return nil }
      var last = columns - 1
      while last > first, cells[start + last] == old[start + last] { last -= 1 }
      func isInside(_ column: Int) -> Bool { cells[start + column].scalar == 0 || old[start + column].scalar == 0 }
      while first > 0, isInside(first) { first -= 1 }
      while last < columns - 1, isInside(last + 1) { last += 1 }
      return first..<(last + 1)
    }
  }

  /// Fills `row` and returns how many entries it has: a wide character's second column has none of its own.
  private mutating func fillRow(_ cells: Slice<UnsafeBufferPointer<Cell>>) -> Int {
    var count = 0
    var x = cells.startIndex
    while x < cells.endIndex {
      let cell = cells[x]
      let cluster = cell.scalar < Cell.firstCluster ? nil : clusters[Int(cell.scalar - Cell.firstCluster)]
      var scalar = cluster?[0] ?? cell.scalar
      var columns = 1
      if Self.isPlain(scalar) == false {
        let isFollowed = x + 1 < cells.endIndex && cells[x + 1].scalar == 0
        switch nc_wcwidth(scalar) {
        case 1: break
        case 2 where isFollowed: columns = 2
        default: scalar = 32  // control characters, stray halves and what the locale cannot write
        }
      }
      let style = prepared[Int(cell.style)]
      row[count].attr = style.attributes
      row[count].chars = (wchar_t(bitPattern: scalar), 0, 0, 0, 0)
      if let cluster, scalar != 32 { Self.join(cluster.dropFirst(), to: &row[count]) }
      row[count].ext_color = style.pair
      count += 1
      x += columns
    }
    return count
  }

  /// Puts marks behind a character, those that the locale can write.
  private static func join(_ marks: ArraySlice<UInt32>, to entry: inout cchar_t) {
    withUnsafeMutableBytes(of: &entry.chars) { bytes in
      let places = bytes.bindMemory(to: wchar_t.self)
      for (place, mark) in zip(1..<places.count, marks.filter { nc_wcwidth($0) == 0 }) {
        places[place] = wchar_t(bitPattern: mark)
      }
    }
  }

  /// Printable ASCII, box lines, blocks and braille: known to be one column wide.
  private static func isPlain(_ scalar: UInt32) -> Bool {
    (32..<127).contains(scalar) || (0x2500..<0x25A0).contains(scalar) || (0x2800..<0x2900).contains(scalar)
  }

  /// Prepares the styles that were not there at the last call. A canvas only ever adds to its styles; another canvas
  /// starts anew.
  private mutating func prepare(_ wanted: [Style]) {
    if !wanted.starts(with: styles) {
      styles = []
      prepared = []
      painted = []
    }
    for style in wanted[styles.count...] {
      let pair = pair(for: style)
      // The eight colour bits must agree with ext_color for pairs below 256.
      let attributes = style.attributes(hasColors: depth != .none)
      prepared.append((Self.attributes(attributes) | UInt32(min(pair, 255)) << 8, pair))
    }
    styles = wanted
  }

  private mutating func pair(for style: Style) -> Int32 {
    guard depth != .none else { return 0 }
    let numbers = depth.numbers(foreground: style.foreground, background: style.background)
    guard numbers != (-1, -1) else { return 0 }
    let key = UInt64(UInt32(bitPattern: numbers.foreground)) << 32 | UInt64(UInt32(bitPattern: numbers.background))
    if let known = pairs[key] { return known }
    let pair = Int32(pairs.count + 1)
    guard pair < pairLimit, init_extended_pair(pair, numbers.foreground, numbers.background) == OK else { return 0 }
    pairs[key] = pair
    return pair
  }

  private static func attributes(_ attributes: Style.Attributes) -> UInt32 {
    var bits: UInt32 = 0
    if attributes.contains(.bold) { bits |= nc_attr_bold }
    if attributes.contains(.dim) { bits |= nc_attr_dim }
    if attributes.contains(.italic) { bits |= nc_attr_italic }
    if attributes.contains(.underline) { bits |= nc_attr_underline }
    if attributes.contains(.reverse) { bits |= nc_attr_reverse }
    return bits
  }
}
