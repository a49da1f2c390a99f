import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The processes that train the run together: which of them the others wait for.
struct RanksPanel {
  let run: RunState

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24, let sample = run.ranks else { return }
    let palette = painter.palette
    var inner = painter.panel(area, "Ranks", palette.line(.networkBox))
    let hosts = max(8, min(inner.width - 43, sample.ranks.map { CharacterWidth.columns(of: $0.host) }.max() ?? 8))
    let header = inner.takeTop(1)
    painter.text(header.x, header.y, width: 5, "rank", palette.quiet, .right)
    painter.text(header.x + 6, header.y, "host", palette.quiet)
    var x = header.x + 6 + hosts
    for title in ["ms a step", "waits", "memory"] {
      painter.text(x, header.y, width: 10, title, palette.quiet, .right)
      x += 10
    }
    for (rank, value) in sample.ranks.prefix(inner.height).enumerated() {
      let y = inner.y + rank
      painter.text(inner.x, y, width: 5, "\(rank)", palette.label, .right)
      painter.text(inner.x + 6, y, width: hosts, CharacterWidth.clipMiddle(value.host, columns: hosts), palette.text)
      let isSlowest = rank == sample.slowest
      let figures = [
        NumberText.fixed(value.secondsAStep * 1e3, decimals: 1),
        NumberText.fixed(value.waiting * 100, decimals: 0) + "%",
        value.residentBytes > 0 ? NumberText.compact(Double(value.residentBytes)) + "B" : "–",
      ]
      for (column, text) in figures.enumerated() {
        let style = column == 0 && isSlowest ? palette.style(.logWarning, .bold) : palette.value
        painter.text(inner.x + 6 + hosts + 10 * column, y, width: 10, text, style, .right)
      }
      if isSlowest { painter.text(inner.x + 37 + hosts, y, width: inner.width - 37 - hosts, "slowest", palette.label) }
    }
    let hidden = sample.ranks.count - inner.height
    if hidden > 0 {
      let text = " \(inner.height) of \(sample.ranks.count) shown "
      painter.text(area.right - text.count - 2, area.bottom - 1, text, palette.quiet)
    }
  }
}
