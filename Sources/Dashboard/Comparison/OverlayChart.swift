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

  private var curves: [DrawnCurve] { model.curves[family] ?? [] }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.width >= 20, area.height >= 5 else { return }
    _ = painter.panel(area, title, painter.palette.style(.cpuBox))
    drawSettings(in: area, with: &painter)
    let inner = Rect(x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2)
    let curves = curves
    guard let range = range(curves) else {
      let text = model.isLoading ? "Reading…" : "No values over \(model.axis.rawValue) here"
      return painter.text(inner.x, inner.y + inner.height / 2, width: inner.width, text, painter.palette.quiet, .center)
    }
    let frame = ChartFrame(
      horizontal: Axis(.linear, from: range.lowerBound, to: range.upperBound),
      vertical: vertical(over: range, rows: inner.height), inner: inner)
    guard
      let plot = frame.drawAxes(
        unit: model.axis.rawValue, verticalLabel: Axis.decimalLabel, horizontalLabel: horizontalLabel, with: &painter)
    else { return }
    var surface = PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    let scale = frame.scale(on: surface)
    var ends: [End] = []
    if model.showsGroups, isMain {
      drawGroups(range, scale, &surface, &ends, palette: painter.palette)
    } else {
      let laidOut = curves.map { LaidOut($0, $0.curve.columns(surface.columns, over: range)) }
      // What spreads behind the curves first, so that it covers none of them.
      for curve in laidOut { drawBand(curve, scale, &surface, palette: painter.palette) }
      for curve in laidOut { draw(curve, scale, &surface, palette: painter.palette) }
      for curve in laidOut where !curve.drawn.isReplaced {
        mark(curve, range, scale, &surface, &ends, palette: painter.palette)
      }
    }
    if isMain { drawCursor(scale, &surface, palette: painter.palette) }
    surface.draw(into: &painter.canvas, x: plot.x, y: plot.y)
    drawLetters(ends, beside: plot, with: &painter)
    if isMain { drawReadOut(in: plot, with: &painter) }
  }

  private var title: String {
    let metrics = model.families.first { $0.family == family }?.metrics ?? []
    guard metrics.count > 1 else { return metrics.first ?? family }
    let dashed = model.dashedMetrics(family, metrics)
    guard !model.isJoined(family) else {
      return metrics.map { $0 + (dashed.contains($0) ? " ┄" : " ─") }.joined(separator: ", ")
    }
    let splits = metrics.map { name in
      let split = MetricName.split(name)
      return (split.isEmpty ? name : split) + (dashed.contains(name) ? " ┄" : " ─")
    }
    return family + ": " + splits.joined(separator: ", ")
  }

  private func drawSettings(in area: Rect, with painter: inout Painter) {
    var words: [String] = []
    if model.smoothing > 0 { words.append("smoothed \(ComparisonModel.smoothingLevels[model.smoothing])") }
    if model.scale == .logarithmic { words.append("log") }
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
    let bound = model.scale == .logarithmic ? 0 : -Double.infinity
    let extremes = curves.compactMap { $0.curve.extremes(over: range, above: bound) }
    guard let low = extremes.map(\.lowerBound).min(), let high = extremes.map(\.upperBound).max() else {
      return Axis(model.scale, from: model.scale == .linear ? 0 : 0.1, to: 1)
    }
    // What is compared where more is better lies close together near the top, and whoever zooms wants to see apart.
    let isClose = isMain && model.range != nil || curves.allSatisfy { MetricName.direction($0.curve.metric) == .up }
    return Axis(model.scale, covering: low...high, ticks: max(2, rows / 3), fromZero: !isClose)
  }

  private func horizontalLabel(_ value: Double, _ step: Double) -> String {
    switch model.axis {
    case .relative: NumberText.duration(value)
    case .wall: Self.timeOfDay(value)
    default: Axis.countLabel(value, step: step)
    }
  }

  /// Hours and minutes, in UTC: the same on every machine.
  private static func timeOfDay(_ seconds: Double) -> String {
    guard seconds.isFinite, abs(seconds) < 1e12 else { return "–" }
    let minutes = Int(seconds / 60)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    return two(minutes / 60 % 24) + ":" + two(minutes % 60)
  }

  // MARK: - Curves

  /// A curve in the plot's columns.
  private struct LaidOut {
    var drawn: DrawnCurve
    var columns: [Curve.Column]

    init(_ drawn: DrawnCurve, _ columns: [Curve.Column]) { (self.drawn, self.columns) = (drawn, columns) }
  }

  /// What smoothing hides, and what a column of many points spans.
  private func drawBand(
    _ curve: LaidOut, _ scale: PlotScale, _ surface: inout PlotSurface, palette: Palette
  ) {
    let band = surface.addLayer(faint(curve.drawn, palette), letter: ".", isShade: true)
    for (index, column) in curve.columns.enumerated() where column.count > 1 || model.smoothing > 0 && column.count > 0
    {
      guard let low = scale.row(column.minimum), let high = scale.row(column.maximum) else { continue }
      surface.vertical(band, index, from: low, to: high)
    }
  }

  private func faint(_ drawn: DrawnCurve, _ palette: Palette) -> Style {
    palette.style(palette.faded(RunColors.color(drawn.slot, model.theme)), .dim)
  }

  private func draw(
    _ curve: LaidOut, _ scale: PlotScale, _ surface: inout PlotSurface, palette: Palette
  ) {
    let drawn = curve.drawn
    let color = RunColors.color(drawn.slot, model.theme)
    let layer = surface.addLayer(
      drawn.isReplaced ? faint(drawn, palette) : palette.style(color, drawn.isDashed ? [] : .bold),
      letter: DrawnCurve.letter(drawn.slot))
    var previous: (column: Int, row: Int)?
    for (index, column) in curve.columns.enumerated() where column.count > 0 {
      guard let row = scale.row(column.last) else { continue }
      if let previous {
        surface.line(layer, from: previous, to: (index, row), period: drawn.isDashed ? 3 : 1)
      } else {
        surface.dot(layer, index, row)
      }
      previous = (index, row)
    }
  }

  /// Where a curve ends, and whose it is.
  private struct End {
    var column: Int
    var row: Int
    var letter: Unicode.Scalar
    var style: Style
  }

  /// Letters that the margin beside a plot has room for.
  private static let lettersBeside = 3

  /// Letters at the ends of curves; those of curves that reach the edge lie beside it, so that they hide one another only
  /// where there are many.
  private func drawLetters(_ ends: [End], beside plot: Rect, with painter: inout Painter) {
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

  /// What must not be overlooked: values that are not finite, the best one, and at the end whose curve it is.
  private func mark(
    _ curve: LaidOut, _ range: ClosedRange<Double>, _ scale: PlotScale, _ surface: inout PlotSurface,
    _ ends: inout [End], palette: Palette
  ) {
    let (drawn, columns) = (curve.drawn, curve.columns)
    for (index, column) in columns.enumerated() where column.broken > 0 {
      surface.mark(index, 0, "×", palette.style(.stateFailed, .bold))
    }
    let style = palette.style(RunColors.color(drawn.slot, model.theme), .bold)
    if !drawn.isDashed, let best = best(drawn), let place = drawn.curve.place(ofStep: best.step), range.contains(place),
      let row = scale.row(best.value)
    {
      surface.mark(scale.column(place), row, "★", style)
    }
    guard let end = columns.lastIndex(where: { $0.count > 0 }), let row = scale.row(columns[end].last) else { return }
    ends.append(End(column: end, row: row, letter: DrawnCurve.letter(drawn.slot), style: style))
  }

  private func best(_ drawn: DrawnCurve) -> SeriesSummary.Place? {
    switch MetricName.direction(drawn.curve.metric) {
    case .up: drawn.summary.highest
    case .down: drawn.summary.lowest
    case .unknown: nil
    }
  }

  /// Each group as the mean of its runs, one standard deviation to both sides.
  private func drawGroups(
    _ range: ClosedRange<Double>, _ scale: PlotScale, _ surface: inout PlotSurface, _ ends: inout [End],
    palette: Palette
  ) {
    for group in model.groups {
      let slot = model.slot(group.id)
      let color = RunColors.color(slot, model.theme)
      for metric in Set(curves.map(\.curve.metric)).sorted() {
        let members = curves.filter {
          group.members.contains($0.curve.run) && $0.curve.metric == metric && !$0.isReplaced
        }
        guard let first = members.first else { continue }
        let columns = members.map { $0.curve.columns(surface.columns, over: range) }
        let band = surface.addLayer(palette.style(palette.faded(color), .dim), letter: ".", isShade: true)
        let layer = surface.addLayer(palette.style(color, .bold), letter: DrawnCurve.letter(slot))
        var previous: (column: Int, row: Int)?
        for index in 0..<surface.columns {
          let values = columns.filter { $0[index].count > 0 }.map { $0[index].last }.filter(\.isFinite)
          guard let statistics = RunGroup.Statistics(values), let row = scale.row(statistics.mean) else { continue }
          if let deviation = statistics.deviation, let low = scale.row(statistics.mean - deviation),
            let high = scale.row(statistics.mean + deviation)
          {
            surface.vertical(band, index, from: low, to: high)
          }
          surface.line(layer, from: previous ?? (index, row), to: (index, row), period: first.isDashed ? 3 : 1)
          previous = (index, row)
        }
        if let previous {
          let style = palette.style(color, .bold)
          ends.append(
            End(column: previous.column, row: previous.row, letter: DrawnCurve.letter(slot), style: style))
        }
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
    var lines: [[(String, Style)]] = [[(model.axis.rawValue + " " + horizontalLabel(cursor, 1), palette.value)]]
    for drawn in curves.reversed() where !drawn.isReplaced {
      guard let point = drawn.curve.point(at: cursor) else { continue }
      let style = palette.style(RunColors.color(drawn.slot, model.theme), .bold)
      let metrics = model.families.first { $0.family == family }?.metrics.count ?? 1
      let split = metrics > 1 ? " " + MetricName.split(drawn.curve.metric) : ""
      let value = model.smoothing > 0 ? point.smooth : point.value
      lines.append([
        ("\(DrawnCurve.letter(drawn.slot))\(split) ", style), (RunTable.number(value), palette.value),
        (delta(drawn, value, at: cursor), palette.label),
      ])
    }
    let width = (lines.map { columns(of: $0) }.max() ?? 0) + 2
    let isLeft = cursor > (shown.lowerBound + shown.upperBound) / 2
    let x = isLeft ? plot.x : plot.right - width
    for (row, line) in lines.prefix(plot.height).enumerated() {
      painter.canvas.fill(Rect(x: x, y: plot.y + row, width: width, height: 1), " ", palette.text)
      painter.pieces(x + 1, plot.y + row, width: width - 1, line)
    }
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
    return " (" + (difference < 0 ? "−" : "+") + RunTable.number(abs(difference)) + ")"
  }
}
