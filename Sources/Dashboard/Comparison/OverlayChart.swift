import Comparison
import Formatting
import LoggedRuns
import TerminalCanvas
import Themes

/// The curves of one family of metrics, of all drawn runs over each other: a colour a run, dashes for training.
struct OverlayChart {
  let model: ComparisonModel
  let family: String
  /// Whether cursor and zoom are this chart's.
  let isMain: Bool
  /// The labels of most values fit: curves stay where they are, and in their columns, whatever the value axis is.
  private static let leastGutter = 5

  private var curves: [DrawnCurve] { model.curves[family] ?? [] }

  /// `plots`: curves that were drawn before, taken over where they would be drawn the same.
  func draw(in area: Rect, with painter: inout Painter, _ plots: inout PlotCache) {
    guard area.width >= 20, area.height >= 5 else { return }
    _ = painter.panel(area, title, painter.palette.style(.cpuBox))
    drawSettings(in: area, with: &painter)
    let inner = Rect(x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2)
    let curves = curves
    guard let range = range(curves) else {
      let nothing = model.drawn.isEmpty ? "No run to draw" : "No values over \(model.axis.rawValue) here"
      let text = model.isLoading ? "Reading…" : nothing
      return painter.text(inner.x, inner.y + inner.height / 2, width: inner.width, text, painter.palette.quiet, .center)
    }
    let key = PlotCache.Key(
      family: family, isMain: isMain, range: range, width: inner.width, height: inner.height)
    var plotted = plots.plotted(key) ?? PlottedCurves(vertical: vertical(over: range, rows: inner.height))
    let frame = ChartFrame(
      horizontal: Axis(.linear, from: range.lowerBound, to: range.upperBound), vertical: plotted.vertical, inner: inner,
      hasParts: ![.step, .aligned, .samples].contains(model.axis), leastGutter: Self.leastGutter)
    guard
      let plot = frame.drawAxes(
        unit: model.axis.rawValue, verticalLabels: Axis.decimalLabels, horizontalLabels: horizontalLabels,
        with: &painter)
    else { return }
    var surface = plotted.surface ?? PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    var columns: PlotCache.Columns?
    if plotted.surface == nil {
      let plotter = CurvePlotter(
        model: model, curves: curves, groups: model.showsGroups && isMain ? model.groups : [], range: range,
        scale: frame.scale(on: surface), palette: painter.palette)
      columns = plotter.plot(&plotted, on: surface, plots.columns(key, count: surface.columns))
      surface = plotted.surface ?? surface
    }
    plots.keep(plotted, columns, for: key)
    if isMain { drawCursor(frame.scale(on: surface), &surface, palette: painter.palette) }
    surface.draw(into: &painter.canvas, x: plot.x, y: plot.y)
    drawLetters(plotted.ends, beside: plot, with: &painter)
    if isMain { drawReadOut(in: plot, with: &painter) }
  }

  private var metrics: [String] { model.families.first { $0.family == family }?.metrics ?? [] }

  private var title: String {
    let metrics = metrics
    guard metrics.count > 1 else { return metrics.first ?? family }
    let dashed = model.dashedMetrics(family, metrics)
    let names = metrics.map { label($0, among: metrics) + (dashed.contains($0) ? " ┄" : " ─") }
    return (model.isJoined(family) ? "" : family + ": ") + names.joined(separator: ", ")
  }

  /// What distinguishes a metric from the others of its chart: the data it is measured on, or its name where that is not
  /// enough.
  private func label(_ metric: String, among metrics: [String]) -> String {
    let split = MetricName.split(metric)
    let isEnough = !split.isEmpty && metrics.count { MetricName.split($0) == split } == 1
    return isEnough && !model.isJoined(family) ? split : metric
  }

  private func drawSettings(in area: Rect, with painter: inout Painter) {
    var words: [String] = []
    if model.showsGroups, isMain { words.append("groups' mean \(painter.glyphs == .ascii ? "+-" : "±") sd") }
    if model.smoothing > 0 { words.append("smoothed \(ComparisonModel.smoothingLevels[model.smoothing])") }
    if model.scale == .logarithmic { words.append("log") }
    if model.showsReplaced { words.append("earlier attempts") }
    if model.range != nil, isMain { words.append(model.isDetailDue ? "zoomed, reading…" : "zoomed") }
    guard !words.isEmpty else { return }
    let text = " " + words.joined(separator: ", ") + " "
    guard title.count + text.count + 8 < area.width else { return }
    painter.text(area.right - 2 - text.count, area.y, text, painter.palette.label)
  }

  // MARK: - Axes

  private func range(_ curves: [DrawnCurve]) -> ClosedRange<Double>? {
    if isMain { return curves.isEmpty ? nil : model.shownRange }
    let extents = curves.compactMap(\.curve.extent)
    guard let low = extents.map(\.lowerBound).min(), let high = extents.map(\.upperBound).max() else { return nil }
    return low...(high > low ? high : low + 1)
  }

  /// Smoothed curves alone, where smoothing is asked for: what it smooths away must not flatten them.
  private func vertical(over range: ClosedRange<Double>, rows: Int) -> Axis {
    let curves = curves
    let extremes = curves.compactMap { $0.curve.extremes(over: range, positive: model.scale == .logarithmic) }
    guard let low = extremes.map(\.lowerBound).min(), let high = extremes.map(\.upperBound).max() else {
      return Axis(model.scale, from: model.scale == .linear ? 0 : 0.1, to: 1)
    }
    // What is compared where more is better lies close together near the top, and whoever zooms wants to see apart.
    let isClose = isMain && model.range != nil || curves.allSatisfy { $0.direction == .up }
    return Axis(model.scale, covering: low...high, ticks: max(2, rows / 3), fromZero: !isClose)
  }

  private func horizontalLabels(_ values: [Double], _ step: Double?) -> [String] {
    values.map { horizontalLabel($0, step ?? $0) }
  }

  private func horizontalLabel(_ value: Double, _ step: Double) -> String {
    switch model.axis {
    case .relative: NumberText.duration(value)
    case .wall: Self.timeOfDay(value)
    default: Axis.countLabel(value, step: step)
    }
  }

  /// A place that is read out: steps and samples one by one.
  private func placeLabel(_ value: Double) -> String {
    switch model.axis {
    case .step, .aligned, .samples: NumberText.grouped(Int(min(max(value, -1e15), 1e15).rounded()))
    default: horizontalLabel(value, 0.01)
    }
  }

  /// Hours and minutes, in UTC: the same on every machine.
  private static func timeOfDay(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "–" }
    let minutes = Int(seconds / 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    return two(minutes / 60 % 24) + ":" + two(minutes % 60)
  }

  // MARK: - Ends

  /// Letters that the margin beside a plot has room for.
  private static let lettersBeside = 3

  /// Letters at the ends of curves; those of curves that reach the edge lie beside it, so that they hide one another only
  /// where there are many.
  private func drawLetters(_ ends: [PlottedCurves.End], beside plot: Rect, with painter: inout Painter) {
    let dots = painter.glyphs.dotsPerCell
    var beside: [Int: [Unicode.Scalar]] = [:]
    for end in ends.reversed() {
      let row = min(max(0, end.row / dots.down), plot.height - 1)
      let column = end.column / dots.across
      if column < plot.width - 2 {
        painter.canvas.put(plot.x + column, plot.y + row, end.letter, end.style)
      } else if beside[row, default: []].count < Self.lettersBeside, beside[row]?.contains(end.letter) != true {
        painter.canvas.put(plot.right + beside[row, default: []].count, plot.y + row, end.letter, end.style)
        beside[row, default: []].append(end.letter)
      }
    }
  }

  // MARK: - Reading out

  private func drawCursor(_ scale: PlotScale, _ surface: inout PlotSurface, palette: Palette) {
    guard let cursor = model.cursor else { return }
    for row in stride(from: 0, to: surface.rows, by: surface.glyphs.dotsPerCell.down) {
      surface.mark(scale.column(cursor), row, "│", palette.grid)
    }
  }

  /// Each curve's value at the cursor, on the side where it hides less.
  private func drawReadOut(in plot: Rect, with painter: inout Painter) {
    guard let cursor = model.cursor, let shown = model.shownRange else { return }
    let palette = painter.palette
    var lines: [[(String, Style)]] = [[(model.axis.rawValue + " " + placeLabel(cursor), palette.value)]]
    let metrics = metrics
    for drawn in curves.reversed() where !drawn.isReplaced && lines.count < plot.height {
      guard let point = drawn.curve.point(at: cursor) else { continue }
      let style = palette.style(RunColors.color(drawn.slot, model.theme), .bold)
      let split = metrics.count > 1 ? " " + label(drawn.curve.metric, among: metrics) : ""
      let value = model.smoothing > 0 ? point.smooth : point.value
      lines.append([
        ("\(DrawnCurve.letter(drawn.slot))\(split) ", style), (RunTable.number(value), palette.value),
        (delta(drawn, value, at: cursor) + elsewhere(drawn, at: cursor), palette.label),
      ])
    }
    let width = (lines.map { columns(of: $0) }.max() ?? 0) + 2
    let isLeft = cursor > (shown.lowerBound + shown.upperBound) / 2
    let x = isLeft ? plot.x : plot.right - width
    for (row, line) in lines.enumerated() {
      painter.canvas.fill(Rect(x: x, y: plot.y + row, width: width, height: 1), " ", palette.text)
      painter.pieces(x + 1, plot.y + row, width: width - 1, line)
    }
  }

  /// Where a curve ended, or begins, that does not reach the cursor: its last, or its first, value is read out.
  private func elsewhere(_ drawn: DrawnCurve, at cursor: Double) -> String {
    guard let extent = drawn.curve.extent, !extent.contains(cursor) else { return "" }
    return " at " + placeLabel(extent.upperBound < cursor ? extent.upperBound : extent.lowerBound)
  }

  /// The difference to the baseline's curve at the cursor.
  private func delta(_ drawn: DrawnCurve, _ value: Double, at cursor: Double) -> String {
    guard let baseline = model.baseline, drawn.curve.run != baseline,
      let base = curves.first(where: {
        $0.curve.run == baseline && $0.curve.metric == drawn.curve.metric && !$0.isReplaced
      }),
      let point = base.curve.point(at: cursor)
    else { return "" }
    let difference = value - (model.smoothing > 0 ? point.smooth : point.value)
    guard difference.isFinite else { return "" }
    guard difference != 0 else { return " (0)" }
    return " (" + (difference < 0 ? "−" : "+") + RunTable.number(abs(difference)) + ")"
  }
}
