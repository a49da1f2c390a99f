import RunModel
import TerminalCanvas
import Themes
import TrainingEvents

extension DashboardModel {
  private var whole: ClosedRange<Double> { StepAxis.whole(run) }
  private var newest: Double { Double(run.newestStep) }

  mutating func changeChart(_ command: DashboardCommand, now: Double) {
    let shown = chart.visible(of: whole, latest: newest)
    let width = shown.upperBound - shown.lowerBound
    switch command {
    case .cursorLeft: moveCursor(-1)
    case .cursorRight: moveCursor(1)
    case .cursorStart: setCursor(shown.lowerBound.rounded(.up))
    case .cursorEnd: setCursor(newest)
    case .zoomIn: chart.zoom(0.5, anchor: anchor, of: whole, latest: newest)
    case .zoomOut: chart.zoom(2, anchor: anchor, of: whole, latest: newest)
    case .panLeft: chart.pan(-width / 8, of: whole, latest: newest)
    case .panRight: chart.pan(width / 8, of: whole, latest: newest)
    case .showAll: chart.showAll()
    case .follow:
      chart.setFollow(!chart.follows, of: whole, latest: newest)
      showNotice(chart.follows ? "follows the newest step" : "stands still", seconds: 2, now: now)
    case .toggleScale: chart.scale = chart.scale == .linear ? .logarithmic : .linear
    case .nextUnit:
      let units = AxisUnit.allCases
      chart.unit = units[((units.firstIndex(of: chart.unit) ?? 0) + 1) % units.count]
      showNotice("over \(chart.unit == .time ? "training time" : chart.unit.rawValue + "s")", seconds: 2, now: now)
    case .smoothLess: smooth(run.smoothing - 1, now: now)
    case .smoothMore: smooth(run.smoothing + 1, now: now)
    default: break
    }
  }

  mutating func smooth(_ level: Int, now: Double) {
    run.setSmoothing(level)
    showNotice(run.smoothing == 0 ? "not smoothed" : "smoothed over \(run.total.window) steps", seconds: 2, now: now)
  }

  /// What stays in place when zooming: the cursor where it is in sight, else the newest step.
  private var anchor: Double {
    let shown = chart.visible(of: whole, latest: newest)
    if let cursor = chart.cursor, shown.contains(Double(cursor)) { return Double(cursor) }
    return chart.follows || shown.contains(newest) ? newest : (shown.lowerBound + shown.upperBound) / 2
  }

  /// Moves by a column of the plot, and by a step at least.
  private mutating func moveCursor(_ columns: Int) {
    let shown = chart.visible(of: whole, latest: newest)
    let step = max(1, ((shown.upperBound - shown.lowerBound) / Double(max(1, plot?.width ?? 60))).rounded())
    guard let cursor = chart.cursor else { return setCursor(newest) }
    setCursor(Double(cursor) + Double(columns) * step)
  }

  private mutating func setCursor(_ step: Double) {
    guard !run.total.raw.isEmpty || !run.evaluations.isEmpty else { return }
    let first = Double(run.total.raw.isEmpty ? 0 : run.total.raw.firstStep)
    let place = min(max(step, first), max(first, newest))
    guard place.isFinite, place < 1e15 else { return }
    chart.cursor = Int(place)
    chart.reveal(place, of: whole, latest: newest)
  }

  // MARK: - Mouse

  mutating func handle(_ event: MouseEvent, now: Double) -> [DashboardAction] {
    if popup != nil {
      if event.action == .press, case .help = popup { popup = nil }
      if event.action == .press, case .stop = popup { return pressInDialog(event, now: now) }
      if case .help(let offset) = popup {
        if event.action == .wheelDown { popup = .help(min(hiddenHelp, offset + 3)) }
        if event.action == .wheelUp { popup = .help(max(0, offset - 3)) }
      }
      return []
    }
    let hits = regions(now: now).filter { $0.rect.contains(event.x, event.y) }
    let plot = hits.last { $0.target == .plot }?.rect
    switch event.action {
    case .wheelUp, .wheelDown:
      let isUp = event.action == .wheelUp
      if let plot {
        chart.zoom(isUp ? 0.8 : 1.25, anchor: step(at: event.x, plot), of: whole, latest: newest)
      } else {
        scroll(hits.lazy.compactMap { if case .panel(let id) = $0.target { id } else { nil } }.last, up: isUp ? 3 : -3)
      }
    case .press:
      drag = plot == nil ? nil : (event.x, false)
      return press(hits, now: now)
    case .drag:
      guard let last = drag, let plot = self.plot, last.x != event.x else { return [] }
      let shown = chart.visible(of: whole, latest: newest)
      let perColumn = (shown.upperBound - shown.lowerBound) / Double(max(1, plot.width))
      chart.pan(Double(last.x - event.x) * perColumn, of: whole, latest: newest)
      drag = (event.x, true)
    case .release:
      if let drag, !drag.hasMoved, let plot { setCursor(step(at: event.x, plot).rounded()) }
      drag = nil
    }
    return []
  }

  /// A click on a way to stop takes it, one beside the dialog goes back.
  private mutating func pressInDialog(_ event: MouseEvent, now: Double) -> [DashboardAction] {
    let hits = regions(now: now).filter { $0.rect.contains(event.x, event.y) }
    for hit in hits.reversed() {
      if case .choice(let choice) = hit.target { return choose(choice, now: now) }
      if case .dialog = hit.target { return [] }
    }
    popup = nil
    return []
  }

  private mutating func press(_ hits: [HitRegion], now: Double) -> [DashboardAction] {
    for hit in hits.reversed() {
      switch hit.target {
      case .command(let command): return perform(command, now: now)
      case .page(let page): show(page)
      case .panel(let id): focus = maximized == nil ? id : focus
      case .row(let id, let row):
        focus = maximized == nil ? id : focus
        select(row: row, of: id)
      case .plot, .choice, .dialog: continue
      }
      return []
    }
    return []
  }

  private func step(at x: Int, _ plot: Rect) -> Double {
    let steps = StepAxis(run, chart)
    let axis = steps.axis
    let share = Double(x - plot.x) / Double(max(1, plot.width - 1))
    return steps.step(axis.lower + share * (axis.upper - axis.lower))
  }
}
