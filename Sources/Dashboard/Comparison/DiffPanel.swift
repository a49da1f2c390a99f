import Comparison
import Formatting
import LoggedRuns
import TerminalCanvas
import Themes

/// Beside the curves: what the drawn runs were configured differently in, and how their groups do.
struct DiffPanel {
  let model: ComparisonModel
  private static let narrowestKey = 8
  private static let narrowestValue = 9
  /// What "+12", the number of runs without a column, takes.
  private static let restWidth = 4

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.width >= 20, area.height >= 3 else { return }
    let diff = model.diff
    let differing = diff.total > 0 ? ": \(diff.differing.count) of \(diff.total) differ" : ""
    let inner = painter.panel(area, "Configuration" + differing, painter.palette.style(.memoryBox))
    var rest = inner
    if model.showsGroups, let metric = groupedMetric {
      // Groups without the metric take no line.
      let measured = model.groups.compactMap { group in group.statistics(model.drawn, metric).map { (group.name, $0) } }
      let area = rest.takeBottom(min(measured.count + 1, inner.height / 2))
      drawGroups(measured, by: metric, in: area, with: &painter)
    }
    drawKeys(in: rest, with: &painter)
  }

  private func drawKeys(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let runs = model.drawn.filter { !$0.configuration.isEmpty }
    guard runs.count > 1 else {
      let text = model.drawn.count > 1 ? "these logs hold no configuration" : "mark two runs to compare them (space)"
      return painter.text(area.x, area.y, width: area.width, text, palette.quiet)
    }
    guard !model.diff.differing.isEmpty else {
      return painter.text(area.x, area.y, width: area.width, "the drawn runs are configured alike", palette.quiet)
    }
    let keys = model.diff.differing.prefix(max(0, area.height - 1))
    let longest = keys.map { CharacterWidth.columns(of: $0) }.max() ?? 0
    let columns = runs.map { run in keys.map { run.configuration[$0]?.description ?? "–" } }
    let needed = columns.map { texts in max(4, texts.map { CharacterWidth.columns(of: $0) }.max() ?? 0) + 1 }
    let widths = Self.widths(of: needed, keys: longest + 1, in: area.width)
    let keyWidth = min(longest + 1, area.width - widths.reduce(0, +) - (widths.count < runs.count ? Self.restWidth : 0))
    drawNames(of: keys, in: Rect(x: area.x, y: area.y + 1, width: keyWidth - 1, height: keys.count), with: &painter)
    var x = area.x + keyWidth
    for ((run, texts), width) in zip(zip(runs, columns), widths) {
      let slot = model.slot(run.id)
      let letter = run.id == model.baseline ? "\(DrawnCurve.letter(slot)) B" : String(DrawnCurve.letter(slot))
      let style = palette.style(RunColors.color(slot, model.theme), .bold)
      painter.text(x, area.y, width: width - 1, letter, style, .right)
      for (row, text) in texts.enumerated() {
        let shown = CharacterWidth.clipMiddle(text, columns: width - 1)
        painter.text(x, area.y + 1 + row, width: width - 1, shown, palette.text, .right)
      }
      x += width
    }
    if widths.count < runs.count {
      painter.text(x, area.y, width: area.right - x, "+\(runs.count - widths.count)", palette.quiet)
    }
  }

  /// How wide the runs' columns are: values that can be read whole are worth more than the beginning of a long key. Where
  /// they do not all fit, the longest are cut first, down to `narrowestValue`; then the last runs have no column.
  private static func widths(of needed: [Int], keys: Int, in width: Int) -> [Int] {
    let free = width - min(keys, narrowestKey)
    for limit in (narrowestValue...max(narrowestValue, needed.max() ?? 0)).reversed() {
      let widths = needed.map { min($0, limit) }
      if widths.reduce(0, +) <= free { return widths }
    }
    var left = free - restWidth
    return needed.map { min($0, narrowestValue) }.prefix { wanted in
      left -= wanted
      return left >= 0
    }
  }

  /// The keys' names below each other; the end of a long one says more than its beginning.
  private func drawNames(of keys: some Sequence<String>, in area: Rect, with painter: inout Painter) {
    for (row, key) in keys.enumerated() {
      let name = key.count > area.width ? "…" + key.suffix(area.width - 1) : key
      painter.text(area.x, area.y + row, width: area.width, name, painter.palette.label)
    }
  }

  /// A line a group: mean and spread of the figure that the table is judged by.
  private func drawGroups(
    _ groups: [(name: String, statistics: RunGroup.Statistics)], by metric: String, in area: Rect,
    with painter: inout Painter
  ) {
    let palette = painter.palette
    guard area.height > 1 else { return }
    let plusMinus = painter.glyphs == .ascii ? "+-" : "±"
    painter.text(area.x, area.y, width: area.width, "mean \(plusMinus) sd of \(metric)", palette.label)
    for (row, (name, statistics)) in groups.prefix(area.height - 1).enumerated() {
      var text = RunTable.number(statistics.mean)
      if let deviation = statistics.deviation { text += " \(plusMinus) " + RunTable.number(deviation) }
      text += "  n=\(statistics.count)"
      let width = CharacterWidth.columns(of: text)
      painter.text(area.x, area.y + 1 + row, width: area.width - width - 1, name, palette.text)
      painter.text(area.right - width, area.y + 1 + row, text, palette.value)
    }
  }

  /// The metric shown, on held-out data where there is such.
  private var groupedMetric: String? {
    let metrics = model.families.first { $0.family == model.family }?.metrics ?? []
    return metrics.first(where: MetricName.isEvaluation) ?? metrics.first
  }
}

/// The metrics of all runs as a tree over `/`.
struct MetricTreePanel {
  let model: ComparisonModel

  func draw(in area: Rect, with painter: inout Painter) {
    let found = model.search.isEmpty ? "Metrics" : "Metrics / \(model.search)"
    let title = model.joining.map { "Join \($0) with (J)" } ?? found
    let inner = painter.panel(area, title, painter.palette.style(.networkBox))
    let palette = painter.palette
    let rows = model.tree.rows
    guard !rows.isEmpty || model.search.isEmpty else {
      return painter.text(inner.x, inner.y, width: inner.width, "none has that name (Esc)", palette.quiet)
    }
    let first = max(0, min(model.treeRow - inner.height / 2, rows.count - inner.height))
    for (offset, row) in rows.dropFirst(first).prefix(inner.height).enumerated() {
      let y = inner.y + offset
      let isSelected = first + offset == model.treeRow
      let isShown = !row.isGroup && model.family(of: row.id) == model.family
      let sign = row.isGroup ? (model.closedGroups.contains(row.id) ? "▸ " : "▾ ") : "  "
      let points = Double(row.count)
      let count = row.isGroup ? "\(row.count)" : Axis.countLabel(points, step: Axis.roundStep(points / 100))
      let indent = String(repeating: " ", count: min(row.depth * 2, inner.width / 2))
      let style = isSelected ? palette.strong : isShown ? palette.best : palette.text
      painter.text(
        inner.x, y, width: inner.width - count.count - 1, (isSelected ? "›" : " ") + indent + sign + row.title, style)
      painter.text(inner.right - count.count, y, count, palette.quiet)
    }
  }
}
