import RunModel
import TerminalCanvas
import TrainingEvents

/// Lays the panels out over the canvas and draws them.
struct Screen {
  let model: DashboardModel
  let now: Double

  private var run: RunState { model.run }

  func draw(with painter: inout Painter) {
    let whole = Rect(x: 0, y: 0, width: painter.canvas.width, height: painter.canvas.height)
    painter.canvas.clear(painter.palette.text)
    let layout = ScreenLayout(model, width: whole.width, height: whole.height)
    guard !layout.header.isEmpty else { return SmallScreen(model: model, now: now).draw(with: &painter) }
    HeaderLine(run: run, liveness: model.liveness(now: now), width: whole.width, now: now)
      .draw(in: layout.header, with: &painter)
    KeyLine(model: model, now: now).draw(in: layout.keyLine, with: &painter)
    for placement in layout.placements { draw(placement.panel, in: placement.rect, with: &painter) }
    switch model.popup {
    case .help(let offset): HelpPopup(offset: offset, role: model.role).draw(over: whole, with: &painter)
    case .stop(let dialog): dialog.draw(run, over: whole, with: &painter)
    case .commandLine, nil: break
    }
  }

  /// One panel, wherever it stands.
  private func draw(_ id: PanelID, in area: Rect, with painter: inout Painter) {
    painter.panel(id, in: area, model.content(of: id)) { drawContent(of: id, in: area, with: &$0) }
  }

  private func drawContent(of id: PanelID, in area: Rect, with painter: inout Painter) {
    switch id {
    case .loss: LossChart(run: run, view: model.chart).draw(in: area, with: &painter)
    case .accuracy: AccuracyPanel(run: run).draw(in: area, with: &painter)
    case .progress:
      if run.hasEnded {
        SummaryPanel(run: run, now: now).draw(in: area, with: &painter)
      } else {
        ProgressPanel(run: run, liveness: model.liveness(now: now)).draw(in: area, with: &painter)
      }
    case .epochs: EpochPanel(run: run, offset: model.offset(of: .epochs)).draw(in: area, with: &painter)
    case .accuracyChart: AccuracyChart(run: run).draw(in: area, with: &painter)
    case .log: model.logPanel.draw(in: area, with: &painter)
    case .labels(let task): classes(id).drawLabels(task, in: area, with: &painter)
    case .confusions(let task): classes(id).drawConfusions(task, in: area, with: &painter)
    case .weights: balance.drawWeights(in: area, with: &painter)
    case .gradients: balance.drawNorms(in: area, with: &painter)
    case .cosine: balance.drawCosine(in: area, with: &painter)
    case .schedule: balance.drawSchedule(in: area, with: &painter)
    case .cores: machine.drawCores(in: area, with: &painter)
    case .memory: machine.drawMemory(in: area, with: &painter)
    case .ranks: RanksPanel(run: run).draw(in: area, with: &painter)
    case .speed: machine.drawSpeed(in: area, with: &painter)
    case .mistakes: model.errors(offset: model.offset(of: id)).drawList(in: area, with: &painter)
    case .mistake: model.errors(offset: model.offset(of: id)).drawSentence(in: area, with: &painter)
    case .setup: SetupPage(run: run).drawRun(in: area, with: &painter)
    case .configuration:
      SetupPage(run: run, offset: model.offset(of: id)).drawConfiguration(in: area, with: &painter)
    }
  }

  private func classes(_ id: PanelID) -> ClassesPage {
    ClassesPage(
      run: run, order: model.tableOrder, offset: model.offset(of: id),
      selection: (model.maximized ?? model.focus) == id && model.hasRows(id) ? model.selectedRow(of: id) : nil)
  }

  private var balance: BalancePage { BalancePage(run: run) }
  private var machine: MachinePage { MachinePage(machine: model.machine, run: run) }
}
