extension Canvas {
  /// The rows as plain strings, trailing spaces kept.
  public func plainRows() -> [String] {
    (0..<height).map { y in
      var row = String.UnicodeScalarView()
      for x in 0..<width {
        let cell = self[x, y]
        if cell.scalar != 0 { row += text(of: cell) }
      }
      return String(row)
    }
  }

  /// The whole canvas as text with ANSI colour sequences (SGR, true colour), a line a row.
  public func ansi() -> String {
    var output = ""
    for y in 0..<height {
      var current: UInt16?
      for x in 0..<width {
        let cell = self[x, y]
        if cell.scalar == 0 { continue }
        if cell.style != current {
          output += Self.selectGraphicRendition(styles[Int(cell.style)])
          current = cell.style
        }
        output.unicodeScalars += text(of: cell)
      }
      output += "\u{1B}[0m\n"
    }
    return output
  }

  func text(of cell: Cell) -> [Unicode.Scalar] { scalars(of: cell).map { Unicode.Scalar($0) ?? "?" } }

  private static func selectGraphicRendition(_ style: Style) -> String {
    var codes = ["0"]
    let attributes = style.attributes(hasColors: true)
    for (attribute, code) in attributeCodes where attributes.contains(attribute) { codes.append(code) }
    if let color = style.foreground { codes.append("38;2;\(color.red);\(color.green);\(color.blue)") }
    if let color = style.background { codes.append("48;2;\(color.red);\(color.green);\(color.blue)") }
    return "\u{1B}[" + codes.joined(separator: ";") + "m"
  }

  private static let attributeCodes: [(Style.Attributes, String)] = [
    (.bold, "1"), (.dim, "2"), (.italic, "3"), (.underline, "4"), (.reverse, "7"),
  ]
}
