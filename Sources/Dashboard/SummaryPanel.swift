import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// What came out, once the run has ended.
struct SummaryPanel {
  let run: RunState
  let now: Double

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let look = PhaseLook(run)
    var inner = painter.panel(area, "Summary", palette.style(look.color))
    func line(_ pieces: [(String, Style)]) {
      let row = inner.takeTop(1)
      if !row.isEmpty { painter.pieces(row.x, row.y, width: row.width, pieces) }
    }
    line([
      ("\(look.glyph) \(look.word)", palette.style(look.color, .bold)),
      (" after \(NumberText.grouped(run.step)) steps, ", palette.label),
      (NumberText.duration(run.clock.elapsed(now: now)), palette.value),
    ])
    for text in CharacterWidth.lines(of: run.outcome?.message ?? "", columns: inner.width).prefix(
      max(0, min(4, inner.height - 2)))
    {
      line([(text, palette.text)])
    }
    if let best = run.best {
      line(
        [("★ ", palette.best), ("best epoch \(best.epoch)", palette.label)]
          + figures(best, palette, columns: inner.width - 16))
    }
    if let test = run.test { line([("  test", palette.label)] + figures(test, palette, columns: inner.width - 6)) }
    // What the message says is not said again.
    let message = run.outcome?.message ?? ""
    if let checkpoint = run.bestCheckpoint ?? run.checkpoint, !message.contains(checkpoint.path) {
      let name = checkpoint.path.split(separator: "/").suffix(1).joined()
      line([(checkpoint.isBest ? "best model " : "last model ", palette.label), (name, palette.text)])
    }
    if let directory = run.description?.directory, inner.height > 1, !message.contains(directory) {
      line([("in ", palette.label), (directory, palette.text)])
    }
    if inner.height > 0 { line([("q", palette.key), (" leaves", palette.label)]) }
  }

  private func figures(_ record: EvaluationRecord, _ palette: Palette, columns: Int) -> [(String, Style)] {
    var pieces: [(String, Style)] = []
    for task in run.tasks {
      guard let share = record.counts.accuracy(task) else { continue }
      pieces += [("  \(task.rawValue) ", palette.label), (NumberText.percent(share), palette.value)]
    }
    if let f1 = record.entityF1, columns >= 33 {
      pieces += [("  F1 ", palette.label), (NumberText.percent(f1), palette.value)]
    }
    return pieces
  }
}
