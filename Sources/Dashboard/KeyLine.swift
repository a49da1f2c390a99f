import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The last row: the keys that matter most now and the pages, a line being typed, or a passing notice.
struct KeyLine {
  /// All that the row follows from, but for its place and look.
  struct Content: Hashable {
    let available: AvailableCommands
    let takesCommands: Bool
    let hasEnded: Bool
    let phase: RunPhase
    let role: SessionRole
    let page: Page
    let scale: AxisScale
    /// A passing answer to a key.
    let notice: String?
    /// The commands that wait for an answer.
    let requests: String?
  }

  /// A line being typed.
  private let line: CommandLine?
  private let content: Content

  init(model: DashboardModel, now: Double) {
    if case .commandLine(let line) = model.popup { self.line = line } else { line = nil }
    content = Content(
      available: AvailableCommands(model), takesCommands: model.run.takesCommands, hasEnded: model.run.hasEnded,
      phase: model.run.phase, role: model.role, page: model.page, scale: model.chart.scale, notice: model.notice?.text,
      requests: model.requests.words(now: now))
  }

  /// A key with its word, as it stands in the row.
  private struct Group {
    let command: DashboardCommand
    let pieces: [(String, Style)]
    var width: Int { columns(of: pieces) }
  }

  private static let gap = 3

  func draw(in area: Rect, with painter: inout Painter) {
    if let line { return draw(line, in: area, with: &painter) }
    painter.part(.keyLine, in: area, .keys(content)) { drawKeys(in: area, with: &$0) }
  }

  private func drawKeys(in area: Rect, with painter: inout Painter) {
    let row = area.inset(1, 0)
    let groups = groups(painter.palette)
    // What must not be missing comes first; where even that does not fit, whole words go, the last first.
    let essential = groups.filter { Self.essential.contains($0.command) }
    let room = row.width - Self.width(essential)
    var rest = row
    var right = 0
    let notice = notice(painter.palette)
    let noticeWidth = notice.map { min(row.width, CharacterWidth.columns(of: $0.0)) + Self.gap } ?? 0
    // The pages' numbers come before what acts on this page alone, their names after the first of that.
    let ofPage = groups.filter { Self.rank($0.command) < Self.ofPages.count }
      .min { Self.rank($0.command) < Self.rank($1.command) }
    let free = room - Self.gap - noticeWidth
    let pages = drawPages(
      in: row, room: free, named: free - (ofPage.map { $0.width + Self.gap } ?? 0), with: &painter)
    if pages > 0 { right = pages }
    if let notice {
      _ = rest.takeRight(pages + (pages > 0 ? Self.gap : 0))
      painter.text(
        rest.right - noticeWidth + Self.gap, row.y, width: noticeWidth - Self.gap, notice.0, notice.1)
      right += noticeWidth - (pages > 0 ? 0 : Self.gap)
    }
    let left = row.width - right - (right > 0 ? Self.gap : 0)
    var shown = essential
    while !shown.isEmpty, Self.width(shown) > left { shown.removeLast() }
    for group in groups.sorted(by: { Self.rank($0.command) < Self.rank($1.command) })
    where shown.count >= essential.count {
      guard !shown.contains(where: { $0.command == group.command }) else { continue }
      if Self.width(shown) + Self.gap + group.width <= left { shown.append(group) }
    }
    var x = row.x
    for group in groups where shown.contains(where: { $0.command == group.command }) {
      painter.pieces(x, row.y, width: group.width, group.pieces)
      painter.regions.append(
        HitRegion(rect: Rect(x: x, y: row.y, width: group.width, height: 1), target: .command(group.command)))
      x += group.width + Self.gap
    }
  }

  private static let essential: [DashboardCommand] = [.stop, .pauseOrResume, .help, .checkpoint]

  /// What acts on something that only some pages have comes first: what is on all of them is known from there.
  private static func rank(_ command: DashboardCommand) -> Int {
    ofPages.firstIndex(of: command) ?? ofPages.count
  }

  private static let ofPages: [DashboardCommand] = [
    .mark, .showConfused, .cursorLeft, .zoomIn, .scrollUp, .logLevel, .search, .nextOrder,
  ]

  private static func width(_ groups: [Group]) -> Int {
    groups.reduce(0) { $0 + $1.width } + gap * max(0, groups.count - 1)
  }

  /// The keys that do something here and now.
  private func groups(_ palette: Palette) -> [Group] {
    KeyBinding.all.compactMap { binding in
      guard let word = word(for: binding), let key = binding.label.split(separator: " ").first else {
        return nil
      }
      return Group(command: binding.command, pieces: [(Self.glyph(key), palette.key), (" \(word)", palette.label)])
    }
  }

  private static func glyph(_ key: Substring) -> String {
    switch key {
    case "left": "←→"
    case "up": "↑↓"
    case "+": "+-"
    default: String(key)
    }
  }

  // MARK: - The right end

  private func notice(_ palette: Palette) -> (String, Style)? {
    if let notice = content.notice { return (notice, palette.best) }
    return content.requests.map { ($0, palette.style(.statePaused, .bold)) }
  }

  /// The pages, with as many of their names as there is room for; returns the columns used.
  private func drawPages(in row: Rect, room: Int, named roomForNames: Int, with painter: inout Painter) -> Int {
    let named = Page.allCases.map { (page: $0, text: "\($0.rawValue) \($0.title)") }
    let numbered = named.map { ($0.page, $0.page == content.page ? $0.text : "\($0.page.rawValue)") }
    func width(_ tabs: [(page: Page, text: String)], _ gap: Int) -> Int {
      tabs.reduce(0) { $0 + $1.text.count + gap } - gap
    }
    let choices: [(tabs: [(page: Page, text: String)], gap: Int, room: Int)] = [
      (named, 2, roomForNames), (named, 1, roomForNames), (numbered, 1, room),
    ]
    guard let (tabs, gap, _) = choices.first(where: { width($0.tabs, $0.gap) <= $0.room }) else {
      let word = "1-\(Page.allCases.count) pages"
      guard word.count <= room else { return 0 }
      painter.text(row.right - word.count, row.y, word, painter.palette.quiet)
      return word.count
    }
    var x = row.right - width(tabs, gap)
    for tab in tabs {
      painter.regions.append(
        HitRegion(rect: Rect(x: x, y: row.y, width: tab.text.count + gap, height: 1), target: .page(tab.page)))
      painter.text(x, row.y, tab.text, tab.page == content.page ? painter.palette.strong : painter.palette.quiet)
      x += tab.text.count + gap
    }
    return width(tabs, gap)
  }

  private func draw(_ line: CommandLine, in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    // A long line shows its end.
    let room = max(8, area.width / 2)
    let typed =
      CharacterWidth.columns(of: line.text) > room ? "…" + CharacterWidth.end(line.text, columns: room - 1) : line.text
    let width = painter.pieces(
      area.x + 1, area.y, width: area.width - 2,
      [(line.prompt, palette.key), (typed, palette.value), (" ", palette.selected)])
    let x = area.x + 1 + width + 2
    guard x < area.right else { return }
    if let problem = line.problem {
      painter.text(x, area.y, width: area.right - x, problem, palette.style(.logError))
    } else {
      let last = line.text.split(separator: " ", omittingEmptySubsequences: false).last.map(String.init)
      let candidates = line.candidates.map { ($0 + "  ", $0 == last ? palette.strong : palette.label) }
      painter.pieces(x, area.y, width: area.right - x, candidates)
    }
  }

  /// What the key does in the run's present state and on what is shown; nil where nothing.
  private func word(for binding: KeyBinding) -> String? {
    guard binding.short != nil else { return nil }
    switch binding.command {
    case .pauseOrResume:
      if !content.takesCommands || content.phase == .stopping { return nil }
      return content.phase == .paused || content.phase == .pausing ? "resume" : binding.short
    case .checkpoint: return content.takesCommands ? binding.short : nil
    case .detach: return content.hasEnded || content.role != .owner ? nil : binding.short
    case .stop: return content.hasEnded || content.role != .owner ? "leave" : binding.short
    case .toggleScale where content.available.contains(.toggleScale):
      return content.scale == .linear ? "log" : binding.short
    default: return content.available.contains(binding.command) ? binding.short : nil
    }
  }
}
