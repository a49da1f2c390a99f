import TerminalCanvas
import TrainingEvents

/// Lays the panels out over the canvas and draws them.
struct Screen {
  /// The smallest size at which the panels are drawn.
  static let minimumWidth = 60
  static let minimumHeight = 16

  let model: DashboardModel
  let now: Double

  private var run: RunState { model.run }

  func draw(with painter: inout Painter) {
    let width = painter.canvas.width
    let height = painter.canvas.height
    painter.canvas.clear(painter.palette.text)
    guard width >= Self.minimumWidth, height >= Self.minimumHeight else {
      return drawTooSmall(width: width, height: height, with: &painter)
    }
    var rest = Rect(x: 0, y: 0, width: width, height: height)
    HeaderLine(run: run, now: now).draw(in: rest.takeTop(1), with: &painter)
    KeyLine(model: model).draw(in: rest.takeBottom(1), with: &painter)
    if width >= 140, height >= 34 { drawColumns(rest, with: &painter) } else { drawRows(rest, with: &painter) }
    switch model.popup {
    case .help: HelpPopup().draw(over: Rect(x: 0, y: 0, width: width, height: height), with: &painter)
    case .stop(let marked):
      StopDialog(marked: marked, phase: run.phase)
        .draw(over: Rect(x: 0, y: 0, width: width, height: height), with: &painter)
    case nil: break
    }
  }

  /// Wide screens: curves and log on the left, figures on the right.
  private func drawColumns(_ area: Rect, with painter: inout Painter) {
    var left = area
    var right = left.takeRight(min(72, max(58, area.width * 36 / 100)))
    let log = left.takeBottom(max(7, min(16, area.height / 4)))
    drawLoss(left, with: &painter)
    drawLog(log, with: &painter)
    AccuracyPanel(run: run).draw(in: right.takeTop(AccuracyPanel.fullHeight), with: &painter)
    drawProgress(right.takeTop(ProgressPanel.fullHeight), with: &painter)
    let epochs = EpochPanel(run: run)
    if right.height - epochs.fullHeight >= 9 {
      epochs.draw(in: right.takeTop(epochs.fullHeight), with: &painter)
      AccuracyChart(run: run).draw(in: right, with: &painter)
    } else {
      epochs.draw(in: right, with: &painter)
    }
  }

  /// Narrower screens: curves on top, figures side by side below, then epochs and log as far as there is room.
  private func drawRows(_ area: Rect, with painter: inout Painter) {
    var rest = area
    let half = area.width / 2
    let spacious = area.height >= 32
    let logHeight = spacious ? max(8, area.height / 5) : area.height >= 20 ? 2 : area.height >= 16 ? 1 : 0
    var bottom = rest.takeBottom(logHeight)
    if spacious {
      EpochPanel(run: run).draw(in: bottom.takeLeft(half), with: &painter)
      drawLog(bottom, with: &painter)
    } else {
      drawLog(bottom, with: &painter)
    }
    var figures = rest.takeBottom(spacious ? AccuracyPanel.fullHeight : area.height >= 22 ? 8 : 7)
    AccuracyPanel(run: run).draw(in: figures.takeLeft(half), with: &painter)
    drawProgress(figures, with: &painter)
    drawLoss(rest, with: &painter)
  }

  private func drawLoss(_ area: Rect, with painter: inout Painter) {
    LossChart(run: run, scale: model.lossScale).draw(in: area, with: &painter)
  }

  private func drawLog(_ area: Rect, with painter: inout Painter) {
    LogPanel(entries: run.log, offset: model.logOffset).draw(in: area, with: &painter)
  }

  private func drawProgress(_ area: Rect, with painter: inout Painter) {
    if run.hasEnded {
      SummaryPanel(run: run, now: now).draw(in: area, with: &painter)
    } else {
      ProgressPanel(run: run).draw(in: area, with: &painter)
    }
  }

  private func drawTooSmall(width: Int, height: Int, with painter: inout Painter) {
    let lines = [
      "The window is too small", "\(width)×\(height) of \(Self.minimumWidth)×\(Self.minimumHeight) needed",
      "q stops, ? helps when larger",
    ]
    let shown = lines.prefix(max(1, min(height, height >= 3 ? 3 : height)))
    let top = max(0, (height - shown.count) / 2)
    for (index, line) in shown.enumerated() {
      let style = index == 0 ? painter.palette.strong : painter.palette.label
      painter.text(0, top + index, width: width, index == 0 && height == 1 ? lines[1] : line, style, .center)
    }
  }
}
