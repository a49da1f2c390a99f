import TerminalCanvas
import Themes
import TrainingEvents

/// A box over the dimmed dashboard.
private func dialog(
  _ title: String, width: Int, height: Int, over area: Rect, with painter: inout Painter
) -> Rect {
  painter.canvas.restyle(area, painter.palette.shade)
  let box = area.centered(width: width, height: height)
  painter.canvas.fill(box, " ", painter.palette.text)
  return painter.panel(box, title, painter.palette.style(.highlight))
}

/// Every key, from the table that also drives dispatch, in two columns where there is room.
struct HelpPopup {
  /// Lines scrolled down, where not all fit.
  let offset: Int

  private enum Line {
    case heading(String)
    case binding(KeyBinding)
    case words(String)
    case empty
  }

  /// The sections, each as its lines.
  private static let sections: [[Line]] =
    KeyBinding.sections.map { [.heading($0.title)] + $0.bindings.map { .binding($0) } } + [
      [
        .heading("Mouse"), .words("The wheel zooms and scrolls, a drag pans,"),
        .words("a click reads out, focuses and presses keys."),
      ]
    ]

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

  func draw(over area: Rect, with painter: inout Painter) {
    let bindings = KeyBinding.all
    let labels = bindings.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0
    let texts = bindings.map { CharacterWidth.columns(of: $0.explanation) }.max() ?? 0
    let width = labels + 2 + texts
    let columns = Self.columns(area.width >= 2 * width + 7 ? 2 : 1)
    let rows = columns.map(\.count).max() ?? 0
    var inner = dialog(
      "Keys", width: columns.count * (width + 3) + 1, height: rows + 2, over: area, with: &painter)
    let hidden = max(0, rows - inner.height)
    let first = min(offset, hidden)
    painter.regions.append(HitRegion(rect: inner, target: .help(hidden: hidden)))
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
      painter.text(row.x + labels + 2, row.y, width: row.width - labels - 2, binding.explanation, palette.text)
    case .words(let words): painter.text(row.x, row.y, width: row.width, words, palette.label)
    case .empty: break
    }
  }
}

/// How to stop: three choices, one marked.
struct StopDialog {
  let marked: StopMode
  let phase: RunPhase

  func draw(over area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let width = 58
    let inner = dialog("Stop training?", width: width, height: 9, over: area, with: &painter)
    for (index, mode) in StopMode.allCases.enumerated() {
      let row = inner.y + 1 + index
      let (key, title, detail) = words(mode)
      if mode == marked {
        painter.canvas.fill(Rect(x: inner.x, y: row, width: inner.width, height: 1), " ", palette.selected)
        painter.text(inner.x, row, width: inner.width, "▶ \(key)  \(title)", palette.selected)
        painter.text(inner.x + 22, row, width: inner.width - 22, detail, palette.selected)
      } else {
        painter.text(inner.x + 2, row, key, palette.key)
        painter.text(inner.x + 5, row, width: 17, title, palette.value)
        painter.text(inner.x + 22, row, width: inner.width - 22, detail, palette.label)
      }
    }
    painter.pieces(
      inner.x, inner.y + 5, width: inner.width,
      [
        ("Enter", palette.key), (" takes the marked one   ", palette.label), ("Esc", palette.key),
        (" goes back", palette.label),
      ])
  }

  private func words(_ mode: StopMode) -> (key: String, title: String, detail: String) {
    switch mode {
    case .saveAndStop: ("s", "save and stop", "write a checkpoint, then end")
    case .finishEpoch:
      ("f", "finish the epoch", phase == .paused ? "resume to its end, then save" : "train to its end, then save")
    case .stopNow: ("n", "stop now", "write nothing more")
    }
  }
}
