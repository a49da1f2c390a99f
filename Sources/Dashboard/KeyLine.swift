import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// The last row: the keys that matter most now and the pages, a line being typed, or a passing notice.
struct KeyLine {
  let model: DashboardModel

  func draw(in area: Rect, with painter: inout Painter) {
    if case .commandLine(let line) = model.popup { return draw(line, in: area, with: &painter) }
    let palette = painter.palette
    let pages = drawPages(in: area, with: &painter)
    let end = area.right - pages - 1
    var x = area.x + 1
    // The help comes last and always has its place.
    let last = end - 8
    for binding in KeyBinding.all where x < end {
      guard let short = word(for: binding), let key = binding.label.split(separator: " ").first else { continue }
      let pieces = [(Self.glyph(key), palette.key), (" \(short)", palette.label)]
      guard x + columns(of: pieces) < (binding.command == .help ? end : last - 2) else { continue }
      let width = painter.pieces(x, area.y, width: end - x, pieces)
      painter.regions.append(
        HitRegion(rect: Rect(x: x, y: area.y, width: width, height: 1), target: .command(binding.command)))
      x += width + 3
    }
    guard let notice = model.notice else { return }
    let text = " \(notice.text) "
    let width = min(area.width, CharacterWidth.columns(of: text))
    painter.text(area.right - width, area.y, width: width, text, palette.best)
  }

  private static func glyph(_ key: Substring) -> String { key == "left" ? "←→" : key == "+" ? "+-" : String(key) }

  /// The pages at the right end, the shown one by name; returns the columns used.
  private func drawPages(in area: Rect, with painter: inout Painter) -> Int {
    let palette = painter.palette
    var tabs: [(page: Page, text: String)] = []
    for page in Page.allCases {
      let isNamed = page == model.page || area.width >= 150
      tabs.append((page, isNamed ? "\(page.rawValue) \(page.title)" : "\(page.rawValue)"))
    }
    let width = tabs.reduce(0) { $0 + $1.text.count + 2 }
    var x = area.right - width
    for tab in tabs {
      let isShown = tab.page == model.page
      painter.regions.append(
        HitRegion(
          rect: Rect(x: x - 1, y: area.y, width: tab.text.count + 2, height: 1), target: .page(tab.page)))
      painter.text(x, area.y, tab.text, isShown ? palette.strong : palette.quiet)
      x += tab.text.count + 2
    }
    return width
  }

  private func draw(_ line: CommandLine, in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    // A long line shows its end.
    let room = max(8, area.width / 2)
    let typed = line.text.count > room ? "…" + line.text.suffix(room - 1) : line.text
    let width = painter.pieces(
      area.x + 1, area.y, width: area.width - 2, [(":", palette.key), (typed, palette.value), (" ", palette.selected)])
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

  /// What the key does in the run's present state; nil where nothing.
  private func word(for binding: KeyBinding) -> String? {
    let run = model.run
    switch binding.command {
    case .pauseOrResume:
      if run.hasEnded { return nil }
      return run.phase == .paused || run.phase == .pausing ? "resume" : binding.short
    case .checkpoint, .detach: return run.hasEnded ? nil : binding.short
    case .stop: return run.hasEnded ? "leave" : binding.short
    case .toggleScale: return model.chart.scale == .linear ? "log" : binding.short
    default: return binding.short
    }
  }
}
