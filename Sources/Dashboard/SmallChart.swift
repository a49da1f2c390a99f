import TerminalCanvas
import Themes

/// A few curves with axes, for values that are few enough to be drawn one by one.
struct SmallChart {
  struct Curve {
    let name: String
    let letter: Unicode.Scalar
    let color: ThemeKey
    let ys: [Double]
    /// Where it has other places than the chart's; ascending.
    var xs: [Double]?
    /// Drawn quiet and dotted: what is not there yet.
    var isQuiet = false
  }

  let title: String
  /// Ascending.
  let xs: [Double]
  let curves: [Curve]
  /// What the vertical axis covers at least.
  var fixed: ClosedRange<Double>?
  let scale: AxisScale
  let unit: String
  /// A value that is marked by a line right through.
  var line: Double?
  /// A place that is marked by a point.
  var point: (x: Double, y: Double)?
  var verticalLabels: TickLabels = Axis.decimalLabels
  var horizontalLabels: TickLabels = Axis.countLabels

  /// Draws into a panel's inside; the frame's lower edge below carries the ticks.
  func draw(in inner: Rect, with painter: inout Painter) {
    let values = curves.flatMap(\.ys).filter { $0.isFinite && (scale == .linear || $0 > 0) }
    guard inner.width >= 20, inner.height >= 3, let first = xs.first, let last = xs.last, let low = values.min(),
      let high = values.max()
    else {
      painter.text(inner.x, inner.y, width: inner.width, "nothing measured yet", painter.palette.quiet)
      return
    }
    let vertical =
      fixed.map { Axis(scale, from: $0.lowerBound, to: $0.upperBound) }
      ?? Axis(scale, covering: low...high, ticks: max(2, inner.height / 3))
    let frame = ChartFrame(
      horizontal: Axis(.linear, from: first, to: max(last, first + 1)), vertical: vertical, inner: inner)
    guard
      let plot = frame.drawAxes(
        unit: unit, verticalLabels: verticalLabels, horizontalLabels: horizontalLabels, with: &painter)
    else { return }
    var surface = PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    let place = frame.scale(on: surface)
    if let line, let row = place.row(line) {
      let layer = surface.addLayer(painter.palette.quiet, letter: "-")
      surface.line(layer, from: (0, row), to: (surface.columns - 1, row), period: 3)
    }
    for curve in curves.reversed() {
      let palette = painter.palette
      let layer = surface.addLayer(
        curve.isQuiet ? palette.quiet : palette.style(curve.color, .bold),
        letter: curve.isQuiet ? "." : curve.letter)
      var previous: (column: Int, row: Int)?
      for (x, y) in zip(curve.xs ?? xs, curve.ys) {
        guard let row = place.row(y), scale == .linear || y > 0 else {
          previous = nil
          continue
        }
        let point = (place.column(x), row)
        if let previous {
          surface.line(layer, from: previous, to: point, period: curve.isQuiet ? 2 : 1)
        } else {
          surface.dot(layer, point.0, row)
        }
        previous = point
      }
    }
    if let point, let row = place.row(point.y) {
      surface.mark(place.column(point.x), row, "●", painter.palette.best)
    }
    surface.draw(into: &painter.canvas, x: plot.x, y: plot.y)
  }
}
