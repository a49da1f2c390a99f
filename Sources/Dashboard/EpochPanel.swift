import TerminalCanvas
import Themes
import TrainingEvents

/// A table with a row an epoch, newest below: train and dev figures side by side.
struct EpochPanel {
  let run: RunState

  private struct Column {
    let title: String
    let width: Int
    let isDev: Bool
    let text: (EpochRecord, EvaluationRecord?) -> String
  }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 4, area.width >= 30 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, "Epochs", palette.style(.processBox))
    let columns = fittingColumns(inner.width - 7)
    painter.text(inner.x, inner.y, width: 5, "epoch", palette.label, .right)
    var x = inner.x + 7
    for column in columns {
      painter.text(x, inner.y, width: column.width, column.title, palette.label, .right)
      x += column.width + 2
    }
    let rows = run.epochs.suffix(max(0, inner.height - 1))
    if rows.isEmpty {
      painter.text(inner.x, inner.y + 1, width: inner.width, "none complete yet", palette.quiet)
    }
    for (index, epoch) in rows.enumerated() {
      drawRow(epoch, columns, y: inner.y + 1 + index, x: inner.x, with: &painter)
    }
  }

  private func drawRow(_ epoch: EpochRecord, _ columns: [Column], y: Int, x: Int, with painter: inout Painter) {
    let palette = painter.palette
    let evaluation = run.evaluations.last { $0.epoch == epoch.epoch }
    let isBest = run.best != nil && run.best?.epoch == epoch.epoch
    painter.text(x, y, width: 5, "\(epoch.epoch + 1)", isBest ? palette.value : palette.text, .right)
    if isBest { painter.text(x + 5, y, "★", palette.best) }
    var column = x + 7
    for entry in columns {
      let style = entry.isDev ? (isBest ? palette.value : palette.text) : palette.label
      painter.text(column, y, width: entry.width, entry.text(epoch, evaluation), style, .right)
      column += entry.width + 2
    }
  }

  /// The columns that fit, dev's before train's where there is no room for all.
  private func fittingColumns(_ width: Int) -> [Column] {
    func percent(_ share: Double?) -> String { share.map { NumberText.fixed($0 * 100, decimals: 2) } ?? "-" }
    let all: [(rank: Int, column: Column)] = [
      (0, Column(title: "loss", width: 6, isDev: false) { epoch, _ in NumberText.short(epoch.averageLoss) }),
      (5, Column(title: "A", width: 5, isDev: false) { epoch, _ in percent(epoch.counts.accuracyA) }),
      (6, Column(title: "B", width: 5, isDev: false) { epoch, _ in percent(epoch.counts.accuracyB) }),
      (1, Column(title: "dev", width: 6, isDev: true) { _, dev in dev.map { NumberText.short($0.loss) } ?? "-" }),
      (2, Column(title: "A", width: 5, isDev: true) { _, dev in percent(dev?.counts.accuracyA) }),
      (3, Column(title: "B", width: 5, isDev: true) { _, dev in percent(dev?.counts.accuracyB) }),
      (4, Column(title: "F1", width: 5, isDev: true) { _, dev in percent(dev?.entityF1) }),
      (7, Column(title: "exact", width: 5, isDev: true) { _, dev in percent(dev?.exactMatch) }),
    ]
    var used = -2
    var chosen: Set<Int> = []
    for entry in all.sorted(by: { $0.rank < $1.rank }) {
      guard used + entry.column.width + 2 <= width else { break }
      used += entry.column.width + 2
      chosen.insert(entry.rank)
    }
    return all.filter { chosen.contains($0.rank) }.map(\.column)
  }
}
