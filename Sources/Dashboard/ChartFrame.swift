import Formatting
import TerminalCanvas
import Themes

/// Where values lie on a plot's dots.
struct PlotScale {
  let horizontal: AxisPlaces
  let vertical: AxisPlaces
  let lastColumn: Double
  let lastRow: Double

  /// A value's row of dots, a little beyond the plot where it lies outside; nil where it is not finite.
  func row(_ value: Double) -> Int? {
    vertical.position(of: value).map { Int(nearestTo: (1 - min(max($0, -0.1), 1.1)) * lastRow) }
  }

  /// Lines through points, as dots: of many points in one column, the first, the lowest, the highest and the last. Values
  /// that are not finite leave a gap.
  func lines(through points: some Sequence<(place: Double, value: Double)>) -> [[(column: Int, row: Int)]] {
    var lines: [[(column: Int, row: Int)]] = [[]]
    // What lies between a column's extremes needs no row: only the few that are drawn are looked for.
    var group = (column: Int.min, first: 0.0, low: 0.0, high: 0.0, last: 0.0)
    func endGroup() {
      guard group.column != .min else { return }
      let isOne = group.first == group.last && group.low == group.high
      let values = isOne ? [group.first] : [group.first, group.high, group.low, group.last]
      lines[lines.count - 1] += values.compactMap { value in row(value).map { (group.column, $0) } }
      group.column = .min
    }
    for (place, value) in points {
      guard value.isFinite else {
        endGroup()
        lines.append([])
        continue
      }
      let column = column(place)
      if column == group.column {
        if value < group.low { group.low = value }
        if value > group.high { group.high = value }
        group.last = value
      } else {
        endGroup()
        group = (column, value, value, value, value)
      }
    }
    endGroup()
    return lines
  }

  /// A place's column of dots, far outside the plot at most.
  func column(_ value: Double) -> Int {
    Int(nearestTo: min(max(horizontal.position(of: value) ?? 0, -1), 2) * lastColumn)
  }
}

/// A chart's two axes: values in a gutter on the left, steps in the frame's lower edge.
struct ChartFrame {
  let horizontal: Axis
  let vertical: Axis
  /// The space inside the frame; its lower edge lies below.
  let inner: Rect
  /// Whether there is anything between the whole places of the horizontal axis.
  var hasParts = false
  /// Columns that the values' labels have at least.
  var leastGutter = 4

  func scale(on surface: PlotSurface) -> PlotScale {
    PlotScale(
      horizontal: AxisPlaces(horizontal), vertical: AxisPlaces(vertical), lastColumn: Double(surface.columns - 1),
      lastRow: Double(surface.rows - 1))
  }

  /// Draws both axes and returns the space for the curves; nil where there is too little.
  func drawAxes(
    unit: String, verticalLabels: TickLabels, horizontalLabels: TickLabels, with painter: inout Painter
  ) -> Rect? {
    let ticks = verticalTicks(verticalLabels)
    guard let plot = plot(beside: ticks) else { return nil }
    drawVertical(ticks, plot: plot, with: &painter)
    drawHorizontal(plot: plot, unit: unit, labels: horizontalLabels, with: &painter)
    return plot
  }

  /// The space for the curves that `drawAxes` leaves; nil where that is too little.
  func plot(verticalLabels: TickLabels) -> Rect? { plot(beside: verticalTicks(verticalLabels)) }

  private func verticalTicks(_ labels: TickLabels) -> [AxisTick] {
    vertical.ticks(max(2, inner.height / 3), labels: labels)
  }

  private func plot(beside ticks: [AxisTick]) -> Rect? {
    let gutter = max(leastGutter, (ticks.map { CharacterWidth.columns(of: $0.label) }.max() ?? 0) + 1)
    let plot = Rect(x: inner.x + gutter + 1, y: inner.y, width: inner.width - gutter - 4, height: inner.height)
    return plot.width >= 8 && plot.height >= 2 ? plot : nil
  }

  /// The row of cells in which a curve at a place along the axis is drawn.
  static func cellRow(_ place: Double, plot: Rect, glyphs: GlyphSet) -> Int {
    let down = glyphs.dotsPerCell.down
    return Int(((1 - min(max(place, 0), 1)) * Double(plot.height * down - 1)).rounded()) / down
  }

  private func drawVertical(_ ticks: [AxisTick], plot: Rect, with painter: inout Painter) {
    let palette = painter.palette
    for row in 0..<plot.height { painter.canvas.put(plot.x - 1, plot.y + row, "│", palette.grid) }
    var lastRow = Int.max
    for tick in ticks {
      guard let place = vertical.position(of: tick.value), place >= -0.001, place <= 1.001 else { continue }
      let row = Self.cellRow(place, plot: plot, glyphs: painter.glyphs)
      guard lastRow - row >= 2 else { continue }
      lastRow = row
      painter.text(inner.x, plot.y + row, width: plot.x - 1 - inner.x, tick.label, palette.label, .right)
      painter.canvas.put(plot.x - 1, plot.y + row, "┤", palette.label)
      for column in 0..<plot.width where column % 2 == 1 {
        painter.canvas.put(plot.x + column, plot.y + row, "·", palette.grid)
      }
    }
  }

  /// Whole ones, but parts where there are few whole ones, as within an epoch, and their labels can tell them apart.
  private func horizontalTicks(_ count: Int, _ labels: TickLabels) -> [AxisTick] {
    let whole = horizontal.ticks(count, whole: true, labels: labels)
    guard hasParts, whole.count < 3 else { return whole }
    let parts = horizontal.ticks(count, labels: labels)
    return Set(parts.map(\.label)).count == parts.count ? parts : whole
  }

  private func drawHorizontal(
    plot: Rect, unit: String, labels: TickLabels, with painter: inout Painter
  ) {
    // The frame's corner stands behind.
    let end = plot.right + 2
    let unit = " \(unit) "
    var ticks: [(text: String, columns: Range<Int>)] = []
    for tick in horizontalTicks(max(2, plot.width / 9), labels) {
      guard let place = horizontal.position(of: tick.value), place >= 0, place <= 1.0001 else { continue }
      let center = plot.x + Int((place * Double(plot.width - 1)).rounded())
      let text = " \(tick.label) "
      let width = CharacterWidth.columns(of: text)
      let start = center - width / 2
      let free = ticks.last.map { $0.columns.upperBound + 1 } ?? plot.x - 2
      guard start >= free, start + width <= end else { continue }
      ticks.append((text, start..<(start + width)))
    }
    // The unit stands at the end, or where a label stands there, before that: what an axis ends at cannot be inferred from
    // the others, as can the one that the unit then lies over.
    let last = end - unit.count
    let isFree = ticks.last.map { $0.columns.upperBound <= last } ?? true
    let beforeLabel = isFree ? last : (ticks.last?.columns.lowerBound ?? end) - 1 - unit.count
    let unitStart = beforeLabel > plot.x ? beforeLabel : last
    for (text, columns) in ticks where columns.upperBound <= unitStart || columns.lowerBound >= unitStart + unit.count {
      painter.text(columns.lowerBound, plot.bottom, text, painter.palette.label)
    }
    painter.text(unitStart, plot.bottom, unit, painter.palette.quiet)
  }
}

extension Unicode.Scalar {
  /// A lower-case ASCII letter's capital.
  var upper: Unicode.Scalar { ("a"..."z").contains(self) ? Unicode.Scalar(UInt8(value) - 32) : self }
}
