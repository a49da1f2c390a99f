import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The newest lines of the log, each after the step it belongs to.
struct LogPanel {
  let entries: [LogEntry]
  /// Lines scrolled back from the newest.
  let offset: Int
  /// The least level shown.
  var level = LogLine.Level.info

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 1, area.width >= 20 else { return }
    let palette = painter.palette
    let name = level == .info ? "Log" : level == .warning ? "Log, warnings and errors" : "Log, errors"
    let title = offset > 0 ? "\(name), \(offset) back" : name
    // One or two lines stand without a frame.
    let inner = area.height < 3 ? area.inset(1, 0) : painter.panel(area, title, palette.style(.dividerLine))
    let shown = entries.dropLast(min(offset, max(0, entries.count - 1))).suffix(inner.height)
    let stepWidth = max(1, shown.map { NumberText.grouped($0.step).count }.max() ?? 1)
    for (index, entry) in shown.enumerated() {
      let row = inner.y + index
      painter.text(inner.x, row, width: stepWidth, NumberText.grouped(entry.step), palette.quiet, .right)
      let (mark, style) = look(entry.level, palette)
      painter.text(inner.x + stepWidth + 1, row, mark, style)
      painter.text(
        inner.x + stepWidth + 3, row, width: inner.width - stepWidth - 3, entry.text,
        entry.level == .info ? palette.text : style)
    }
  }

  private func look(_ level: LogLine.Level, _ palette: Palette) -> (String, Style) {
    switch level {
    case .info: ("·", palette.quiet)
    case .warning: ("!", palette.style(.logWarning, .bold))
    case .error: ("✗", palette.style(.logError, .bold))
    }
  }
}
