import TerminalCanvas
import Themes
import TrainingEvents

/// How far and how fast: batch within epoch, step within run, speeds, learning rate, gradient norm.
struct ProgressPanel {
  /// Rows that show everything, the frame included.
  static let fullHeight = 10

  let run: RunState

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    var inner = painter.panel(area, "Progress", painter.palette.style(.networkBox))
    let last = run.lastStep
    drawBar(
      "epoch", done: last?.batch ?? 0, of: last?.batches ?? run.description?.stepsPerEpoch ?? 0,
      row: inner.takeTop(1), with: &painter)
    drawBar("run", done: run.step, of: run.totalSteps, row: inner.takeTop(1), with: &painter)
    if inner.height >= 6 { _ = inner.takeTop(1) }
    if inner.height >= 5 {
      drawSpeeds(in: &inner, with: &painter)
      if inner.height >= 3 { _ = inner.takeTop(1) }
    } else {
      drawSpeedLine(in: inner.takeTop(1), with: &painter)
    }
    drawOptimizer(in: inner.takeTop(1), with: &painter)
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
    painter.bar(
      row.x + 6, row.y, width: row.width - 6 - countWidth - 1, value: share, style: palette.gradient(.progress))
  }

  /// One line for all three speeds.
  private func drawSpeedLine(in row: Rect, with painter: inout Painter) {
    guard !row.isEmpty else { return }
    let palette = painter.palette
    let speed = run.throughput.current
    var pieces: [(String, Style)] = []
    for (value, unit) in [
      (speed.stepsPerSecond, "step/s"), (speed.sentencesPerSecond, "sent/s"), (speed.tokensPerSecond, "tok/s"),
    ] {
      pieces += [
        (pieces.isEmpty ? "" : "  ", palette.label), (NumberText.compact(value), palette.value),
        (" \(unit)", palette.label),
      ]
    }
    painter.pieces(row.x, row.y, width: row.width, pieces)
  }

  /// A line a speed, each with its way so far.
  private func drawSpeeds(in area: inout Rect, with painter: inout Painter) {
    let palette = painter.palette
    let speed = run.throughput.current
    let samples = run.throughput.samples
    let rows: [(String, Double, KeyPath<Throughput.Sample, Double>)] = [
      ("steps/s", speed.stepsPerSecond, \.stepsPerSecond),
      ("sentences/s", speed.sentencesPerSecond, \.sentencesPerSecond),
      ("tokens/s", speed.tokensPerSecond, \.tokensPerSecond),
    ]
    for (label, value, path) in rows {
      let row = area.takeTop(1)
      painter.text(row.x, row.y, label, palette.label)
      painter.text(row.right - 7, row.y, width: 7, NumberText.compact(value), palette.value, .right)
      let width = row.width - 12 - 8
      let values = samples.suffix(max(0, width)).map { $0[keyPath: path] }
      let top = values.max() ?? 0
      painter.canvas.sparkline(
        row.x + 12, row.y, width: width, values: values.map { top > 0 ? $0 / (top * 1.05) : 0 },
        glyphs: painter.glyphs, style: palette.gradient(.progress))
    }
  }

  private func drawOptimizer(in row: Rect, with painter: inout Painter) {
    guard !row.isEmpty else { return }
    let palette = painter.palette
    let rate = run.lastStep.map { NumberText.scientific($0.learningRate, decimals: 2) } ?? "-"
    let norm = run.lastStep.map { NumberText.short($0.gradientNorm) } ?? "-"
    let broken = run.lastStep.map { !$0.gradientNorm.isFinite } ?? false
    painter.pieces(
      row.x, row.y, width: row.width,
      [
        ("learning rate ", palette.label), (rate, palette.value), ("  gradient ", palette.label),
        (norm, broken ? palette.style(.stateFailed, .bold) : palette.value),
      ])
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
