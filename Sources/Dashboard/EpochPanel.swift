import Formatting
import RunModel
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

  /// Rows the whole table takes, the frame included.
  var fullHeight: Int { max(1, run.epochs.count) + 4 }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 4, area.width >= 30 else { return }
    let palette = painter.palette
    var inner = painter.panel(area, "Epochs", palette.style(.processBox))
    let columns = fittingColumns(inner.width - 5)
    if inner.height >= 5 { drawGroups(columns, in: inner.takeTop(1), with: &painter) }
    let header = inner.takeTop(1)
    painter.text(header.x, header.y, width: 3, "no.", palette.quiet, .right)
    var x = header.x + 5
    for column in columns {
      painter.text(x, header.y, width: column.width, column.title, palette.quiet, .right)
      x += column.width + 1
    }
    if run.epochs.isEmpty {
      painter.text(inner.x, inner.y, width: inner.width, "the first epoch is not complete yet", palette.quiet)
    }
    for (index, epoch) in run.epochs.suffix(inner.height).enumerated() {
      drawRow(epoch, columns, y: inner.y + index, x: inner.x, with: &painter)
    }
  }

  /// The words above the columns: which split they belong to.
  private func drawGroups(_ columns: [Column], in row: Rect, with painter: inout Painter) {
    var x = row.x + 5
    for (isDev, word) in [(false, "train"), (true, "dev")] {
      let group = columns.filter { $0.isDev == isDev }
      let width = group.reduce(0) { $0 + $1.width + 1 } - 1
      guard width > 0 else { continue }
      let gap = isDev ? 1 : 0
      for column in gap..<width { painter.canvas.put(x + column, row.y, "─", painter.palette.grid) }
      let text = " \(word) "
      painter.text(
        x + max(0, (width - text.count) / 2), row.y, text, isDev ? painter.palette.text : painter.palette.label)
      x += width + 1
    }
  }

  private func drawRow(_ epoch: EpochRecord, _ columns: [Column], y: Int, x: Int, with painter: inout Painter) {
    let palette = painter.palette
    let evaluation = run.evaluations.last { $0.epoch == epoch.epoch }
    let isBest = run.best != nil && run.best?.epoch == epoch.epoch
    painter.text(x, y, width: 3, "\(epoch.epoch + 1)", isBest ? palette.value : palette.text, .right)
    if isBest { painter.text(x + 3, y, "★", palette.best) }
    var column = x + 5
    for entry in columns {
      let style = entry.isDev ? (isBest ? palette.value : palette.text) : palette.label
      painter.text(column, y, width: entry.width, entry.text(epoch, evaluation), style, .right)
      column += entry.width + 1
    }
  }

  /// The columns that fit, the most telling first.
  private func fittingColumns(_ width: Int) -> [Column] {
    func percent(_ share: Double?) -> String { share.map { NumberText.fixed($0 * 100, decimals: 2) } ?? "-" }
    let all: [(rank: Int, column: Column)] = [
      (0, Column(title: "loss", width: 6, isDev: false) { epoch, _ in NumberText.short(epoch.averageLoss) }),
      (5, Column(title: "A", width: 6, isDev: false) { epoch, _ in percent(epoch.counts.accuracyA) }),
      (6, Column(title: "B", width: 6, isDev: false) { epoch, _ in percent(epoch.counts.accuracyB) }),
      (1, Column(title: "loss", width: 7, isDev: true) { _, dev in NumberText.short(dev?.loss) }),
      (2, Column(title: "A", width: 6, isDev: true) { _, dev in percent(dev?.counts.accuracyA) }),
      (3, Column(title: "B", width: 6, isDev: true) { _, dev in percent(dev?.counts.accuracyB) }),
      (4, Column(title: "F1", width: 6, isDev: true) { _, dev in percent(dev?.entityF1) }),
      (7, Column(title: "exact", width: 6, isDev: true) { _, dev in percent(dev?.exactMatch) }),
    ]
    let count = max(0, width / 7)
    return all.filter { $0.rank < count }.map(\.column)
  }
}
