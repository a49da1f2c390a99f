extension Canvas {
  /// Draws a frame with rounded corners along the inner edge of a rectangle; nothing where it does not fit.
  public mutating func frame(_ rect: Rect, _ style: Style, rounded: Bool = true) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let right = rect.right - 1
    let bottom = rect.bottom - 1
    for x in (rect.x + 1)..<max(rect.x + 1, right) {
      put(x, rect.y, "─", style)
      put(x, bottom, "─", style)
    }
    for y in (rect.y + 1)..<max(rect.y + 1, bottom) {
      put(rect.x, y, "│", style)
      put(right, y, "│", style)
    }
    put(rect.x, rect.y, rounded ? "╭" : "┌", style)
    put(right, rect.y, rounded ? "╮" : "┐", style)
    put(rect.x, bottom, rounded ? "╰" : "└", style)
    put(right, bottom, rounded ? "╯" : "┘", style)
  }

  /// Gives everything in a rectangle one look, keeping the characters: what lies behind a dialog.
  public mutating func restyle(_ rect: Rect, _ style: Style) {
    let index = intern(style)
    for y in max(0, rect.y)..<max(max(0, rect.y), min(height, rect.bottom)) {
      for x in max(0, rect.x)..<max(max(0, rect.x), min(width, rect.right)) {
        cells[y * width + x].style = index
      }
    }
  }
}
