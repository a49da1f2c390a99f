import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// How far and how fast: batch within epoch, step within run, speeds, learning rate, gradient norm.
struct ProgressPanel {
  /// Rows that show everything, the frame included.
  static let fullHeight = 10

  let run: RunState
  let liveness: Liveness

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    var inner = painter.panel(area, "Progress", painter.palette.line(.networkBox))
    let last = run.lastStep
    drawBar(
      "epoch", done: last?.batch ?? 0, of: last?.batches ?? run.description?.stepsPerEpoch ?? 0,
      row: inner.takeTop(1), with: &painter)
    drawBar("run", done: run.step, of: run.totalSteps, row: inner.takeTop(1), with: &painter)
    if inner.height >= 6 {
      drawFrozen(in: inner.takeTop(1), with: &painter)
      drawSpeeds(in: inner.takeTop(1), with: &painter)
      drawWays(in: &inner, with: &painter)
    } else {
      drawFigures(in: &inner, with: &painter)
    }
    drawCheckpoint(in: inner.takeTop(1), with: &painter)
  }

  private func drawBar(_ label: String, done: Int, of total: Int, row: Rect, with painter: inout Painter) {
    guard !row.isEmpty else { return }
    let palette = painter.palette
    let count = "\(NumberText.grouped(max(0, done)))/\(NumberText.grouped(max(0, total)))"
    let countWidth = max(13, count.count)
    painter.text(row.x, row.y, label, palette.label)
    painter.text(row.right - countWidth, row.y, width: countWidth, count, palette.value, .right)
    let share = total > 0 ? Double(done) / Double(total) : 0
    painter.thinBar(
      row.x + 6, row.y, width: row.width - 6 - countWidth - 1, value: share, style: palette.gradient(.progress))
  }

  /// What is not trained in this epoch, by the names that `--freeze` takes; empty where all is trained.
  private var frozen: String {
    (run.description?.configuration.frozenNames(epoch: run.epoch) ?? []).joined(separator: ", ")
  }

  private func drawFrozen(in row: Rect, with painter: inout Painter) {
    guard !row.isEmpty, !frozen.isEmpty else { return }
    painter.text(row.x, row.y, "frozen", painter.palette.label)
    painter.text(row.x + 14, row.y, width: row.width - 14, frozen, painter.palette.value)
  }

  /// The speeds that have no line of their own.
  private func drawSpeeds(in row: Rect, with painter: inout Painter) {
    let palette = painter.palette
    if let words = liveness.words() {
      return painter.text(row.x, row.y, width: row.width, words, palette.style(.statePaused, .bold))
    }
    let speed = run.throughput.current
    painter.text(row.x, row.y, "steps/s", palette.label)
    painter.text(row.x + 14, row.y, width: 8, NumberText.compact(speed.stepsPerSecond), palette.value, .right)
    painter.pieces(
      row.x + 24, row.y, width: row.width - 24,
      [("sentences/s ", palette.label), (NumberText.compact(speed.sentencesPerSecond), palette.value)])
  }

  /// Speed, gradient norm and learning rate, each with its way so far.
  private func drawWays(in area: inout Rect, with painter: inout Painter) {
    let width = max(0, area.width - 24)
    let speeds = run.throughput.samples.suffix(width).map(\.tokensPerSecond)
    drawWay(
      "tokens/s", liveness.isLive ? NumberText.compact(run.throughput.current.tokensPerSecond) : "–", speeds,
      in: area.takeTop(1),
      with: &painter)
    let (first, last) = (Double(run.gradientNorm.firstStep) - 0.5, Double(run.gradientNorm.latestStep) + 0.5)
    let shown = max(1, min(width, Int(last - first)))
    let norms = run.gradientNorm.columns(shown, from: first, to: last).map { $0.count > 0 ? $0.maximum : .nan }
    drawWay(
      "gradient norm", run.lastStep.map { NumberText.short($0.gradientNorm) } ?? "–", norms, in: area.takeTop(1),
      with: &painter)
    // The rate's whole way, with what is still to come: it ends where the run ends.
    let rates = run.rates(columns: width)
    drawWay(
      "learning rate", run.lastStep.map { NumberText.scientific($0.learningRate, decimals: 2) } ?? "–",
      rates?.values ?? [], now: rates?.now, in: area.takeTop(1), with: &painter)
  }

  private func drawWay(
    _ label: String, _ value: String, _ values: [Double], now: Int? = nil, in row: Rect,
    with painter: inout Painter
  ) {
    guard !row.isEmpty else { return }
    let palette = painter.palette
    painter.text(row.x, row.y, label, palette.label)
    painter.text(
      row.x + 14, row.y, width: 8, value, value == "NaN" ? palette.style(.stateFailed, .bold) : palette.value, .right)
    let top = values.lazy.filter(\.isFinite).max() ?? 0
    let gradient = palette.gradient(.progress)
    painter.canvas.sparkline(
      row.x + 24, row.y, width: row.width - 24, values: values.map { top > 0 ? $0 / top * 0.85 : 0 },
      glyphs: painter.glyphs, style: { gradient($0 * 0.6) })
    guard let now, row.width - 24 == values.count else { return }
    painter.canvas.restyle(Rect(x: row.x + 24 + now, y: row.y, width: values.count - now, height: 1), palette.quiet)
    painter.canvas.put(row.x + 24 + now, row.y, "┃", palette.best)
  }

  /// Small panels: two columns of figures.
  private func drawFigures(in area: inout Rect, with painter: inout Painter) {
    let speed = run.throughput.current
    func rateText(_ value: Double) -> String { liveness.isLive ? NumberText.compact(value) : "–" }
    let rate = run.lastStep.map { NumberText.scientific($0.learningRate, decimals: 2) } ?? "–"
    let norm = run.lastStep.map { NumberText.short($0.gradientNorm) } ?? "–"
    if let words = liveness.words() {
      let row = area.takeTop(1)
      painter.text(row.x, row.y, width: row.width, words, painter.palette.style(.statePaused, .bold))
    }
    guard area.width >= 34 else {
      let rows = [("tokens/s", rateText(speed.tokensPerSecond)), ("gradient", norm), ("rate", rate)]
      for (label, value) in rows {
        let row = area.takeTop(1)
        guard !row.isEmpty else { return }
        painter.text(row.x, row.y, label, painter.palette.label)
        painter.text(row.x + 9, row.y, width: row.width - 9, value, painter.palette.value)
      }
      return
    }
    let speeds = [
      ("steps/s", rateText(speed.stepsPerSecond)), ("sent/s", rateText(speed.sentencesPerSecond)),
      ("tokens/s", rateText(speed.tokensPerSecond)),
    ]
    let rows =
      frozen.isEmpty
      ? [[speeds[0], ("gradient", norm)], [speeds[1], ("rate", rate)], [speeds[2]]]
      : [[speeds[1], ("gradient", norm)], [speeds[2], ("rate", rate)], [("frozen", frozen)]]
    for pairs in rows {
      let row = area.takeTop(1)
      guard !row.isEmpty else { return }
      let half = pairs.count == 1 ? row.width : row.width / 2
      for (index, pair) in pairs.enumerated() {
        let x = row.x + index * half
        painter.text(x, row.y, pair.0, painter.palette.label)
        painter.text(x + 9, row.y, width: half - 9, pair.1, painter.palette.value)
      }
    }
  }

  private func drawCheckpoint(in row: Rect, with painter: inout Painter) {
    guard !row.isEmpty else { return }
    let palette = painter.palette
    guard let checkpoint = run.checkpoint else {
      painter.text(row.x, row.y, width: row.width, "no checkpoint yet", palette.quiet)
      return
    }
    painter.pieces(
      row.x, row.y, width: row.width,
      [
        ("checkpoint ", palette.label), ("step \(NumberText.grouped(checkpoint.step))", palette.value),
        (checkpoint.isBest ? " ★ best" : "", palette.best),
      ])
  }
}
