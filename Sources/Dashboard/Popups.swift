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

/// Every key, from the table that also drives dispatch.
struct HelpPopup {
  /// Lines scrolled down, where not all fit.
  let offset: Int

  func draw(over area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let bindings = KeyBinding.all
    let labels = bindings.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0
    let texts = bindings.map { CharacterWidth.columns(of: $0.explanation) }.max() ?? 0
    let columnWidth = labels + texts + 4
    let columns = area.width >= 2 * columnWidth + 6 && area.height < bindings.count + 4 ? 2 : 1
    let rows = (bindings.count + columns - 1) / columns
    var inner = dialog("Keys", width: columns * columnWidth + 4, height: rows + 2, over: area, with: &painter)
    let hidden = max(0, bindings.count - inner.height * columns)
    let first = min(offset, hidden)
    let shown = bindings[first...].prefix(inner.height * columns)
    for (index, binding) in shown.enumerated() {
      let x = inner.x + index / max(1, inner.height) * columnWidth
      let row = inner.y + index % max(1, inner.height)
      painter.text(x, row, width: labels, binding.label, palette.key, .right)
      painter.text(
        x + labels + 2, row, width: min(texts, inner.right - x - labels - 2), binding.explanation, palette.text)
    }
    guard hidden > 0 else { return }
    let edge = inner.takeBottom(1)
    let text = " \(first + 1)-\(first + shown.count) of \(bindings.count), up and down scroll "
    painter.text(edge.right - text.count, edge.bottom, text, palette.label)
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
