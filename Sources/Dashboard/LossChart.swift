import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The loss curves of train and dev: total, A and B in one chart with real axes.
struct LossChart {
  /// One of the three losses.
  struct Curve {
    let name: String
    /// What stands beside its newest value.
    let symbol: String
    let letter: Unicode.Scalar
    let marker: Unicode.Scalar
    let color: ThemeKey
    let series: SmoothedSeries
    /// Dev's values by step.
    let dev: [(step: Int, value: Double)]
  }

  /// All of the chart that the cursor leaves as it is: kept from frame to frame, since a long run has tens of thousands of
  /// evaluations.
  struct Plotted: Sendable {
    /// What it follows from.
    struct Key: Hashable, Sendable {
      let run: Int
      let look: Int
      let view: ChartView
      let area: Rect

      init(_ revisions: KeptFrame.Revisions, _ view: ChartView, _ area: Rect) {
        (run, look, self.area) = (revisions.run, revisions.look, area)
        var view = view
        view.cursor = nil
        self.view = view
      }
    }

    let key: Key
    /// Dev's values, curve by curve. Train's stay the run's alone, which would have to copy them to add to them.
    fileprivate let dev: [[(step: Int, value: Double)]]
    fileprivate let steps: StepAxis
    /// Where the curves lie.
    let plot: Rect
    fileprivate let marks: ChartMarks
    fileprivate let isFocused: Bool
    fileprivate let patch: CanvasPatch?
  }

  let run: RunState
  let view: ChartView

  private var scale: AxisScale { view.scale }

  /// `known`: dev's values, where they were looked up before.
  private func curves(_ known: [[(step: Int, value: Double)]]? = nil) -> [Curve] {
    func dev(_ place: Int, _ value: (EvaluationPoint) -> Double?) -> [(step: Int, value: Double)] {
      known?[place] ?? run.evaluationPoints.compactMap { point in value(point).map { (point.step, $0) } }
    }
    let total = Curve(
      name: "total", symbol: "Σ", letter: "t", marker: "●", color: .lossTotal, series: run.total,
      dev: dev(0) { $0.loss })
    return [total]
      + run.tasks.enumerated().map { place, task in
        Curve(
          name: task.rawValue, symbol: task.rawValue, letter: task.letter, marker: task.marker, color: task.color,
          series: run.series(task), dev: dev(place + 1) { $0.losses[task] })
      }
  }

  /// Where the curves lie when they are drawn in an area; nil where there are none, or no room for them.
  func plot(in area: Rect) -> Rect? {
    let curves = curves()
    guard Self.hasRoom(area), Self.hasValues(curves) else { return nil }
    return frame(curves, StepAxis(run, view), in: area).plot(verticalLabels: Axis.decimalLabels)
  }

  private static func hasRoom(_ area: Rect) -> Bool { area.width >= 24 && area.height >= 5 }

  private static func hasValues(_ curves: [Curve]) -> Bool {
    curves.contains { !$0.series.raw.isEmpty || !$0.dev.isEmpty }
  }

  func draw(in area: Rect, with painter: inout Painter) {
    guard Self.hasRoom(area) else { return }
    let key = Plotted.Key(painter.kept.revisions, view, area)
    let known = painter.kept.loss?.key == key ? painter.kept.loss : nil
    painter.kept.loss = nil
    let curves = curves(known?.dev)
    guard let plotted = drawn(known, with: &painter) ?? plotted(curves, key, with: &painter) else { return }
    painter.regions.append(HitRegion(rect: plotted.plot, target: .plot))
    if let cursor = view.cursor {
      ChartCursor(step: cursor, run: run, curves: curves, steps: plotted.steps, plot: plotted.plot).draw(with: &painter)
    } else {
      plotted.marks.drawLegend(with: &painter)
    }
    painter.kept.loss = plotted
  }

  /// Draws what was drawn in the last frame, where it still holds and can be taken over.
  private func drawn(_ known: Plotted?, with painter: inout Painter) -> Plotted? {
    guard let known, known.isFocused == painter.isFocused, let patch = known.patch, painter.canvas.put(patch) else {
      return nil
    }
    return known
  }

  /// Draws all but the cursor and the marks' legend, which stands where there is none; nil where there are no curves yet or no room.
  private func plotted(_ curves: [Curve], _ key: Plotted.Key, with painter: inout Painter) -> Plotted? {
    let area = key.area
    _ = painter.panel(area, "Loss", painter.palette.line(.cpuBox))
    drawLegend(curves, in: area, with: &painter)
    guard Self.hasValues(curves) else {
      let text = run.phase == .loading ? "Loading the data…" : "Waiting for the first step…"
      painter.text(area.x + 1, area.y + area.height / 2, width: area.width - 2, text, painter.palette.quiet, .center)
      return nil
    }
    let steps = StepAxis(run, view)
    let frame = frame(curves, steps, in: area)
    guard
      let plot = frame.drawAxes(
        unit: steps.name, verticalLabels: Axis.decimalLabels, horizontalLabels: steps.labels, with: &painter)
    else { return nil }
    let marks = ChartMarks(run: run, steps: steps, plot: plot)
    marks.drawEpochs(with: &painter)
    surface(curves, frame, steps, plot: plot, with: painter).draw(into: &painter.canvas, x: plot.x, y: plot.y)
    drawLetters(curves, frame.vertical, plot: plot, with: &painter)
    marks.draw(with: &painter)
    return Plotted(
      key: key, dev: curves.map(\.dev), steps: steps, plot: plot, marks: marks, isFocused: painter.isFocused,
      patch: painter.canvas.patch(area))
  }

  // MARK: Axes

  private func frame(_ curves: [Curve], _ steps: StepAxis, in area: Rect) -> ChartFrame {
    let inner = Rect(x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2)
    return ChartFrame(
      horizontal: steps.axis, vertical: verticalAxis(curves, steps, rows: inner.height), inner: inner,
      hasParts: steps.unit != .step)
  }

  /// What is shown of a series, in one bucket.
  private func shown(_ series: SeriesHistory, _ steps: StepAxis) -> Bucket {
    if view.showsAll { return series.whole }
    var sum = Bucket()
    for bucket in series.columns(64, from: steps.steps.lowerBound, to: steps.steps.upperBound) { sum.merge(bucket) }
    return sum.count > 0 ? sum : series.whole
  }

  private func verticalAxis(_ curves: [Curve], _ steps: StepAxis, rows: Int) -> Axis {
    var low = Double.infinity
    var high = -Double.infinity
    for curve in curves {
      let whole = shown(curve.series.raw, steps)
      if whole.count > 0 {
        low = min(low, whole.minimum)
        high = max(high, whole.maximum)
      }
      for point in curve.dev where point.value.isFinite && steps.steps.contains(Double(point.step)) {
        low = min(low, point.value)
        high = max(high, point.value)
      }
    }
    guard low <= high else { return Axis(scale, from: scale == .linear ? 0 : 0.1, to: 1) }
    if scale == .logarithmic { low = logarithmicLow(curves, steps, smallest: low, largest: high) }
    if scale == .linear, low > 0 { low = 0 }
    return Axis(scale, covering: low...max(low, high), ticks: max(2, rows / 3))
  }

  /// The lower end of a logarithmic axis: single batches far below the running mean must not flatten the rest.
  private func logarithmicLow(_ curves: [Curve], _ steps: StepAxis, smallest: Double, largest: Double) -> Double {
    let means = curves.map { shown($0.series.smooth, steps) }.filter { $0.count > 0 && $0.minimum > 0 }.map(\.minimum)
    let points = curves.flatMap(\.dev).map(\.value).filter { $0.isFinite && $0 > 0 }
    let floor = ((means + points).min() ?? largest / 100) / 3
    return max(smallest, floor, largest / 1e9, 1e-12)
  }

  // MARK: Curves

  private func surface(
    _ curves: [Curve], _ frame: ChartFrame, _ steps: StepAxis, plot: Rect, with painter: borrowing Painter
  ) -> PlotSurface {
    let palette = painter.palette
    var surface = PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    let scale = frame.scale(on: surface)
    func column(_ step: Int) -> Int { scale.column(steps.value(Double(step))) }
    for curve in curves.reversed() {
      let columns = steps.columns(curve.series.raw, surface.columns)
      let layer = surface.addLayer(palette.faint(curve.color), isShade: true)
      drawBand(columns, layer, scale, on: &surface)
      for (index, bucket) in columns.enumerated() where bucket.broken > 0 {
        surface.mark(index, 0, "×", palette.style(.stateFailed, .bold))
      }
    }
    for curve in curves.reversed() {
      let layer = surface.addLayer(palette.style(curve.color), letter: ".")
      for line in scale.lines(through: curve.dev.lazy.map { (steps.value(Double($0.step)), $0.value) }) {
        surface.line(layer, through: line, period: painter.glyphs == .ascii ? 2 : 3)
      }
    }
    for curve in curves.reversed() {
      let columns = steps.columns(curve.series.smooth, surface.columns)
      let layer = surface.addLayer(palette.style(curve.color, .bold), letter: curve.letter)
      drawMean(columns, layer, scale, on: &surface)
    }
    for curve in curves.reversed() {
      // Where points stand close, the lines show enough: only the best and the newest are marked.
      let isCrowded = curve.dev.lazy.filter { steps.steps.contains(Double($0.step)) }.count > plot.width / 4
      let (best, last) = (run.best?.step, curve.dev.last?.step)
      for point in curve.dev where !isCrowded || point.step == best || point.step == last {
        guard let row = scale.row(point.value) else { continue }
        let marker = painter.glyphs == .ascii ? curve.letter.upper : curve.marker
        let isBest = curve.color == .lossTotal && point.step == best
        surface.mark(
          column(point.step), row, isBest ? "★" : marker, isBest ? palette.best : palette.style(curve.color, .bold))
      }
    }
    return surface
  }

  /// Each column from its smallest to its largest value, joined with its neighbours; values that are not finite leave
  /// a gap.
  private func drawBand(_ columns: [Bucket], _ layer: Int, _ scale: PlotScale, on surface: inout PlotSurface) {
    var previous: (column: Int, top: Int, bottom: Int)?
    for (index, bucket) in columns.enumerated() {
      guard bucket.count > 0, let top = scale.row(bucket.maximum), let bottom = scale.row(bucket.minimum) else {
        if bucket.broken > 0 { previous = nil }
        continue
      }
      surface.vertical(layer, index, from: top, to: bottom)
      if let before = previous {
        if before.bottom < top - 1 {
          surface.line(layer, from: (before.column, before.bottom), to: (index, top))
        } else if before.top > bottom + 1 {
          surface.line(layer, from: (before.column, before.top), to: (index, bottom))
        } else if index - before.column > 1 {
          surface.line(
            layer, from: (before.column, (before.top + before.bottom) / 2), to: (index, (top + bottom) / 2))
        }
      }
      previous = (index, top, bottom)
    }
  }

  private func drawMean(_ columns: [Bucket], _ layer: Int, _ scale: PlotScale, on surface: inout PlotSurface) {
    var previous: (column: Int, row: Int)?
    for (index, bucket) in columns.enumerated() where bucket.count > 0 {
      guard let y = scale.row(bucket.mean) else { continue }
      if let before = previous {
        surface.line(layer, from: before, to: (index, y))
      } else {
        surface.dot(layer, index, y)
      }
      previous = (index, y)
    }
  }

  /// Each curve's letter beside its newest value, so that it can be recognized without colour.
  private func drawLetters(_ curves: [Curve], _ axis: Axis, plot: Rect, with painter: inout Painter) {
    let placed = curves.compactMap { curve -> (curve: Curve, place: Double)? in
      guard let value = curve.series.latest, let place = axis.position(of: value) else { return nil }
      return (curve, place)
    }
    // From the top down; a letter whose row is taken moves down, and all move up again where they pass the end.
    let sorted = placed.sorted { $0.place > $1.place }
    var rows: [Int] = []
    for entry in sorted {
      rows.append(max(ChartFrame.cellRow(entry.place, plot: plot, glyphs: painter.glyphs), (rows.last ?? -1) + 1))
    }
    for index in rows.indices.reversed() {
      rows[index] = min(rows[index], (index + 1 < rows.count ? rows[index + 1] : plot.height) - 1)
    }
    for (entry, row) in zip(sorted, rows) where row >= 0 {
      painter.text(plot.right + 1, plot.y + row, entry.curve.symbol, painter.palette.style(entry.curve.color, .bold))
    }
  }

  // MARK: Legend

  private func drawLegend(_ curves: [Curve], in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let ascii = painter.glyphs == .ascii
    var items: [[(String, Style)]] = []
    for curve in curves {
      let color = palette.style(curve.color, .bold)
      let line = ascii ? String(Character(curve.letter)) : "━"
      var item: [(String, Style)] = [(" \(line) ", color), (curve.name, palette.label)]
      if let value = curve.series.latest { item.append((" " + NumberText.short(value), palette.value)) }
      if let dev = curve.dev.last {
        let marker = ascii ? curve.letter.upper : curve.marker
        item += [(" \(Character(marker)) ", color), (NumberText.short(dev.value), palette.text)]
      }
      item.append((" ", palette.label))
      items.append(item)
    }
    var x = area.x + 9
    // Where there is no room for dev's values too, train's alone.
    if items.reduce(0, { $0 + columns(of: $1) + 1 }) > area.width - 10 {
      items = items.map { $0.prefix(3) + [(" ", palette.label)] }
    }
    for item in items where x + columns(of: item) <= area.right - 2 {
      painter.pieces(x, area.y, width: area.right - 2 - x, item)
      x += columns(of: item) + 1
    }
    var note = view.showsAll ? "" : view.follows ? " newest " : " part "
    if scale == .logarithmic { note += " log " }
    if area.width >= 110 { note += run.smoothing == 0 ? " not smoothed " : " smoothed \(run.total.window) " }
    if !note.isEmpty, x + note.count + 2 <= area.right {
      painter.text(area.right - 2 - note.count, area.y, note, palette.quiet)
    }
  }
}
