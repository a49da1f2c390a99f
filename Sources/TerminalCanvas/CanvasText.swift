internal import Formatting

/// Where a text stands within its columns.
public enum TextAlignment: Hashable, Sendable {
  case left, center, right
}

extension Canvas {
  /// Writes a text from a column on, cut off at the canvas's edges. Returns the column after it.
  ///
  /// Control characters are replaced; combining marks share the cell of the character before them.
  @discardableResult
  public mutating func text(_ x: Int, _ y: Int, _ text: String, _ style: Style) -> Int {
    let index = intern(style)
    var column = x
    var last: Int?
    for scalar in text.unicodeScalars {
      let width = CharacterWidth.columns(of: scalar)
      guard width > 0 else {
        if let last, CharacterWidth.isMark(scalar) { join(scalar.value, last, y) }
        continue
      }
      last = column
      if width == 2 {
        putWide(column, y, scalar.value, index)
      } else {
        put(column, y, Self.drawable(scalar).value, index)
      }
      column += width
    }
    return column
  }

  /// Writes a text into a number of columns: clipped with `…`, never beyond them.
  public mutating func text(
    _ x: Int, _ y: Int, width: Int, _ text: String, _ style: Style, _ alignment: TextAlignment = .left
  ) {
    guard width > 0 else { return }
    let clipped = CharacterWidth.clip(text, columns: width)
    let free = width - CharacterWidth.columns(of: clipped)
    let shift =
      switch alignment {
      case .left: 0
      case .center: free / 2
      case .right: free
      }
    self.text(x + shift, y, clipped, style)
  }

  /// Fills a rectangle with one character.
  public mutating func fill(_ rect: Rect, _ scalar: Unicode.Scalar = " ", _ style: Style) {
    let index = intern(style)
    for y in max(0, rect.y)..<max(max(0, rect.y), min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(max(0, rect.x), min(width, rect.right)) {
        put(x, y, scalar.value, index)
      }
    }
  }

  /// Puts a two-column scalar; where only half of it lies inside the canvas, a space.
  private mutating func putWide(_ x: Int, _ y: Int, _ scalar: UInt32, _ style: UInt16) {
    put(x, y, 32, style)
    put(x + 1, y, 32, style)
    guard x >= 0, x + 1 < width, y >= 0, y < height else { return }
    cells[y * width + x] = Cell(scalar: scalar, style: style)
    cells[y * width + x + 1] = Cell(scalar: 0, style: style)
  }

  /// What is drawn for a scalar: itself, or a stand-in where a terminal could not show it safely.
  private static func drawable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    let value = scalar.value
    if value >= 32, value < 127 { return scalar }
    if value == 9 { return " " }
    // Two regional indicators are one flag on some terminals and two letters on others: always letters here.
    if value >= 0x1F1E6, value <= 0x1F1FF { return Unicode.Scalar(UInt8(65 + value - 0x1F1E6)) }
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .unassigned, .privateUse, .lineSeparator, .paragraphSeparator: return "?"
    default: return scalar
    }
  }
}
