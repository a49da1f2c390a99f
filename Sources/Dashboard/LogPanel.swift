import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The newest lines of the log, each after its time of day and the step it belongs to.
struct LogPanel {
  let entries: [LogEntry]
  /// Lines scrolled back from the newest.
  let offset: Int
  /// The least level shown.
  var level = LogLine.Level.info
  /// What the lines shown have in them; empty for all.
  var filter = ""
  /// Whether long lines go on in the next row rather than being cut.
  var wraps = false
  var secondsFromGMT = 0

  private var title: String {
    var title = level == .info ? "Log" : level == .warning ? "Log, warnings and errors" : "Log, errors"
    if !filter.isEmpty { title += ", with \"\(CharacterWidth.clip(filter, columns: 20))\"" }
    return title
  }

  /// One or two lines stand without a frame.
  private static func inside(_ area: Rect) -> Rect { area.height < 3 ? area.inset(1, 0) : area.inset(2, 1) }

  func draw(in area: Rect, with painter: inout Painter) {
    guard area.height >= 1, area.width >= 20 else { return }
    let palette = painter.palette
    let inner = Self.inside(area)
    let offset = min(offset, largestOffset(in: area))
    if area.height >= 3 {
      _ = painter.panel(area, offset > 0 ? "\(title), \(offset) back" : title, palette.line(.dividerLine))
    }
    guard !entries.isEmpty else {
      let words = filter.isEmpty && level == .info ? "nothing has happened yet" : "no such lines"
      return painter.text(inner.x, inner.y, width: inner.width, words, palette.quiet)
    }
    let (shown, hiddenRows) = visible(offset: offset, in: inner)
    var y = inner.y - hiddenRows
    for entry in shown {
      for (index, text) in lines(of: entry, columns: inner.width).enumerated() {
        defer { y += 1 }
        guard y >= inner.y, y < inner.bottom else { continue }
        draw(entry, text, isFirst: index == 0, row: Rect(x: inner.x, y: y, width: inner.width, height: 1), &painter)
      }
    }
  }

  private func draw(_ entry: LogEntry, _ text: String, isFirst: Bool, row: Rect, _ painter: inout Painter) {
    let palette = painter.palette
    let (mark, style) = look(entry.level, palette)
    let gutter = gutter
    if isFirst {
      if timeWidth > 0 { painter.text(row.x, row.y, time(entry), palette.quiet) }
      painter.text(
        row.x + timeWidth, row.y, width: gutter - timeWidth - 3, NumberText.grouped(entry.step), palette.quiet, .right)
      painter.text(row.x + gutter - 2, row.y, mark, style)
    }
    painter.text(
      row.x + gutter, row.y, width: row.width - gutter, text, entry.level == .info ? palette.text : style)
  }

  // MARK: - What is in sight

  /// The entries in sight, and how many rows of the first of them are not.
  private func visible(offset: Int, in inner: Rect) -> (entries: ArraySlice<LogEntry>, hiddenRows: Int) {
    let end = max(1, entries.count - offset)
    var first = end
    var rows = 0
    while first > 0, rows < inner.height {
      first -= 1
      rows += lines(of: entries[first], columns: inner.width).count
    }
    return (entries[first..<min(end, entries.count)], max(0, rows - inner.height))
  }

  /// How far the log can be scrolled back: its oldest line then stands on top.
  func largestOffset(in area: Rect) -> Int {
    let inner = Self.inside(area)
    var rows = 0
    for (index, entry) in entries.enumerated() {
      rows += lines(of: entry, columns: inner.width).count
      if rows > inner.height { return entries.count - max(1, index) }
    }
    return 0
  }

  private func lines(of entry: LogEntry, columns: Int) -> [String] {
    let width = columns - gutter
    guard wraps, CharacterWidth.columns(of: entry.text) > width else { return [entry.text] }
    return CharacterWidth.lines(of: entry.text, columns: width)
  }

  // MARK: - Columns

  private var hasTimes: Bool { entries.last { $0.time != nil } != nil }
  private var timeWidth: Int { hasTimes ? 9 : 0 }
  /// Columns before the text: time, step and mark.
  private var gutter: Int {
    timeWidth + max(1, entries.last.map { NumberText.grouped($0.step).count } ?? 1) + 3
  }

  /// The time of day, where it is known.
  private func time(_ entry: LogEntry) -> String {
    guard let time = entry.time, time.isFinite, abs(time) < 1e12 else { return "" }
    let second = ((Int(time) + secondsFromGMT) % 86_400 + 86_400) % 86_400
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  private func look(_ level: LogLine.Level, _ palette: Palette) -> (String, Style) {
    switch level {
    case .info: ("·", palette.quiet)
    case .warning: ("!", palette.style(.logWarning, .bold))
    case .error: ("✗", palette.style(.logError, .bold))
    }
  }
}
