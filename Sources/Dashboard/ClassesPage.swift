import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// Both tasks label by label, as dev last showed them, and what was taken for what.
struct ClassesPage {
  let run: RunState
  let offset: Int

  private var evaluation: EvaluationRecord? { run.evaluations.last { $0.breakdownA != nil || $0.breakdownB != nil } }

  func draw(in area: Rect, with painter: inout Painter) {
    var right = area
    let left = right.takeLeft(area.width / 2)
    for (rect, isA) in [(left, true), (right, false)] {
      var rest = rect
      let confusions = rest.takeBottom(rest.height >= 20 ? max(6, rest.height / 3) : rest.height >= 14 ? 5 : 0)
      painter.panel(isA ? .classesA : .classesB, in: rest) { drawLabels(isA: isA, in: rest, with: &$0) }
      painter.panel(isA ? .confusionsA : .confusionsB, in: confusions) {
        drawConfusions(isA: isA, in: confusions, with: &$0)
      }
    }
  }

  func drawLabels(isA: Bool, in area: Rect, with painter: inout Painter) {
    guard area.height >= 4, area.width >= 24 else { return }
    let palette = painter.palette
    let color: ThemeKey = isA ? .lossA : .lossB
    let epoch = evaluation.map { ", dev, epoch \($0.epoch + 1)" } ?? ""
    var inner = painter.panel(area, (isA ? "A: classes" : "B: entities") + epoch, palette.style(color))
    guard let breakdown = isA ? evaluation?.breakdownA : evaluation?.breakdownB else {
      painter.text(inner.x, inner.y, width: inner.width, "counted at the next look at dev", palette.quiet)
      return
    }
    let names = min(
      inner.width - 27, max(8, breakdown.labels.map { CharacterWidth.columns(of: $0.name) }.max() ?? 8))
    let bar = inner.width - names - 29
    let header = inner.takeTop(1)
    var x = header.x + names
    for title in ["prec", "rec", "F1", "gold"] {
      painter.text(x, header.y, width: 7, title, palette.quiet, .right)
      x += title == "gold" ? 7 : 6
    }
    let shown = breakdown.labels.dropFirst(min(offset, max(0, breakdown.labels.count - inner.height)))
    for (index, label) in shown.prefix(inner.height).enumerated() {
      let y = inner.y + index
      painter.text(inner.x, y, width: names, label.name, palette.text)
      var x = inner.x + names
      for (value, isF1) in [(label.precision, false), (label.recall, false), (label.f1, true)] {
        painter.text(
          x, y, width: 7, NumberText.fixed(value * 100, decimals: 1), isF1 ? palette.value : palette.label, .right)
        x += 6
      }
      painter.text(x, y, width: 7, NumberText.grouped(label.gold), palette.quiet, .right)
      if bar >= 6 { drawBar(label.f1, isA, x: x + 8, y: y, width: min(bar, 30), with: &painter) }
    }
    let hidden = breakdown.labels.count - inner.height
    if hidden > 0 {
      let text = " \(min(offset, hidden) + 1)-\(min(offset, hidden) + inner.height) of \(breakdown.labels.count) "
      painter.text(area.right - text.count - 2, area.bottom - 1, text, palette.quiet)
    }
  }

  /// A thin bar, so that one row can be told from the next.
  private func drawBar(_ share: Double, _ isA: Bool, x: Int, y: Int, width: Int, with painter: inout Painter) {
    let look = painter.palette.gradient(isA ? .taskA : .taskB)
    let filled = Int((min(max(share, 0), 1) * Double(width)).rounded())
    for cell in 0..<width {
      let isFilled = cell < filled
      painter.canvas.put(
        x + cell, y, isFilled ? (painter.glyphs == .ascii ? "=" : "━") : "─",
        isFilled ? look(Double(cell) / Double(max(1, width - 1))) : painter.palette.grid)
    }
  }

  func drawConfusions(isA: Bool, in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(area, isA ? "A: confused" : "B: confused words", palette.style(.dividerLine))
    guard let breakdown = isA ? evaluation?.breakdownA : evaluation?.breakdownB else { return }
    guard !breakdown.confusions.isEmpty else {
      painter.text(inner.x, inner.y, width: inner.width, "nothing was confused", palette.quiet)
      return
    }
    let width = max(6, (inner.width - 11) / 2)
    for (index, confusion) in breakdown.confusions.prefix(inner.height).enumerated() {
      let y = inner.y + index
      painter.text(inner.x, y, width: 5, NumberText.grouped(confusion.count), palette.value, .right)
      painter.text(inner.x + 6, y, width: width, confusion.gold, palette.text)
      painter.text(inner.x + 7 + width, y, "→", palette.quiet)
      painter.text(
        inner.x + 9 + width, y, width: inner.right - inner.x - 9 - width, confusion.predicted,
        palette.style(.logWarning))
    }
  }
}
