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
  private var row: [cchar_t] = []

  init(window: UnsafeMutablePointer<WINDOW>, depth: ColorDepth, pairLimit: Int32) {
    self.window = window
    self.depth = depth
    self.pairLimit = pairLimit
  }

  /// Writes the part of the canvas that fits into the window.
  mutating func paint(_ canvas: Canvas) {
    prepare(canvas.styles)
    let width = min(canvas.width, Int(getmaxx(window)))
    let height = min(canvas.height, Int(getmaxy(window)))
    guard width > 0, height > 0 else { return }
    if row.count < width { row = Array(repeating: cchar_t(), count: width) }
    canvas.cells.withUnsafeBufferPointer { cells in
      for y in 0..<height {
        let count = fillRow(cells[(y * canvas.width)..<(y * canvas.width + width)])
        wmove(window, Int32(y), 0)
        _ = row.withUnsafeBufferPointer { wadd_wchnstr(window, $0.baseAddress, Int32(count)) }
      }
    }
  }

  /// Fills `row` and returns how many entries it has: a wide character's second column has none of its own.
  private mutating func fillRow(_ cells: Slice<UnsafeBufferPointer<Cell>>) -> Int {
    var count = 0
    var x = cells.startIndex
    while x < cells.endIndex {
      let cell = cells[x]
      var scalar = cell.scalar
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
      row[count].chars.0 = wchar_t(bitPattern: scalar)
      row[count].ext_color = style.pair
      count += 1
      x += columns
    }
    return count
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
    }
    for style in wanted[styles.count...] {
      let pair = pair(for: style)
      // The eight colour bits must agree with ext_color for pairs below 256.
      prepared.append((Self.attributes(style.attributes) | UInt32(min(pair, 255)) << 8, pair))
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
