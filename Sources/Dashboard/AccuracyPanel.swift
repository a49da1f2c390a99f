import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The two tasks' accuracies as bars: train beside dev, the best on dev marked.
struct AccuracyPanel {
  /// Rows that show everything, the frame included.
  static let fullHeight = 10

  let run: RunState

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    var inner = painter.panel(area, "Accuracy", painter.palette.style(.memoryBox))
    let airy = inner.height >= 8
    drawTask("A", \.accuracyA, run.bestAccuracies.a, .taskA, .lossA, in: inner.takeTop(2), with: &painter)
    if airy { _ = inner.takeTop(1) }
    drawTask("B", \.accuracyB, run.bestAccuracies.b, .taskB, .lossB, in: inner.takeTop(2), with: &painter)
    if airy { _ = inner.takeTop(1) }
    drawDevFigures(in: inner, with: &painter)
  }

  private func drawTask(
    _ name: String, _ accuracy: KeyPath<MetricCounts, Double?>, _ highest: Double, _ gradient: ThemeGradient,
    _ color: ThemeKey,
    in area: Rect, with painter: inout Painter
  ) {
    let palette = painter.palette
    let train = run.trainCounts.flatMap { $0[keyPath: accuracy] }
    let dev = run.evaluations.last.flatMap { $0.counts[keyPath: accuracy] }
    painter.text(area.x, area.y, name, palette.style(color, .bold))
    // Beside the running epoch's figure where the last one ended; beside dev's last figure its best.
    let isUnderWay = run.epochCounts[keyPath: accuracy] != nil
    let lastEpoch = isUnderWay ? run.epochs.last.flatMap { $0.counts[keyPath: accuracy] } : nil
    drawBar("train", train, lastEpoch, gradient, row: area.y, in: area, with: &painter)
    let best = dev.flatMap { highest > $0 ? highest : nil }
    if area.height > 1 { drawBar("dev", dev, best, gradient, row: area.y + 1, in: area, with: &painter) }
  }

  private func drawBar(
    _ label: String, _ value: Double?, _ mark: Double?, _ gradient: ThemeGradient, row: Int, in area: Rect,
    with painter: inout Painter
  ) {
    let palette = painter.palette
    let isDev = label == "dev"
    painter.text(area.x + 2, row, label, isDev ? palette.text : palette.label)
    let x = area.x + 8
    let width = area.width - 8 - 8
    guard width > 0 else { return }
    let look = palette.gradient(gradient)
    painter.bar(x, row, width: width, value: value ?? 0) { place in
      var style = look(place)
      if !isDev { style.attributes.insert(.dim) }
      return style
    }
    if let mark, let value {
      func cell(_ share: Double) -> Int { min(width - 1, max(0, Int(share * Double(width)))) }
      let place = cell(mark)
      var style = isDev ? palette.best : palette.value
      if place < cell(value) {
        let color = look(Double(place) / Double(max(1, width - 1))).foreground
        style.background = isDev ? color : palette.faded(color)
      } else {
        style.background = palette.track.background
      }
      if isDev || place != cell(value) { painter.canvas.put(x + place, row, isDev ? "┃" : "╎", style) }
    }
    let text = NumberText.percent(value)
    let isBest = isDev && mark == nil && value != nil
    painter.text(area.right - 8, row, width: 7, text, isDev ? palette.value : palette.text, .right)
    if isBest { painter.text(area.right - 1, row, "★", palette.best) }
  }

  private func drawDevFigures(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    guard area.height >= 1 else { return }
    guard let last = run.evaluations.last else {
      painter.text(area.x, area.y, width: area.width, "dev is measured after each epoch", palette.quiet)
      return
    }
    var pieces: [(String, Style)] = []
    if let f1 = last.entityF1 { pieces += [("dev F1 ", palette.label), (NumberText.percent(f1), palette.value)] }
    if pieces.isEmpty || area.width >= 30 {
      pieces += [
        (pieces.isEmpty ? "dev exact " : "  exact ", palette.label),
        (NumberText.percent(last.exactMatch), palette.value),
      ]
    }
    painter.pieces(area.x, area.y, width: area.width, pieces)
    guard area.height >= 2, let best = run.best else { return }
    painter.pieces(
      area.x, area.y + 1, width: area.width,
      [
        ("★ ", palette.best), ("best epoch \(best.epoch + 1)  ", palette.label),
        (
          "A \(NumberText.percent(best.counts.accuracyA))  B \(NumberText.percent(best.counts.accuracyB))", palette.text
        ),
      ])
  }
}
