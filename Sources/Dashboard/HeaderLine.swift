import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// How a phase looks: its word, glyph and colour.
struct PhaseLook {
  private(set) var word: String
  private(set) var glyph: String
  private(set) var color: ThemeKey

  init(_ run: RunState) {
    switch run.standing {
    case .live, .followed: self.init(run.phase)
    case .stored(let state):
      self.init(run.phase == .finished || run.phase == .failed ? run.phase : .finished)
      word = state
    case .lost:
      self.init(run.phase)
      (word, glyph, color) = ("lost contact", "?", .statePaused)
    }
  }

  private init(_ phase: RunPhase) {
    switch phase {
    case .loading: (word, glyph, color) = ("loading", "○", .graphText)
    case .running: (word, glyph, color) = ("running", "▶", .stateRunning)
    case .pausing: (word, glyph, color) = ("pausing", "║", .statePaused)
    case .paused: (word, glyph, color) = ("paused", "║", .statePaused)
    case .evaluating: (word, glyph, color) = ("evaluating", "◆", .stateEvaluating)
    case .stopping: (word, glyph, color) = ("stopping", "■", .statePaused)
    case .finished: (word, glyph, color) = ("finished", "✓", .stateFinished)
    case .failed: (word, glyph, color) = ("failed", "✗", .stateFailed)
    }
  }
}

/// The first row: which run, in what state, how far, how long.
struct HeaderLine {
  /// All that the row follows from, but for its place and look.
  struct Content: Hashable {
    let unreadAlerts: Int
    let state: String
    let stateColor: ThemeKey
    let isLive: Bool
    /// The epoch under way, counted from 1.
    let epoch: Int
    /// 0 until it is known.
    let epochCount: Int
    let elapsed: String
    let left: String
    /// Whether the run may end sooner.
    let isLeftAtMost: Bool
    let name: String?
    let dataName: String
    let sentences: Int
    let parameters: Int
  }

  private let content: Content
  private let isNarrow: Bool

  /// - Parameter width: the row's, in columns.
  init(run: RunState, liveness: Liveness, width: Int, now: Double) {
    isNarrow = width < 76
    let state = Self.state(run, liveness, isNarrow: isNarrow)
    content = Content(
      unreadAlerts: run.unreadAlerts, state: state.words, stateColor: state.color, isLive: liveness.isLive,
      epoch: min(run.epoch + 1, run.epochCount), epochCount: run.epochCount,
      elapsed: NumberText.duration(run.clock.elapsed(now: now)),
      left: liveness.isLive ? run.secondsLeft(now: now).map(NumberText.duration) ?? "–" : "",
      isLeftAtMost: run.timeLeft.isAtMost, name: run.description?.name, dataName: run.description?.dataName ?? "",
      sentences: run.description?.trainSentences ?? 0,
      parameters: run.description?.parameterCount ?? 0)
  }

  func draw(in area: Rect, with painter: inout Painter) {
    painter.part(.header, in: area, .header(content)) { drawWords(in: area, with: &$0) }
  }

  private func drawWords(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    painter.canvas.fill(area, " ", palette.band(.mainForeground))
    let label = palette.band(.graphText)
    let value = palette.band(.selectedForeground, .bold)
    var right: [(String, Style)] = []
    if content.unreadAlerts > 0 {
      right.append((" ! \(min(999, content.unreadAlerts)) ", palette.band(.logWarning, [.bold, .reverse])))
      right.append(("  ", label))
    }
    right.append((content.state, palette.band(content.stateColor, .bold)))
    if content.epochCount > 0 {
      let epoch = "\(content.epoch)\(isNarrow ? "/" : " of ")\(content.epochCount)"
      right += [(isNarrow ? "  " : "   epoch ", label), (epoch, value)]
    }
    right += [(isNarrow ? "  " : "   elapsed ", label), (content.elapsed, value)]
    if content.isLive {
      right += [
        ((isNarrow ? "  left " : "   left ") + (content.isLeftAtMost ? "≤ " : ""), label), (content.left, value),
      ]
    }
    let rightWidth = columns(of: right)
    painter.pieces(area.right - rightWidth - 1, area.y, width: rightWidth, right)
    let free = area.width - rightWidth - 4
    var left: [(String, Style)] = [(" mtt-tui ", palette.band(.title, .bold))]
    if let name = content.name {
      left.append((" \(name)", palette.band(.mainForeground)))
      if area.width >= 110, let about = about(within: free - columns(of: left)) { left.append((about, label)) }
    }
    painter.pieces(area.x, area.y, width: free, left)
  }

  private static func state(
    _ run: RunState, _ liveness: Liveness, isNarrow: Bool
  ) -> (words: String, color: ThemeKey) {
    let look = PhaseLook(run)
    switch liveness {
    case .silent(let seconds): return ("? no answer for \(Liveness.span(seconds))", .statePaused)
    case .paused(let seconds) where seconds >= 5 && !isNarrow:
      return ("\(look.glyph) \(look.word) \(Liveness.ago(seconds))", look.color)
    default: return ("\(look.glyph) \(look.word)", look.color)
    }
  }

  /// What is trained on what, as much of it as fits whole.
  private func about(within width: Int) -> String? {
    let size = "\(NumberText.compact(Double(content.parameters))) parameters"
    let sentences = "\(NumberText.grouped(content.sentences)) sentences"
    return ["\(content.dataName), \(sentences), \(size)", "\(sentences), \(size)", size].lazy.map { "   " + $0 }
      .first { columns(of: [($0, Style())]) <= width }
  }
}
