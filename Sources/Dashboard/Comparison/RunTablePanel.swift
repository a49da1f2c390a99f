import Comparison
import Formatting
import LoggedRuns
import TerminalCanvas
import Themes

/// The table of runs: as many columns as there is room for.
struct RunTablePanel {
  let model: ComparisonModel
  private static let narrowestName = 16
  /// Letter, marks and air before the first column.
  private static let margin = 5

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 3 else { return }
    let inner = painter.panel(area, title, painter.palette.style(.processBox))
    let rows = model.table.rows
    drawState(in: area, with: &painter)
    guard !rows.isEmpty else {
      let text = model.runs.isEmpty ? "no runs yet" : "no run passes the filter; Esc takes it away"
      return painter.text(inner.x, inner.y, width: inner.width, text, painter.palette.quiet)
    }
    let shown = max(0, inner.height - 1)
    let place = rows.firstIndex { $0.id == model.selected } ?? 0
    let first = max(0, min(place - shown / 2, rows.count - shown))
    let visible = rows.dropFirst(first).prefix(shown)
    let layout = columns(visible, width: inner.width - Self.margin)
    drawHeading(layout, at: inner.x, inner.y, with: &painter)
    let drawn = Set(model.drawn.map(\.id))
    for (offset, row) in visible.enumerated() {
      draw(
        row, layout, isDrawn: drawn.contains(row.id),
        Rect(x: inner.x, y: inner.y + 1 + offset, width: inner.width, height: 1), with: &painter)
    }
  }

  private var title: String { model.filter.isEmpty ? "Runs" : "Runs / \(model.filter.text)" }

  /// What is listed of all, and in which order, in the upper edge.
  private func drawState(in area: Rect, with painter: inout Painter) {
    var text = ""
    if model.table.rows.count < model.runs.count { text += " \(model.table.rows.count) of \(model.runs.count) " }
    if model.showsOnlyMarked { text += " marked only " }
    if let sort = model.sort { text += " by \(RunTable.heading(sort)) \(model.isReversed ? "▲" : "▼") " }
    let width = CharacterWidth.columns(of: text)
    guard width > 0, width < area.width - title.count - 8 else { return }
    painter.text(area.right - 2 - width, area.y, text, painter.palette.label)
  }

  // MARK: - Columns

  private struct Placed {
    var index: Int
    var x: Int
    var width: Int
    var alignment: TextAlignment
  }

  /// The columns that fit, the name taking what is left; those in the middle go before the first and the last.
  private func columns(_ rows: ArraySlice<RunTable.Row>, width: Int) -> [Placed] {
    let table = model.table
    guard let name = table.columns.firstIndex(of: .name) else { return [] }
    let names = rows.map { CharacterWidth.columns(of: $0.cells[name].text) }.max() ?? 0
    // A name says more than another figure, as long as it leaves most of the row to figures.
    let leastName = max(Self.narrowestName, min(names, width / 4))
    var kept: [(index: Int, width: Int)] = []
    var free = width - leastName
    for (index, column) in table.columns.enumerated() where column != .name {
      let texts = [RunTable.heading(column)] + rows.map { text($0.cells[index]) }
      let needed = min(18, texts.map { CharacterWidth.columns(of: $0) }.max() ?? 0)
      guard free >= needed + 2 else { continue }
      free -= needed + 2
      kept.append((index, needed))
    }
    let nameWidth = min(max(names, 4), leastName + free)
    var placed = [Placed(index: name, x: Self.margin, width: nameWidth, alignment: .left)]
    var x = Self.margin + nameWidth + 2
    for (index, width) in kept {
      let isText = [.state, .format].contains(table.columns[index])
      placed.append(Placed(index: index, x: x, width: width, alignment: isText ? .left : .right))
      x += width + 2
    }
    return placed
  }

  private func text(_ cell: RunTable.Cell) -> String { cell.isBest ? cell.text + "★" : cell.text }

  // MARK: - Rows

  private func drawHeading(_ columns: [Placed], at x: Int, _ y: Int, with painter: inout Painter) {
    for column in columns {
      let kind = model.table.columns[column.index]
      let style = kind == model.sort ? painter.palette.key : painter.palette.label
      // The end of a long name says more than its beginning.
      var heading = RunTable.heading(kind)
      if heading.count > column.width { heading = "…" + heading.suffix(column.width - 1) }
      painter.text(x + column.x, y, width: column.width, heading, style, column.alignment)
    }
  }

  private func draw(
    _ row: RunTable.Row, _ columns: [Placed], isDrawn: Bool, _ line: Rect, with painter: inout Painter
  ) {
    let palette = painter.palette
    let isSelected = row.id == model.selected
    let slot = model.slot(row.id)
    let ink = palette.style(RunColors.color(slot, model.theme), .bold)
    painter.text(line.x, line.y, isSelected ? "▸" : " ", palette.key)
    painter.text(line.x + 1, line.y, isDrawn ? String(DrawnCurve.letter(slot)) : " ", ink)
    let mark = row.id == model.baseline ? "B" : model.marked.contains(row.id) ? "●" : " "
    painter.text(line.x + 3, line.y, mark, row.id == model.baseline ? palette.best : ink)
    for column in columns {
      let cell = row.cells[column.index]
      let style = isSelected && model.table.columns[column.index] == .name ? palette.strong : style(cell, palette)
      var text = text(cell)
      if model.table.columns[column.index] == .name, text.count > column.width {
        text = "…" + text.suffix(column.width - 1)
      }
      painter.text(line.x + column.x, line.y, width: column.width, text, style, column.alignment)
    }
  }

  private func style(_ cell: RunTable.Cell, _ palette: Palette) -> Style {
    if cell.isBest { return palette.best }
    return switch cell.tone {
    case .plain: palette.text
    case .better: palette.style(.stateRunning)
    case .worse, .alert: palette.style(.logError)
    }
  }
}
