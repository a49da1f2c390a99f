extension Canvas {
  /// Draws a horizontal bar of `width` cells filled to `value` in 0...1, in eighths of a cell where glyphs allow.
  ///
  /// `style` gives each cell's look by its place along the bar, in 0...1, so that a bar can carry a gradient.
  public mutating func bar(
    _ x: Int, _ y: Int, width: Int, value: Double, glyphs: GlyphSet, track: Style, style: (Double) -> Style
  ) {
    guard width > 0 else { return }
    let share = value.isFinite ? min(max(value, 0), 1) : 0
    let eighths = Int((share * Double(width * 8)).rounded())
    for cell in 0..<width {
      let filled = eighths - cell * 8
      let look = filled > 0 ? style(Double(cell) / Double(max(1, width - 1))) : track
      put(x + cell, y, Self.barGlyph(filled, glyphs), filled > 0 && filled < 8 ? Self.over(track, look) : look)
    }
  }

  /// The character for a cell with so many eighths filled.
  private static func barGlyph(_ filled: Int, _ glyphs: GlyphSet) -> Unicode.Scalar {
    if glyphs == .ascii { return filled >= 8 ? "#" : filled >= 4 ? "=" : filled > 0 ? "-" : "." }
    if filled >= 8 { return "█" }
    if filled <= 0 { return " " }
    return Unicode.Scalar(0x2590 - UInt32(filled)) ?? "▌"
  }

  /// A partly filled cell shows the track behind it.
  private static func over(_ track: Style, _ look: Style) -> Style {
    Style(foreground: look.foreground, background: track.background, attributes: look.attributes)
  }

  /// Draws the newest values as bars, one a column of cells, right-aligned; each in eighths of a cell's height.
  ///
  /// Values are shares of the tallest, in 0...1; one that is not finite leaves a gap. Over several rows each row has the
  /// look of its height, on a single one each bar that of its own.
  public mutating func sparkline(
    _ x: Int, _ y: Int, width: Int, height: Int = 1, values: [Double], glyphs: GlyphSet, style: (Double) -> Style
  ) {
    guard width > 0, height > 0 else { return }
    let shown = values.suffix(width)
    var column = x + width - shown.count
    for value in shown {
      if value.isFinite {
        let share = min(max(value, 0), 1)
        let eighths = min(8 * height - 1, Int(share * Double(8 * height)))
        for row in 0...(eighths / 8) {
          let level = min(7, eighths - 8 * row)
          let scalar: Unicode.Scalar =
            glyphs == .ascii
            ? ["_", "_", ".", ".", "-", "-", "'", "'"][level] : Unicode.Scalar(0x2581 + UInt32(level)) ?? "▁"
          put(column, y + height - 1 - row, scalar, style(height == 1 ? share : (Double(row) + 0.5) / Double(height)))
        }
      }
      column += 1
    }
  }
}
