import RunModel
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
      return SmallScreen(model: model).draw(with: &painter)
    }
    var rest = Rect(x: 0, y: 0, width: width, height: height)
    HeaderLine(run: run, now: now).draw(in: rest.takeTop(1), with: &painter)
    KeyLine(model: model).draw(in: rest.takeBottom(1), with: &painter)
    if let panel = model.maximized {
      draw(panel, in: rest, with: &painter)
    } else {
      drawPage(model.page, in: rest, with: &painter)
    }
    let whole = Rect(x: 0, y: 0, width: width, height: height)
    switch model.popup {
    case .help(let offset): HelpPopup(offset: offset).draw(over: whole, with: &painter)
    case .stop(let marked): StopDialog(marked: marked, phase: run.phase).draw(over: whole, with: &painter)
    case .commandLine, nil: break
    }
  }

  private func drawPage(_ page: Page, in area: Rect, with painter: inout Painter) {
    switch page {
    case .overview: drawOverview(area, with: &painter)
    case .classes: ClassesPage(run: run, offset: model.tableOffset).draw(in: area, with: &painter)
    case .balance: BalancePage(run: run).draw(in: area, with: &painter)
    case .machine: MachinePage(machine: model.machine, run: run).draw(in: area, with: &painter)
    case .log: draw(.log, in: area, with: &painter)
    }
  }

  private func drawOverview(_ area: Rect, with painter: inout Painter) {
    switch model.layout {
    case .standard where area.width >= 140 && area.height >= 32: drawColumns(area, with: &painter)
    case .standard: drawRows(area, with: &painter)
    case .curves: drawCurves(area, with: &painter)
    case .figures: drawFigures(area, with: &painter)
    }
  }

  /// Wide screens: curves and log on the left, figures on the right.
  private func drawColumns(_ area: Rect, with painter: inout Painter) {
    var left = area
    var right = left.takeRight(min(72, max(58, area.width * 36 / 100)))
    let log = left.takeBottom(max(7, min(16, area.height / 4)))
    draw(.loss, in: left, with: &painter)
    draw(.log, in: log, with: &painter)
    draw(.accuracy, in: right.takeTop(AccuracyPanel.fullHeight), with: &painter)
    draw(.progress, in: right.takeTop(ProgressPanel.fullHeight), with: &painter)
    let epochs = EpochPanel(run: run).fullHeight
    if right.height - epochs >= 16, !run.balance.samples.isEmpty {
      draw(.weights, in: right.takeBottom(7), with: &painter)
    }
    if right.height - epochs >= 9 { draw(.accuracyChart, in: right.takeBottom(right.height - epochs), with: &painter) }
    draw(.epochs, in: right, with: &painter)
  }

  /// Narrower screens: curves on top, figures side by side below, then epochs and log as far as there is room.
  private func drawRows(_ area: Rect, with painter: inout Painter) {
    var rest = area
    let half = area.width / 2
    let spacious = area.height >= 32
    let logHeight = spacious ? max(8, area.height / 5) : area.height >= 20 ? 2 : area.height >= 16 ? 1 : 0
    var bottom = rest.takeBottom(logHeight)
    if spacious { draw(.epochs, in: bottom.takeLeft(half), with: &painter) }
    draw(.log, in: bottom, with: &painter)
    var figures = rest.takeBottom(spacious ? AccuracyPanel.fullHeight : area.height >= 22 ? 8 : 7)
    draw(.accuracy, in: figures.takeLeft(half), with: &painter)
    draw(.progress, in: figures, with: &painter)
    draw(.loss, in: rest, with: &painter)
  }

  /// The curves, and the accuracies' where there is room for both.
  private func drawCurves(_ area: Rect, with painter: inout Painter) {
    var rest = area
    if area.width >= 140 {
      draw(.accuracyChart, in: rest.takeRight(area.width / 3), with: &painter)
    } else if area.height >= 32 {
      draw(.accuracyChart, in: rest.takeBottom(area.height / 3), with: &painter)
    }
    draw(.loss, in: rest, with: &painter)
  }

  /// Figures on top, epochs and log below.
  private func drawFigures(_ area: Rect, with painter: inout Painter) {
    var rest = area
    var top = rest.takeTop(min(ProgressPanel.fullHeight, area.height / 2))
    draw(.accuracy, in: top.takeLeft(area.width / 2), with: &painter)
    draw(.progress, in: top, with: &painter)
    draw(.epochs, in: rest.takeLeft(area.width / 2), with: &painter)
    draw(.log, in: rest, with: &painter)
  }

  /// One panel, wherever it stands.
  private func draw(_ id: PanelID, in area: Rect, with painter: inout Painter) {
    let classes = ClassesPage(run: run, offset: model.tableOffset)
    let balance = BalancePage(run: run)
    let machine = MachinePage(machine: model.machine, run: run)
    painter.panel(id, in: area) { painter in
      switch id {
      case .loss: LossChart(run: run, view: model.chart).draw(in: area, with: &painter)
      case .accuracy: AccuracyPanel(run: run).draw(in: area, with: &painter)
      case .progress:
        if run.hasEnded {
          SummaryPanel(run: run, now: now).draw(in: area, with: &painter)
        } else {
          ProgressPanel(run: run).draw(in: area, with: &painter)
        }
      case .epochs: EpochPanel(run: run).draw(in: area, with: &painter)
      case .accuracyChart: AccuracyChart(run: run).draw(in: area, with: &painter)
      case .log:
        LogPanel(entries: model.shownLog, offset: model.logOffset, level: model.logLevel).draw(in: area, with: &painter)
      case .classesA, .classesB: classes.drawLabels(isA: id == .classesA, in: area, with: &painter)
      case .confusionsA, .confusionsB: classes.drawConfusions(isA: id == .confusionsA, in: area, with: &painter)
      case .weights: balance.drawWeights(in: area, with: &painter)
      case .gradients: balance.drawNorms(in: area, with: &painter)
      case .cosine: balance.drawCosine(in: area, with: &painter)
      case .schedule: balance.drawSchedule(in: area, with: &painter)
      case .cores: machine.drawCores(in: area, with: &painter)
      case .memory: machine.drawMemory(in: area, with: &painter)
      case .speed: machine.drawSpeed(in: area, with: &painter)
      }
    }
  }
}
