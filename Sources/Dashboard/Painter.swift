import Formatting
import TerminalCanvas
import Themes

/// A canvas with the look of the moment: what every panel draws with.
struct Painter {
  var canvas: Canvas
  let palette: Palette
  let glyphs: GlyphSet
  /// The panel that keys go to, where it was chosen.
  var focus: PanelID?
  /// What the mouse can meet, in the order of drawing.
  var regions: [HitRegion] = []
  var kept = KeptFrame()

  init(canvas: Canvas, palette: Palette, glyphs: GlyphSet, focus: PanelID? = nil) {
    self.canvas = canvas
    self.palette = palette
    self.glyphs = glyphs
    self.focus = focus
  }

  /// The finished canvas, without anything the glyph set does not allow.
  consuming func finish() -> (canvas: Canvas, regions: [HitRegion]) {
    if glyphs == .ascii { canvas.transliterateToASCII() }
    return (canvas, regions)
  }

  @discardableResult
  mutating func text(_ x: Int, _ y: Int, _ text: String, _ style: Style) -> Int { canvas.text(x, y, text, style) }

  mutating func text(
    _ x: Int, _ y: Int, width: Int, _ text: String, _ style: Style, _ alignment: TextAlignment = .left
  ) {
    canvas.text(x, y, width: width, text, style, alignment)
  }

  /// Draws styled pieces one after the other, clipped to a width; returns the columns used.
  @discardableResult
  mutating func pieces(_ x: Int, _ y: Int, width: Int, _ pieces: [(String, Style)]) -> Int {
    var column = x
    for (text, style) in pieces {
      let free = x + width - column
      guard free > 0 else { break }
      canvas.text(column, y, width: free, text, style)
      column += min(free, CharacterWidth.columns(of: text))
    }
    return column - x
  }

  /// Draws a panel's frame with its title in the upper edge; returns the space inside, one column of air left and right.
  mutating func panel(_ rect: Rect, _ title: String, _ border: Style) -> Rect {
    canvas.frame(rect, isFocused ? palette.style(.highlight) : border, rounded: glyphs == .braille)
    if rect.width >= 6, !title.isEmpty {
      text(rect.x + 2, rect.y, width: rect.width - 4, " \(title) ", palette.strong)
    }
    return rect.inset(2, 1)
  }

  /// The panel being drawn.
  private(set) var current: PanelID? = nil
  var isFocused: Bool { current != nil && current == focus }

  /// Draws a panel so that the mouse and the focus find it.
  ///
  /// `content`: as in `part`.
  mutating func panel(_ id: PanelID, in rect: Rect, _ content: KeptFrame.Content?, _ draw: (inout Painter) -> Void) {
    guard !rect.isEmpty else { return }
    regions.append(HitRegion(rect: rect, target: .panel(id)))
    current = id
    part(.panel(id), in: rect, content, draw)
    current = nil
  }

  /// Draws a part of the screen.
  ///
  /// `content`: what it shows; where the last frame shows the same, its cells are taken. nil draws it in any case.
  mutating func part(
    _ part: KeptFrame.Part, in rect: Rect, _ content: KeptFrame.Content?, _ draw: (inout Painter) -> Void
  ) {
    let key = content.map {
      KeptFrame.Picture.Key(
        area: rect, isFocused: isFocused, look: kept.revisions.look, choices: kept.revisions.choices, content: $0)
    }
    if let picture = kept.pictures[part], picture.key == key, canvas.put(picture.patch) {
      regions += picture.regions
      return
    }
    let before = regions.count
    draw(&self)
    guard let key, let patch = canvas.patch(rect) else { return }
    kept.pictures[part] = KeptFrame.Picture(key: key, patch: patch, regions: Array(regions[before...]))
  }

  /// A bar of a line's height, so that one row can be distinguished from the next.
  mutating func thinBar(_ x: Int, _ y: Int, width: Int, value: Double, style: (Double) -> Style) {
    let share = value.isFinite ? min(max(value, 0), 1) : 0
    let filled = share > 0 ? max(1, Int((share * Double(width)).rounded())) : 0
    for cell in 0..<max(0, width) {
      let isFilled = cell < filled
      canvas.put(
        x + cell, y, isFilled ? (glyphs == .ascii ? "=" : "━") : glyphs == .ascii ? "." : "─",
        isFilled ? style(Double(cell) / Double(max(1, width - 1))) : palette.grid)
    }
  }

  mutating func bar(_ x: Int, _ y: Int, width: Int, value: Double, style: @escaping (Double) -> Style) {
    canvas.bar(x, y, width: width, value: value, glyphs: glyphs, track: palette.track, style: style)
  }
}

/// How wide styled pieces are together, in columns.
func columns(of pieces: [(String, Style)]) -> Int {
  pieces.reduce(0) { $0 + CharacterWidth.columns(of: $1.0) }
}
