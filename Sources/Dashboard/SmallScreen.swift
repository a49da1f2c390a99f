import Formatting
import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

/// What is shown where the panels have no room: how much is missing, and how the run does; how to stop, when asked.
struct SmallScreen {
  let model: DashboardModel
  let now: Double

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

  /// The most informative first: the last ones are left out where there is no room.
  private func lines(_ width: Int, _ height: Int, _ palette: Palette) -> [[(String, Style)]] {
    switch model.popup {
    case .stop(let dialog): return stopLines(dialog, palette)
    case .commandLine(let line):
      let typed = [
        (line.prompt, palette.key), (CharacterWidth.end(line.text, columns: max(1, width - 3)), palette.value),
      ]
      return [typed + [(" ", palette.selected)]] + (line.problem.map { [[($0, palette.style(.logError))]] } ?? [])
    case .help, nil: break
    }
    let size = "\(width)×\(height) of \(ScreenLayout.minimumWidth)×\(ScreenLayout.minimumHeight) needed"
    guard height > 1 else { return [[(size, palette.label)]] }
    var lines = [[(width >= 24 ? "The window is too small" : "Too small", palette.strong)], [(size, palette.label)]]
    let look = PhaseLook(run)
    var state = [("\(look.glyph) \(look.word)", palette.style(look.color, .bold))]
    if case .silent(let seconds) = model.liveness(now: now) {
      state = [("? no answer for \(Liveness.span(seconds))", palette.style(.statePaused, .bold))]
    }
    if run.epochCount > 0 {
      state.append(("  \(min(run.epoch + 1, run.epochCount))/\(run.epochCount)", palette.value))
    }
    lines.append(state)
    if let loss = run.total.latest {
      var figures = [("loss ", palette.label), (NumberText.short(loss), palette.value)]
      if let dev = run.evaluations.last, width >= 44 {
        figures.append(("  dev ", palette.label))
        for task in run.tasks {
          guard let share = dev.counts.accuracy(task) else { continue }
          figures += [(" \(task.rawValue) ", palette.label), (NumberText.percent(share), palette.value)]
        }
      }
      lines.append(figures)
    }
    let pause = run.phase == .paused || run.phase == .pausing ? " resumes  " : " pauses  "
    lines.append(
      (run.takesCommands ? [("p", palette.key), (pause, palette.label)] : [])
        + [("q", palette.key), (run.hasEnded || model.role != .owner ? " leaves" : " stops", palette.label)])
    return lines
  }

  private func stopLines(_ dialog: StopDialog, _ palette: Palette) -> [[(String, Style)]] {
    StopDialog.Choice.allCases.map { choice in
      let text = " " + choice.title.short.padding(15)
      return [(" \(choice.key)", palette.key), (text, choice == dialog.marked ? palette.selected : palette.value)]
    } + [[("Esc", palette.key), (" back", palette.label)]]
  }
}

extension String {
  /// The text with spaces behind it up to a number of columns.
  fileprivate func padding(_ width: Int) -> String {
    self + CharacterWidth.padding(self, to: width)
  }
}
