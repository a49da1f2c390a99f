import TerminalCanvas
import Themes
import TrainingEvents

/// The loss curves of train and dev: total, A and B in one chart with real axes.
struct LossChart {
  /// One of the three losses.
  struct Curve {
    let name: String
    let letter: Unicode.Scalar
    let marker: Unicode.Scalar
    let color: ThemeKey
    let series: SmoothedSeries
    /// Dev's values by step.
    let dev: [(step: Int, value: Double)]
  }

  let run: RunState
  let scale: AxisScale

  private var curves: [Curve] {
    func dev(_ value: KeyPath<EvaluationRecord, Double>) -> [(step: Int, value: Double)] {
      run.evaluations.map { ($0.step, $0[keyPath: value]) }
    }
    return [
      Curve(name: "total", letter: "t", marker: "●", color: .lossTotal, series: run.total, dev: dev(\.loss)),
      Curve(name: "A", letter: "a", marker: "▲", color: .lossA, series: run.taskA, dev: dev(\.lossA)),
      Curve(name: "B", letter: "b", marker: "■", color: .lossB, series: run.taskB, dev: dev(\.lossB)),
    ]
  }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.width >= 24, area.height >= 5 else { return }
    let border = painter.palette.style(.cpuBox)
    _ = painter.panel(area, "Loss", border)
    let curves = curves
    drawLegend(curves, in: area, with: &painter)
    let inner = Rect(x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2)
    let buckets = curves.map(\.series.raw.whole)
    guard buckets.contains(where: { !$0.isEmpty }) || curves.contains(where: { !$0.dev.isEmpty }) else {
      let text = run.phase == .loading ? "Loading the data…" : "Waiting for the first step…"
      painter.text(inner.x, inner.y + inner.height / 2, width: inner.width, text, painter.palette.quiet, .center)
      return
    }
    let vertical = verticalAxis(curves, rows: inner.height)
    let ticks = vertical.ticks(max(2, inner.height / 3))
    let gutter = max(4, (ticks.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0) + 1)
    let plot = Rect(x: inner.x + gutter + 1, y: inner.y, width: inner.width - gutter - 4, height: inner.height)
    guard plot.width >= 8, plot.height >= 2 else { return }
    let horizontal = horizontalAxis()
    drawVerticalAxis(vertical, ticks, plot: plot, labelsAt: inner.x, with: &painter)
    drawHorizontalAxis(horizontal, plot: plot, border: border, with: &painter)
    drawCurves(curves, horizontal, vertical, plot: plot, with: &painter)
    drawLetters(curves, vertical, plot: plot, with: &painter)
  }

  // MARK: Axes

  private func horizontalAxis() -> Axis {
    let first = Double(run.total.raw.isEmpty ? 0 : max(0, run.total.raw.firstStep - 1))
    let lastDev = run.evaluations.last?.step ?? 0
    let latest = Double(max(run.total.raw.latestStep, lastDev, 0))
    var end = first + Self.roundedExtent(max(latest - first, 8))
    if run.totalSteps > 0 { end = min(end, max(Double(run.totalSteps), latest)) }
    return Axis(.linear, from: first, to: max(end, first + 8))
  }

  /// An extent a little above a value, in few sizes, so that the axis stands still most of the time.
  private static func roundedExtent(_ value: Double) -> Double {
    let power = Axis.roundStep(value) >= 1 ? value : 1
    var unit = 1.0
    while unit * 10 <= power { unit *= 10 }
    for factor in [1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.4, 8, 10] where factor * unit >= value { return factor * unit }
    return value
  }

  private func verticalAxis(_ curves: [Curve], rows: Int) -> Axis {
    var low = Double.infinity
    var high = -Double.infinity
    for curve in curves {
      let whole = curve.series.raw.whole
      if whole.count > 0 {
        low = min(low, whole.minimum)
        high = max(high, whole.maximum)
      }
      for point in curve.dev where point.value.isFinite {
        low = min(low, point.value)
        high = max(high, point.value)
      }
    }
    guard low <= high else { return Axis(scale, from: scale == .linear ? 0 : 0.1, to: 1) }
    if scale == .logarithmic, low <= 0 { low = max(high, 1e-6) / 1e4 }
    if scale == .linear, low > 0 { low = 0 }
    return Axis(scale, covering: low...max(low, high), ticks: max(2, rows / 3))
  }

  private func drawVerticalAxis(
    _ axis: Axis, _ ticks: [AxisTick], plot: Rect, labelsAt x: Int, with painter: inout Painter
  ) {
    let palette = painter.palette
    for row in 0..<plot.height { painter.canvas.put(plot.x - 1, plot.y + row, "│", palette.grid) }
    var lastRow = Int.max
    for tick in ticks {
      guard let place = axis.position(of: tick.value), place >= -0.001, place <= 1.001 else { continue }
      let row = Int(((1 - place) * Double(plot.height - 1)).rounded())
      guard lastRow - row >= 2 else { continue }
      lastRow = row
      painter.text(x, plot.y + row, width: plot.x - 1 - x, tick.label, palette.label, .right)
      painter.canvas.put(plot.x - 1, plot.y + row, "┤", palette.label)
      for column in 0..<plot.width where column % 2 == 1 {
        painter.canvas.put(plot.x + column, plot.y + row, "·", palette.grid)
      }
    }
  }

  /// Ticks and step labels stand in the frame's lower edge.
  private func drawHorizontalAxis(_ axis: Axis, plot: Rect, border: Style, with painter: inout Painter) {
    let palette = painter.palette
    var free = plot.x
    for tick in axis.ticks(max(2, plot.width / 14), label: Axis.countLabel) {
      guard let place = axis.position(of: tick.value), place >= 0, place <= 1.0001 else { continue }
      let center = plot.x + Int((place * Double(plot.width - 1)).rounded())
      let text = " \(tick.label) "
      let start = center - CharacterWidth.columns(of: text) / 2
      let end = start + CharacterWidth.columns(of: text)
      guard start >= free - 2, end <= plot.right - 6 else { continue }
      painter.text(start, plot.bottom, text, palette.label)
      free = end + 3
    }
    painter.text(plot.right - 4, plot.bottom, " step ", palette.quiet)
  }

  // MARK: Curves

  private func drawCurves(
    _ curves: [Curve], _ horizontal: Axis, _ vertical: Axis, plot: Rect, with painter: inout Painter
  ) {
    let palette = painter.palette
    var surface = PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    let (lastRow, lastColumn) = (Double(surface.rows - 1), Double(surface.columns - 1))
    func row(_ value: Double) -> Int? {
      vertical.position(of: value).map { Int(((1 - min(max($0, -0.1), 1.1)) * lastRow).rounded()) }
    }
    func column(_ step: Int) -> Int? {
      horizontal.position(of: Double(step)).map { Int((min(max($0, -1), 2) * lastColumn).rounded()) }
    }
    for curve in curves.reversed() {
      let columns = curve.series.raw.columns(surface.columns, from: horizontal.lower, to: horizontal.upper)
      let layer = surface.addLayer(palette.faint(curve.color))
      drawBand(columns, layer, row, on: &surface)
      for (index, bucket) in columns.enumerated() where bucket.broken > 0 {
        surface.mark(index, 0, "×", palette.style(.stateFailed, .bold))
      }
    }
    for curve in curves.reversed() {
      let layer = surface.addLayer(palette.style(curve.color), letter: ".")
      for (from, to) in zip(curve.dev, curve.dev.dropFirst()) {
        guard let start = row(from.value), let end = row(to.value), let x = column(from.step), let x1 = column(to.step)
        else { continue }
        surface.line(layer, from: (x, start), to: (x1, end), period: painter.glyphs == .ascii ? 2 : 3)
      }
    }
    for curve in curves.reversed() {
      let columns = curve.series.smooth.columns(surface.columns, from: horizontal.lower, to: horizontal.upper)
      let layer = surface.addLayer(palette.style(curve.color, .bold), letter: curve.letter)
      drawMean(columns, layer, row, on: &surface)
    }
    for curve in curves.reversed() {
      for point in curve.dev {
        guard let y = row(point.value), let x = column(point.step) else { continue }
        let marker = painter.glyphs == .ascii ? Self.upper(curve.letter) : curve.marker
        surface.mark(min(max(x, 0), surface.columns - 1), y, marker, palette.style(curve.color, .bold))
      }
    }
    surface.draw(into: &painter.canvas, x: plot.x, y: plot.y)
  }

  private static func upper(_ letter: Unicode.Scalar) -> Unicode.Scalar { Unicode.Scalar(letter.value - 32) ?? letter }

  /// Each column from its smallest to its largest value, joined with its neighbours; values that are not finite leave
  /// a gap.
  private func drawBand(_ columns: [Bucket], _ layer: Int, _ row: (Double) -> Int?, on surface: inout PlotSurface) {
    var previous: (column: Int, top: Int, bottom: Int)?
    for (index, bucket) in columns.enumerated() {
      guard bucket.count > 0, let top = row(bucket.maximum), let bottom = row(bucket.minimum) else {
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

  private func drawMean(_ columns: [Bucket], _ layer: Int, _ row: (Double) -> Int?, on surface: inout PlotSurface) {
    var previous: (column: Int, row: Int)?
    for (index, bucket) in columns.enumerated() where bucket.count > 0 {
      guard let y = row(bucket.mean) else { continue }
      if let before = previous {
        surface.line(layer, from: before, to: (index, y))
      } else {
        surface.dot(layer, index, y)
      }
      previous = (index, y)
    }
  }

  /// Each curve's letter beside its newest value, so that it can be told without colour.
  private func drawLetters(_ curves: [Curve], _ axis: Axis, plot: Rect, with painter: inout Painter) {
    var taken: Set<Int> = []
    for curve in curves {
      guard let value = curve.series.latest, let place = axis.position(of: value) else { continue }
      var row = Int(((1 - min(max(place, 0), 1)) * Double(plot.height - 1)).rounded())
      if taken.contains(row), row + 1 < plot.height { row += 1 }
      while taken.contains(row), row > 0 { row -= 1 }
      guard taken.insert(row).inserted else { continue }
      let letter = curve.name == "total" ? "Σ" : curve.name
      painter.text(plot.right + 1, plot.y + row, letter, painter.palette.style(curve.color, .bold))
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
        let marker = ascii ? Self.upper(curve.letter) : curve.marker
        item += [(" \(Character(marker)) ", color), (NumberText.short(dev.value), palette.text)]
      }
      item.append((" ", palette.label))
      items.append(item)
    }
    var x = area.x + 9
    for item in items where x + columns(of: item) <= area.right - 2 {
      painter.pieces(x, area.y, width: area.right - 2 - x, item)
      x += columns(of: item) + 1
    }
    let note = (scale == .logarithmic ? " log " : "") + (area.width >= 110 ? " smoothed \(run.total.window) " : "")
    if !note.isEmpty, x + note.count + 2 <= area.right {
      painter.text(area.right - 2 - note.count, area.y, note, palette.quiet)
    }
  }
}
