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
  let model: DashboardModel
  let now: Double

  private var run: RunState { model.run }

  func draw(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    let liveness = model.liveness(now: now)
    painter.canvas.fill(area, " ", palette.band(.mainForeground))
    let label = palette.band(.graphText)
    let value = palette.band(.selectedForeground, .bold)
    let narrow = area.width < 76
    var right: [(String, Style)] = []
    if run.unreadAlerts > 0 {
      right.append((" ! \(min(999, run.unreadAlerts)) ", palette.band(.logWarning, [.bold, .reverse])))
      right.append(("  ", label))
    }
    let state = state(liveness, isNarrow: narrow)
    right.append((state.words, palette.band(state.color, .bold)))
    if run.epochCount > 0 {
      let epoch = min(run.epoch + 1, run.epochCount)
      right += [(narrow ? "  " : "   epoch ", label), ("\(epoch)\(narrow ? "/" : " of ")\(run.epochCount)", value)]
    }
    right += [(narrow ? "  " : "   elapsed ", label), (NumberText.duration(run.clock.elapsed(now: now)), value)]
    if liveness.isLive {
      let left = run.secondsLeft(now: now).map(NumberText.duration) ?? "–"
      right += [((narrow ? "  left " : "   left ") + (run.timeLeft.isAtMost ? "≤ " : ""), label), (left, value)]
    }
    let rightWidth = columns(of: right)
    painter.pieces(area.right - rightWidth - 1, area.y, width: rightWidth, right)
    let free = area.width - rightWidth - 4
    var left: [(String, Style)] = [(" mtt-tui ", palette.band(.title, .bold))]
    if let description = run.description {
      left.append((" \(description.name)", palette.band(.mainForeground)))
      if area.width >= 110, let about = about(description, within: free - columns(of: left)) {
        left.append((about, label))
      }
    }
    painter.pieces(area.x, area.y, width: free, left)
  }

  private func state(_ liveness: Liveness, isNarrow: Bool) -> (words: String, color: ThemeKey) {
    let look = PhaseLook(run)
    switch liveness {
    case .silent(let seconds): return ("? no answer for \(Liveness.span(seconds))", .statePaused)
    case .paused(let seconds) where seconds >= 5 && !isNarrow:
      return ("\(look.glyph) \(look.word) \(Liveness.ago(seconds))", look.color)
    default: return ("\(look.glyph) \(look.word)", look.color)
    }
  }

  /// What is trained on what, as much of it as fits whole.
  private func about(_ run: RunDescription, within width: Int) -> String? {
    let size = "\(NumberText.compact(Double(run.parameterCount))) parameters"
    let sentences = "\(NumberText.grouped(run.trainSentences)) sentences"
    return ["\(run.dataName), \(sentences), \(size)", "\(sentences), \(size)", size].lazy.map { "   " + $0 }
      .first { columns(of: [($0, Style())]) <= width }
  }
}
