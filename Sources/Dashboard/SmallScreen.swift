import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// What is shown where the panels have no room: how much is missing, and how the run does; how to stop, when asked.
struct SmallScreen {
  let model: DashboardModel

  private var run: RunState { model.run }

  func draw(with painter: inout Painter) {
    let (width, height) = (painter.canvas.width, painter.canvas.height)
    let lines = lines(width, height, painter.palette).prefix(max(1, height))
    let top = max(0, (height - lines.count) / 2)
    for (index, line) in lines.enumerated() {
      let used = min(width, columns(of: line))
      painter.pieces(max(0, (width - used) / 2), top + index, width: width, line)
    }
  }

  /// The most telling first: the last ones are left out where there is no room.
  private func lines(_ width: Int, _ height: Int, _ palette: Palette) -> [[(String, Style)]] {
    switch model.popup {
    case .stop(let marked): return stopLines(marked, width, palette)
    case .commandLine(let line):
      let typed = [(":", palette.key), (String(line.text.suffix(max(1, width - 3))), palette.value)]
      return [typed + [(" ", palette.selected)]] + (line.problem.map { [[($0, palette.style(.logError))]] } ?? [])
    case .help, nil: break
    }
    let size = "\(width)×\(height) of \(Screen.minimumWidth)×\(Screen.minimumHeight) needed"
    guard height > 1 else { return [[(size, palette.label)]] }
    var lines = [[(width >= 24 ? "The window is too small" : "Too small", palette.strong)], [(size, palette.label)]]
    let look = PhaseLook(run)
    var state = [("\(look.glyph) \(look.word)", palette.style(look.color, .bold))]
    if run.epochCount > 0 {
      state.append(("  \(min(run.epoch + 1, run.epochCount))/\(run.epochCount)", palette.value))
    }
    lines.append(state)
    if let loss = run.total.latest {
      var figures = [("loss ", palette.label), (NumberText.short(loss), palette.value)]
      if let dev = run.evaluations.last, width >= 44 {
        figures += [
          ("  dev A ", palette.label), (NumberText.percent(dev.counts.accuracyA), palette.value),
          ("  B ", palette.label), (NumberText.percent(dev.counts.accuracyB), palette.value),
        ]
      }
      lines.append(figures)
    }
    let pause = run.phase == .paused || run.phase == .pausing ? " resumes  " : " pauses  "
    lines.append(
      (run.hasEnded ? [] : [("p", palette.key), (pause, palette.label)])
        + [("q", palette.key), (run.hasEnded ? " leaves" : " stops", palette.label)])
    return lines
  }

  private func stopLines(_ marked: StopMode, _ width: Int, _ palette: Palette) -> [[(String, Style)]] {
    let words: [(StopMode, String, String)] = [
      (.saveAndStop, "s", "save and stop"), (.finishEpoch, "f", "finish epoch"), (.stopNow, "n", "stop now"),
    ]
    return words.map { mode, key, title in
      let text = " " + title.padding(15)
      return [(" \(key)", palette.key), (text, mode == marked ? palette.selected : palette.value)]
    } + [[("Esc", palette.key), (" back", palette.label)]]
  }
}

extension String {
  /// The text with spaces behind it up to a number of columns.
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
