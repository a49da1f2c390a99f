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
  func draw(over area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let labels = KeyBinding.all.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0
    let texts = KeyBinding.all.map { CharacterWidth.columns(of: $0.explanation) }.max() ?? 0
    let inner = dialog(
      "Keys", width: labels + texts + 8, height: KeyBinding.all.count + 2, over: area, with: &painter)
    for (index, binding) in KeyBinding.all.prefix(inner.height).enumerated() {
      let row = inner.y + index
      painter.text(inner.x, row, width: labels, binding.label, palette.key, .right)
      painter.text(inner.x + labels + 2, row, width: inner.width - labels - 2, binding.explanation, palette.text)
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
