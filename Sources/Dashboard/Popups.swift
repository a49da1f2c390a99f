import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// A box over the dimmed dashboard.
func dialog(
  _ title: String, width: Int, height: Int, over area: Rect, with painter: inout Painter
) -> Rect {
  painter.canvas.restyle(area, painter.palette.shade)
  let box = area.centered(width: width, height: height)
  painter.regions.append(HitRegion(rect: box, target: .dialog))
  painter.canvas.fill(box, " ", painter.palette.text)
  return painter.panel(box, title, painter.palette.style(.highlight))
}

/// Every key, from the table that also drives dispatch, in two columns where there is room.
struct HelpPopup {
  /// Lines scrolled down, where not all fit.
  let offset: Int
  let role: SessionRole

  private enum Line {
    case heading(String)
    case binding(KeyBinding)
    case words(String)
    case sign(String, String)
    case empty
  }

  /// The sections, each as its lines.
  private static let sections: [[Line]] =
    KeyBinding.sections.map { [.heading($0.title)] + $0.bindings.map { .binding($0) } } + [
      [
        .heading("Mouse"), .words("The wheel zooms and scrolls, a drag pans,"),
        .words("a click reads out, focuses and presses keys."),
      ], [.heading("Signs on the curves")] + signs.map { .sign($0.sign, $0.meaning) },
    ]

  /// What stands on the curves.
  static let signs: [(sign: String, meaning: String)] =
    [
      ("━", "Bold line: the running mean while training"), ("⣿", "Faint band: smallest to largest of single steps"),
      ("┈", "Dotted line: from one dev figure to the next"), ("● ▲ ■", "Dev: the total loss, task A, task B"),
      ("★", "The best on dev, by what the run selects"), ("~", "The running mean where the curves are read out"),
    ] + RunMark.Kind.allCases.map { (String(Character($0.glyph)), "At the lower edge: " + $0.word) }

  private static func flow(_ sections: ArraySlice<[Line]>) -> [Line] {
    Array(sections.joined(separator: [.empty]))
  }

  /// All lines in one column, or in two that are about as long.
  private static func columns(_ count: Int) -> [[Line]] {
    guard count == 2 else { return [flow(sections[...])] }
    let ways = (1..<sections.count).map { [flow(sections[..<$0]), flow(sections[$0...])] }
    func height(_ way: [[Line]]) -> Int { way.map(\.count).max() ?? 0 }
    return ways.min { height($0) < height($1) } ?? ways[0]
  }

  private var labels: Int { KeyBinding.all.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0 }

  /// The columns of text for a screen: each one's lines, and how wide they are.
  private func columns(over area: Rect) -> (columns: [[Line]], width: Int) {
    let texts = KeyBinding.all.map { CharacterWidth.columns(of: $0.explanation(for: role)) }.max() ?? 0
    let width = labels + 2 + texts
    return (Self.columns(area.width >= 2 * width + 7 ? 2 : 1), width)
  }

  /// Lines that a screen has no room for.
  func hidden(over area: Rect) -> Int {
    let rows = columns(over: area).columns.map(\.count).max() ?? 0
    return max(0, rows - (min(rows + 2, area.height) - 2))
  }

  func draw(over area: Rect, with painter: inout Painter) {
    let (columns, width) = columns(over: area)
    let rows = columns.map(\.count).max() ?? 0
    var inner = dialog(
      "Keys and signs", width: columns.count * (width + 3) + 1, height: rows + 2, over: area, with: &painter)
    let hidden = hidden(over: area)
    let first = min(offset, hidden)
    for (index, lines) in columns.enumerated() {
      let x = inner.x + index * (width + 3)
      for (row, line) in lines.dropFirst(first).prefix(inner.height).enumerated() {
        let place = Rect(x: x, y: inner.y + row, width: min(width, inner.right - x), height: 1)
        draw(line, labels: labels, in: place, with: &painter)
      }
    }
    guard hidden > 0 else { return }
    let edge = inner.takeBottom(1)
    let text = " \(first + 1)-\(first + inner.height + 1) of \(rows) lines, up and down scroll "
    painter.text(edge.right - text.count, edge.bottom, text, painter.palette.label)
  }

  private func draw(_ line: Line, labels: Int, in row: Rect, with painter: inout Painter) {
    let palette = painter.palette
    switch line {
    case .heading(let title): painter.text(row.x, row.y, width: row.width, title, palette.strong)
    case .binding(let binding):
      painter.text(row.x, row.y, width: labels, binding.label, palette.key, .right)
      painter.text(
        row.x + labels + 2, row.y, width: row.width - labels - 2, binding.explanation(for: role),
        palette.text)
    case .words(let words): painter.text(row.x, row.y, width: row.width, words, palette.label)
    case .sign(let sign, let meaning):
      painter.text(row.x, row.y, width: labels, sign, palette.key, .right)
      painter.text(row.x + labels + 2, row.y, width: row.width - labels - 2, meaning, palette.text)
    case .empty: break
    }
  }
}
