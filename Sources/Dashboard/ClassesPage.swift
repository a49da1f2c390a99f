import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The tasks label by label, as dev last showed them, and what was taken for what.
struct ClassesPage {
  let run: RunState
  let order: TableOrder
  /// Rows scrolled down.
  let offset: Int
  /// The selected row of the confusions, where one is.
  var selection: Int?

  /// Labels that a table's panel has room for.
  static func rows(in area: Rect) -> Int { max(0, area.height - 3) }

  /// The labels in the chosen order.
  private func labels(_ breakdown: TaskBreakdown) -> [LabelCounts] {
    let places = Array(breakdown.labels.enumerated())
    switch order {
    case .data: return breakdown.labels
    case .worst:
      return places.sorted {
        ($0.element.f1, -$0.element.gold, $0.offset) < ($1.element.f1, -$1.element.gold, $1.offset)
      }
      .map(\.element)
    case .frequent:
      return places.sorted { (-$0.element.gold, $0.offset) < (-$1.element.gold, $1.offset) }.map(\.element)
    }
  }

  /// When there will be something to show.
  private func hint(_ task: ModelTask) -> String {
    let count = run.description.map { "\($0.labels(task).count) \(task.labelNoun); " } ?? ""
    return count + (run.description?.devSentences == 0 ? "there are no dev sentences" : "figures come after epoch 0")
  }

  func drawLabels(_ task: ModelTask, in area: Rect, with painter: inout Painter) {
    guard area.height >= 4, area.width >= 24 else { return }
    let palette = painter.palette
    let epoch = run.brokenDown.map { ", dev, epoch \($0.epoch)" } ?? ""
    let sorted = order == .data ? "" : ", " + order.words
    var inner = painter.panel(
      area, "\(task.rawValue): \(task == .sentence ? "classes" : "entities")" + epoch + sorted,
      palette.style(task.color))
    guard let breakdown = run.breakdown(task) else {
      painter.text(inner.x, inner.y, width: inner.width, hint(task), palette.quiet)
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
    let shown = labels(breakdown).dropFirst(min(offset, max(0, breakdown.labels.count - inner.height)))
    for (index, label) in shown.prefix(inner.height).enumerated() {
      let y = inner.y + index
      painter.text(inner.x, y, width: names, CharacterWidth.clipMiddle(label.name, columns: names), palette.text)
      var x = inner.x + names
      for (value, isF1) in [(label.precision, false), (label.recall, false), (label.f1, true)] {
        painter.text(
          x, y, width: 7, NumberText.fixed(value * 100, decimals: 1),
          !isF1 ? palette.label : value < 0.5 ? palette.style(.logWarning, .bold) : palette.value, .right)
        x += 6
      }
      painter.text(x, y, width: 7, NumberText.grouped(label.gold), palette.quiet, .right)
      if bar >= 6 {
        painter.thinBar(x + 8, y, width: bar, value: label.f1, style: palette.gradient(task.gradient))
      }
    }
    let hidden = breakdown.labels.count - inner.height
    if hidden > 0 {
      let text = " \(min(offset, hidden) + 1)-\(min(offset, hidden) + inner.height) of \(breakdown.labels.count) "
      painter.text(area.right - text.count - 2, area.bottom - 1, text, palette.quiet)
    }
  }

  func drawConfusions(_ task: ModelTask, in area: Rect, with painter: inout Painter) {
    guard area.height >= 3, area.width >= 24 else { return }
    let palette = painter.palette
    let inner = painter.panel(
      area, "\(task.rawValue): confused\(task == .sentence ? "" : " words")", palette.line(.dividerLine))
    guard let breakdown = run.breakdown(task) else {
      return painter.text(inner.x, inner.y, width: inner.width, "what was taken for what; after epoch 0", palette.quiet)
    }
    guard !breakdown.confusions.isEmpty else {
      painter.text(inner.x, inner.y, width: inner.width, "nothing was confused", palette.quiet)
      return
    }
    let width = max(6, (inner.width - 11) / 2)
    for (index, confusion) in breakdown.confusions.dropFirst(offset).prefix(inner.height).enumerated() {
      let y = inner.y + index
      let row = Rect(x: inner.x - 1, y: y, width: inner.width + 2, height: 1)
      let isSelected = offset + index == selection
      func style(_ style: Style) -> Style { isSelected ? palette.selected : style }
      painter.regions.append(HitRegion(rect: row, target: .row(.confusions(task), offset + index)))
      if isSelected { painter.canvas.fill(row, " ", palette.selected) }
      painter.text(inner.x, y, width: 5, NumberText.grouped(confusion.count), style(palette.value), .right)
      painter.text(
        inner.x + 6, y, width: width, CharacterWidth.clipMiddle(confusion.gold, columns: width), style(palette.text))
      painter.text(inner.x + 7 + width, y, "→", style(palette.quiet))
      painter.text(
        inner.x + 9 + width, y, width: inner.right - inner.x - 9 - width,
        CharacterWidth.clipMiddle(confusion.predicted, columns: inner.right - inner.x - 9 - width),
        style(palette.style(.logWarning)))
    }
  }
}
