import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// A table with a row an epoch, newest below: train and dev figures side by side.
struct EpochPanel {
  let run: RunState
  /// Rows scrolled back from the newest.
  var offset = 0

  private struct Column {
    let title: String
    let width: Int
    let isDev: Bool
    let text: (EpochRecord, EvaluationRecord?) -> String
  }

  /// Rows the whole table takes, the frame included.
  static func fullHeight(epochs: Int) -> Int { max(1, epochs) + 4 }

  /// Epochs that a panel has room for.
  static func rows(in area: Rect) -> Int { max(0, area.height - (hasGroups(area) ? 4 : 3)) }

  /// Whether there is a row for the words above the columns.
  private static func hasGroups(_ area: Rect) -> Bool { area.height >= 5 }

  /// Columns of the epochs' numbers.
  private var numberWidth: Int { max(3, String(run.epochs.last?.epoch ?? 0).count) }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 4, area.width >= 30 else { return }
    let palette = painter.palette
    let rows = Self.rows(in: area)
    let end = run.epochs.count - min(offset, max(0, run.epochs.count - rows))
    let title = end < run.epochs.count ? "Epochs, \(run.epochs.count - end) back" : "Epochs"
    var inner = painter.panel(area, title, palette.line(.processBox))
    let columns = fittingColumns(inner.width - numberWidth - 2)
    if Self.hasGroups(area) { drawGroups(columns, in: inner.takeTop(1), with: &painter) }
    let header = inner.takeTop(1)
    painter.text(header.x, header.y, width: numberWidth, "no.", palette.quiet, .right)
    var x = header.x + numberWidth + 2
    for column in columns {
      painter.text(x, header.y, width: column.width, column.title, palette.quiet, .right)
      x += column.width + 1
    }
    if run.epochs.isEmpty {
      painter.text(inner.x, inner.y, width: inner.width, hint, palette.quiet)
    }
    for (index, epoch) in run.epochs[..<end].suffix(rows).enumerated() {
      drawRow(epoch, columns, y: inner.y + index, x: inner.x, with: &painter)
    }
  }

  /// When the first row comes.
  private var hint: String {
    guard let last = run.lastStep, last.batches > 0 else { return "a row an epoch; the first when epoch 0 ends" }
    return
      "epoch \(last.epoch): \(100 * max(0, min(last.batch, last.batches)) / last.batches)% done; its row comes at its end"
  }

  /// The words above the columns: which split they belong to.
  private func drawGroups(_ columns: [Column], in row: Rect, with painter: inout Painter) {
    var x = row.x + numberWidth + 2
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
    let evaluation = run.evaluationPoints.lastIndex { $0.epoch == epoch.epoch }.map { run.evaluations[$0] }
    let isBest = run.best != nil && run.best?.epoch == epoch.epoch
    painter.text(x, y, width: numberWidth, "\(epoch.epoch)", isBest ? palette.value : palette.text, .right)
    if isBest { painter.text(x + numberWidth, y, "★", palette.best) }
    var column = x + numberWidth + 2
    for entry in columns {
      let style = entry.isDev ? (isBest ? palette.value : palette.text) : palette.label
      painter.text(column, y, width: entry.width, entry.text(epoch, evaluation), style, .right)
      column += entry.width + 1
    }
  }

  /// The columns that fit, the most informative first.
  private func fittingColumns(_ width: Int) -> [Column] {
    func percent(_ share: Double?) -> String { share.map { NumberText.fixed($0 * 100, decimals: 2) } ?? "–" }
    func share(_ task: ModelTask, _ rank: Int, isDev: Bool) -> (rank: Int, column: Column) {
      (
        rank,
        Column(title: task.rawValue, width: 6, isDev: isDev) { epoch, dev in
          percent((isDev ? dev?.counts : epoch.counts)?.accuracy(task))
        }
      )
    }
    var all: [(rank: Int, column: Column)] = [
      (0, Column(title: "loss", width: 6, isDev: false) { epoch, _ in NumberText.short(epoch.averageLoss) })
    ]
    for task in run.tasks { all.append(share(task, task == .sentence ? 5 : 6, isDev: false)) }
    all.append(
      (1, Column(title: "loss", width: 7, isDev: true) { _, dev in NumberText.short(dev?.loss) }))
    for task in run.tasks { all.append(share(task, task == .sentence ? 2 : 3, isDev: true)) }
    if run.tasks.contains(.words) {
      all.append((4, Column(title: "F1", width: 6, isDev: true) { _, dev in percent(dev?.entityF1) }))
    }
    all.append((7, Column(title: "exact", width: 6, isDev: true) { _, dev in percent(dev?.exactMatch) }))
    // Where a task is missing, the ranks behind it move up.
    let ranks = all.map(\.rank).sorted()
    let count = max(0, width / 7)
    return all.filter { entry in ranks.firstIndex(of: entry.rank).map { $0 < count } ?? false }.map(\.column)
  }
}
