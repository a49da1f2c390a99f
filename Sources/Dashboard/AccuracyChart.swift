import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// Both tasks' accuracies over the epochs: train as points, dev as marked lines.
struct AccuracyChart {
  let run: RunState

  private struct Curve {
    let color: ThemeKey
    let marker: Unicode.Scalar
    let letter: Unicode.Scalar
    let dev: [(epoch: Int, value: Double)]
    let train: [(epoch: Int, value: Double)]
  }

  private var curves: [Curve] {
    run.tasks.map { task in
      Curve(
        color: task.color, marker: task.marker, letter: task.letter,
        dev: run.evaluationPoints.compactMap { point in point.counts.accuracy(task).map { (point.epoch, $0) } },
        train: run.epochs.compactMap { record in record.counts.accuracy(task).map { (record.epoch, $0) } })
    }
  }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.width >= 30, area.height >= 6 else { return }
    let border = painter.palette.line(.memoryBox)
    _ = painter.panel(area, "Accuracy by epoch", border)
    let inner = Rect(x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2)
    drawLegend(in: area, with: &painter)
    guard let (frame, surface) = plotted(inner, with: painter) else {
      let text = "curves begin after epoch 0"
      painter.text(inner.x, inner.y + inner.height / 2, width: inner.width, text, painter.palette.quiet, .center)
      return
    }
    let plot = frame.drawAxes(
      unit: "epoch", verticalLabels: Self.labels, horizontalLabels: Axis.countLabels, with: &painter)
    if let plot { surface.draw(into: &painter.canvas, x: plot.x, y: plot.y) }
  }

  private static func labels(_ values: [Double], _ step: Double?) -> [String] {
    values.map { NumberText.fixed($0 * 100, decimals: (step ?? 1) < 0.0099 ? 1 : 0) + "%" }
  }

  /// The axes, and the curves as dots; nil where there is nothing to draw yet.
  private func plotted(_ inner: Rect, with painter: borrowing Painter) -> (ChartFrame, PlotSurface)? {
    let palette = painter.palette
    let curves = curves
    let lowest = curves.flatMap { [$0.dev, $0.train] }.compactMap { $0.lazy.map(\.value).min() }
    guard let low = lowest.min() else { return nil }
    let frame = ChartFrame(
      horizontal: Axis(.linear, from: 0, to: Double(max(1, run.epochCount - 1, run.epochs.last?.epoch ?? 0))),
      vertical: Axis(.linear, covering: min(low, 0.99)...1, ticks: max(2, inner.height / 3)), inner: inner)
    let plot = frame.plot(verticalLabels: Self.labels) ?? Rect(x: 0, y: 0, width: 0, height: 0)
    var surface = PlotSurface(width: plot.width, height: plot.height, glyphs: painter.glyphs)
    let scale = frame.scale(on: surface)
    for curve in curves.reversed() {
      let train = surface.addLayer(palette.faint(curve.color), letter: ".")
      drawLine(curve.train, train, scale, on: &surface)
    }
    for curve in curves.reversed() {
      let dev = surface.addLayer(palette.style(curve.color, .bold), letter: curve.letter)
      drawLine(curve.dev, dev, scale, on: &surface)
      let isCrowded = curve.dev.count > plot.width / 4
      for point in isCrowded ? curve.dev.suffix(1) : curve.dev[...] {
        guard let row = scale.row(point.value) else { continue }
        let marker = painter.glyphs == .ascii ? curve.letter.upper : curve.marker
        surface.mark(scale.column(Double(point.epoch)), row, marker, palette.style(curve.color, .bold))
      }
    }
    return (frame, surface)
  }

  private func drawLegend(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let ascii = painter.glyphs == .ascii
    var pieces: [(String, Style)] = []
    for task in run.tasks {
      let marker = ascii ? task.letter.upper : task.marker
      pieces += [
        (" \(Character(marker)) ", palette.style(task.color, .bold)), ("\(task.rawValue) dev ", palette.label),
      ]
    }
    pieces += [(ascii ? " . " : " ━ ", palette.faint(.lossA)), ("train ", palette.label)]
    painter.pieces(area.x + 22, area.y, width: area.width - 24, pieces)
  }

  private func drawLine(
    _ points: [(epoch: Int, value: Double)], _ layer: Int, _ scale: PlotScale, on surface: inout PlotSurface
  ) {
    for line in scale.lines(through: points.lazy.map { (Double($0.epoch), $0.value) }) {
      surface.line(layer, through: line)
    }
  }
}
