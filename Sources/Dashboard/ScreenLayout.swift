import RunModel
import TerminalCanvas
import TrainingEvents

/// Where the panels stand: a pure function of what is shown and of the screen's size, for drawing, keys and mouse alike.
struct ScreenLayout {
  struct Placement: Hashable, Sendable {
    let panel: PanelID
    let rect: Rect
  }

  /// The smallest size at which panels are shown.
  static let minimumWidth = 60
  static let minimumHeight = 16

  let header: Rect
  let keyLine: Rect
  /// In the order in which the focus goes round; none on a screen that is too small.
  private(set) var placements: [Placement] = []

  init(_ model: DashboardModel, width: Int, height: Int) {
    var rest = Rect(x: 0, y: 0, width: width, height: height)
    guard width >= Self.minimumWidth, height >= Self.minimumHeight else {
      header = rest.takeTop(0)
      keyLine = rest.takeBottom(0)
      return
    }
    header = rest.takeTop(1)
    keyLine = rest.takeBottom(1)
    if let panel = model.maximized {
      place(panel, rest)
      return
    }
    switch model.page {
    case .overview: layOutOverview(rest, model)
    case .classes: layOutClasses(rest, model.run)
    case .balance: layOutBalance(rest, model.run)
    case .machine: layOutMachine(rest, model)
    case .log: place(.log, rest)
    case .errors: layOutErrors(rest)
    case .setup: layOutSetup(rest, model.run)
    }
  }

  var panels: [PanelID] { placements.map(\.panel) }

  /// A panel's place; nil where it is not shown.
  subscript(panel: PanelID) -> Rect? { placements.first { $0.panel == panel }?.rect }

  private mutating func place(_ panel: PanelID, _ rect: Rect) {
    if !rect.isEmpty { placements.append(Placement(panel: panel, rect: rect)) }
  }

  // MARK: - The overview

  private mutating func layOutOverview(_ area: Rect, _ model: DashboardModel) {
    switch model.layout {
    case .standard where area.width >= 140 && area.height >= 32: layOutColumns(area, model.run)
    case .standard: layOutRows(area)
    case .curves: layOutCurves(area)
    case .figures: layOutFigures(area)
    }
  }

  /// Wide screens: curves and log on the left, figures on the right.
  private mutating func layOutColumns(_ area: Rect, _ run: RunState) {
    var left = area
    var right = left.takeRight(min(72, max(58, area.width * 36 / 100)))
    let log = left.takeBottom(max(7, min(16, area.height / 4)))
    place(.loss, left)
    place(.log, log)
    place(.accuracy, right.takeTop(AccuracyPanel.fullHeight))
    place(.progress, right.takeTop(ProgressPanel.fullHeight))
    let epochs = min(EpochPanel.fullHeight(epochs: run.epochs.count), max(9, right.height / 2))
    if right.height - epochs >= 16, run.tasks.count > 1, !run.balance.samples.isEmpty {
      place(.weights, right.takeBottom(7))
    }
    if right.height - epochs >= 9 { place(.accuracyChart, right.takeBottom(right.height - epochs)) }
    place(.epochs, right)
  }

  /// Narrower screens: curves on top, figures side by side below, then epochs and log as far as there is room.
  private mutating func layOutRows(_ area: Rect) {
    var rest = area
    let half = area.width / 2
    let spacious = area.height >= 32
    var bottom = rest.takeBottom(spacious ? max(8, area.height / 5) : area.height >= 20 ? 2 : 1)
    let epochs = spacious ? bottom.takeLeft(half) : bottom.takeLeft(0)
    var figures = rest.takeBottom(spacious ? AccuracyPanel.fullHeight : area.height >= 22 ? 8 : 7)
    place(.loss, rest)
    place(.accuracy, figures.takeLeft(half))
    place(.progress, figures)
    place(.epochs, epochs)
    place(.log, bottom)
  }

  /// The curves, and the accuracies' where there is room for both.
  private mutating func layOutCurves(_ area: Rect) {
    var rest = area
    let accuracy =
      area.width >= 140 ? rest.takeRight(area.width / 3) : rest.takeBottom(area.height >= 32 ? area.height / 3 : 0)
    place(.loss, rest)
    place(.accuracyChart, accuracy)
  }

  /// Figures on top, epochs and log below.
  private mutating func layOutFigures(_ area: Rect) {
    var rest = area
    var top = rest.takeTop(min(ProgressPanel.fullHeight, area.height / 2))
    place(.accuracy, top.takeLeft(area.width / 2))
    place(.progress, top)
    place(.epochs, rest.takeLeft(area.width / 2))
    place(.log, rest)
  }

  // MARK: - The other pages

  /// A column for each task that the data have.
  private mutating func layOutClasses(_ area: Rect, _ run: RunState) {
    var rest = area
    let tasks = run.tasks
    for (index, task) in tasks.enumerated() {
      var column = index == tasks.count - 1 ? rest : rest.takeLeft(area.width / tasks.count)
      let confusions = column.takeBottom(
        column.height >= 20 ? max(6, column.height / 3) : column.height >= 14 ? 5 : 0)
      place(.labels(task), column)
      place(.confusions(task), confusions)
    }
  }

  /// The list, and beside or below it the selected sentence.
  private mutating func layOutErrors(_ area: Rect) {
    var rest = area
    let sentence = area.width >= 140 ? rest.takeRight(area.width * 45 / 100) : rest.takeBottom(area.height / 2)
    place(.mistakes, rest)
    place(.mistake, sentence)
  }

  private mutating func layOutBalance(_ area: Rect, _ run: RunState) {
    var rest = area
    guard run.tasks.count > 1 else { return place(.schedule, rest) }
    place(.weights, rest.takeTop(min(9, max(6, rest.height / 4))))
    guard area.width >= 110 else {
      place(.gradients, rest.takeTop(rest.height / 2))
      place(.cosine, rest)
      return
    }
    place(.gradients, rest.takeLeft(rest.width / 2))
    place(.cosine, rest.takeTop(rest.height / 2))
    place(.schedule, rest)
  }

  /// What the run is, and its options: beside each other where there is room.
  private mutating func layOutSetup(_ area: Rect, _ run: RunState) {
    var rest = area
    if area.width >= 150 {
      place(.setup, rest.takeLeft(min(72, area.width * 2 / 5)))
    } else {
      let needed = SetupPage(run: run).runHeight(width: area.width)
      place(.setup, rest.takeTop(min(needed, max(area.height / 2, area.height - 8))))
    }
    place(.configuration, rest)
  }

  private mutating func layOutMachine(_ area: Rect, _ model: DashboardModel) {
    var rest = area
    place(.cores, rest.takeTop(MachinePage(machine: model.machine, run: model.run).coresHeight(area)))
    place(.memory, rest.takeTop(min(7, rest.height)))
    if let ranks = model.run.ranks { place(.ranks, rest.takeTop(min(ranks.ranks.count + 3, max(5, rest.height / 2)))) }
    place(.speed, rest)
  }
}
