import Comparison
import Formatting
import LoggedRuns
import TerminalCanvas
import Themes

/// Draws the comparison; changes nothing.
struct ComparisonScreen {
  let model: ComparisonModel

  /// `plots`: curves that were drawn before, and that are drawn now.
  func draw(with painter: inout Painter, _ plots: inout PlotCache) {
    let (width, height) = (painter.canvas.width, painter.canvas.height)
    painter.canvas.clear(painter.palette.text)
    guard width >= ComparisonLayout.minimumWidth, height >= ComparisonLayout.minimumHeight else {
      let text = "\(model.runs.count) runs; \(ComparisonLayout.minimumWidth)×\(ComparisonLayout.minimumHeight) needed"
      return painter.text(0, 0, width: width, text, painter.palette.text)
    }
    let layout = ComparisonLayout(
      model.page, width: width, height: height, rows: model.table.rows.count, charts: model.families.count,
      showsDiff: model.isDiffShown)
    drawHeader(in: layout.header, with: &painter)
    drawKeys(in: layout.keys, with: &painter)
    switch model.page {
    case .runs:
      RunTablePanel(model: model).draw(in: layout.table, with: &painter)
      DiffPanel(model: model).draw(in: layout.side, with: &painter)
      for area in layout.charts { drawChart(model.family, in: area, isMain: true, with: &painter, &plots) }
    case .metrics:
      MetricTreePanel(model: model).draw(in: layout.side, with: &painter)
      let first = model.families.firstIndex { $0.family == model.family } ?? 0
      let start = max(0, min(first, model.families.count - layout.charts.count))
      for (place, area) in layout.charts.enumerated() {
        let family = model.families[start + place].family
        drawChart(family, in: area, isMain: family == model.family, with: &painter, &plots)
      }
    }
    drawPopup(over: Rect(x: 0, y: 0, width: width, height: height), with: &painter)
  }

  private func drawChart(
    _ family: String?, in area: Rect, isMain: Bool, with painter: inout Painter, _ plots: inout PlotCache
  ) {
    OverlayChart(model: model, family: family ?? "", isMain: isMain).draw(in: area, with: &painter, &plots)
  }

  private func drawHeader(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    var pieces: [(String, Style)] = [(" mtt-tui view ", palette.strong)]
    let runs = model.runs.count
    pieces.append((" \(runs) \(runs == 1 ? "run" : "runs")", palette.text))
    let live = model.runs.count { $0.state(now: model.wall) == .live }
    if live > 0 { pieces.append((" · \(live) live", palette.style(.stateRunning))) }
    if !model.marked.isEmpty { pieces.append((" · \(model.marked.count) marked", palette.text)) }
    let problems = model.problemCount
    if problems > 0 {
      pieces.append((" · \(problems) \(problems == 1 ? "problem" : "problems") (i)", palette.style(.logWarning)))
    }
    // Names come last: they may be long.
    if let base = model.baseline.flatMap({ model.run($0) }) { pieces.append((" · base \(base.name)", palette.best)) }
    if let alone = model.alone.flatMap({ model.run($0) }) { pieces.append((" · only \(alone.name)", palette.best)) }
    painter.pieces(area.x, area.y, width: area.width, pieces)
    guard model.isLoading else { return }
    let text = " reading… "
    painter.text(area.right - text.count, area.y, width: text.count, text, palette.style(.stateEvaluating))
  }

  private func drawKeys(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    if case .filter(let text, _) = model.popup {
      let isOfRuns = model.page == .runs
      let hint = "   " + (isOfRuns ? "words, key>number, key:text, -not, | or" : "words of the metrics' names")
      painter.pieces(
        area.x + 1, area.y, width: area.width - 2,
        [
          ("/", palette.key), (text, palette.value), (" ", palette.selected),
          (hint, palette.quiet),
        ])
      return
    }
    let notice = model.notice.map { " \($0.text) " }
    let noticeWidth = min(area.width, notice.map { CharacterWidth.columns(of: $0) } ?? 0)
    let end = area.right - noticeWidth
    var x = area.x + 1
    // Whatever else there is room for: how to leave, and where all keys are.
    let last = ComparisonBinding.all.filter { [.quit, .help].contains($0.command) }
    let others = ComparisonBinding.all.filter { $0.short != nil && ![.quit, .help].contains($0.command) }
    let reserved = last.reduce(0) { $0 + columns(of: pieces(of: $1, palette)) + 2 }
    for (bindings, limit) in [(others, end - reserved), (last, end)] {
      for binding in bindings {
        let pieces = pieces(of: binding, palette)
        guard x + columns(of: pieces) < limit else { continue }
        x += painter.pieces(x, area.y, width: end - x, pieces) + 2
      }
    }
    if let notice { painter.text(end, area.y, width: noticeWidth, notice, palette.best) }
  }

  /// A key and its word, for the key line.
  private func pieces(of binding: ComparisonBinding, _ palette: Palette) -> [(String, Style)] {
    let key = binding.label.split(separator: " ").first.map(String.init) ?? ""
    return [(key == "left" ? "←→" : key, palette.key), (" \(binding.short ?? "")", palette.label)]
  }

  // MARK: - Popups

  private func drawPopup(over area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    switch model.popup {
    case .help(let offset):
      let width = ComparisonBinding.explained.map { $0.label.count }.max() ?? 0
      let lines = ComparisonBinding.explained.map { label, text in
        let label = label + String(repeating: " ", count: width - label.count)
        return [(label, palette.key), ("  " + text, palette.text)]
      }
      drawList("Keys", lines, offset, over: area, with: &painter)
    case .problems(let offset):
      let lines = model.problemLines.map { [($0, palette.text)] }
      drawList("Problems", lines.isEmpty ? [[("none", palette.quiet)]] : lines, offset, over: area, with: &painter)
    case .filter, nil: break
    }
  }

  private func drawList(
    _ title: String, _ lines: [[(String, Style)]], _ offset: Int, over area: Rect, with painter: inout Painter
  ) {
    painter.canvas.restyle(area, painter.palette.shade)
    let width = max(lines.map { columns(of: $0) }.max() ?? 0, CharacterWidth.columns(of: title) + 2) + 4
    let box = area.centered(width: min(width, area.width - 2), height: min(lines.count + 2, area.height - 2))
    painter.canvas.fill(box, " ", painter.palette.text)
    let room = box.inset(2, 1).height
    let first = min(offset, max(0, lines.count - room))
    let part = lines.count > room ? " \(first + 1)–\(first + room) of \(lines.count)" : ""
    let inner = painter.panel(box, title + part, painter.palette.style(.highlight))
    for (row, line) in lines.dropFirst(first).prefix(inner.height).enumerated() {
      painter.pieces(inner.x, inner.y + row, width: inner.width, line)
    }
  }
}

/// Colours that distinguish runs, for every kind of colour vision: the run's letter does the rest.
enum RunColors {
  private static let colors: [UInt32] = [
    0x56B4E9, 0xE69F00, 0x2FBF8F, 0xCC79A7, 0xF0E442, 0xE8743B, 0x8C8CFF, 0xB0B0B0,
  ]

  /// On a light background they are darker.
  static func color(_ slot: Int, _ theme: Theme) -> Color {
    let color = Color(colors[slot % colors.count])
    let isLight = theme.background.map { $0.luminance > 0.5 } ?? false
    return isLight ? color.mixed(with: Color(0), 0.45) : color
  }
}
