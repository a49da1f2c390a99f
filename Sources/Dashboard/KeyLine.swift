import TerminalCanvas
import TrainingEvents

/// The last row: the keys that matter most now, or a passing notice.
struct KeyLine {
  let model: DashboardModel

  func draw(in area: Rect, with painter: inout Painter) {
    let palette = painter.palette
    var x = area.x + 1
    // The help comes last and always has its place.
    let last = area.right - 8
    for binding in KeyBinding.all where x < area.right {
      guard let short = word(for: binding), let key = binding.label.split(separator: " ").first else { continue }
      let pieces = [(String(key), palette.key), (" \(short)", palette.label)]
      guard x + columns(of: pieces) < (binding.command == .help ? area.right : last - 2) else { continue }
      x += painter.pieces(x, area.y, width: area.right - x, pieces) + 3
    }
    guard let notice = model.notice else { return }
    let text = " \(notice.text) "
    let width = min(area.width, CharacterWidth.columns(of: text))
    painter.text(area.right - width, area.y, width: width, text, palette.best)
  }

  /// What the key does in the run's present state; nil where nothing.
  private func word(for binding: KeyBinding) -> String? {
    let run = model.run
    switch binding.command {
    case .pauseOrResume:
      if run.hasEnded { return nil }
      return run.phase == .paused || run.phase == .pausing ? "resume" : binding.short
    case .checkpoint: return run.hasEnded ? nil : binding.short
    case .stop: return run.hasEnded ? "leave" : binding.short
    case .toggleScale: return model.lossScale == .linear ? "log" : binding.short
    default: return binding.short
    }
  }
}
