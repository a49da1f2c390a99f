import Formatting
import RunModel
import TerminalCanvas
import TrainingEvents

/// Panels with more lines than room: which one the arrows move, and how far.
extension DashboardModel {
  /// Panels that show a list from its end, and the others from its beginning.
  private static let fromTheEnd: Set<PanelID> = [.log, .epochs]
  private static let lists: [PanelID] =
    [.log, .epochs] + ModelTask.allCases.map(PanelID.labels) + ModelTask.allCases.map(PanelID.confusions)
    + [.mistakes, .mistake, .configuration]

  /// The list that the arrows move: the one in focus; else the first of the page, the log before the others.
  var scrolledPanel: PanelID? { scrolledPanel(among: panels) }

  /// The same where the panels of the screen are known.
  func scrolledPanel(among panels: [PanelID]) -> PanelID? {
    if let focus = maximized ?? focus {
      if Self.lists.contains(focus) { return focus }
      if maximized != nil { return nil }
    }
    return Self.lists.first { panels.contains($0) }
  }

  /// Lines that a list is scrolled away from where it begins to be shown, within what there is.
  func offset(of panel: PanelID) -> Int {
    let offset = min(offsets[panel] ?? 0, largestOffset(of: panel))
    guard Self.selectable.contains(panel), let rows = layoutNow[panel].map({ max(1, $0.height - 2) }) else {
      return offset
    }
    // No further than it takes to show the selected row.
    let row = selectedRow(of: panel)
    return min(max(offset, row - rows + 1), row)
  }

  /// Lines that can be scrolled at most: the other end of the list then stands at the panel's edge.
  func largestOffset(of panel: PanelID) -> Int {
    guard let rect = layoutNow[panel] else { return 0 }
    switch panel {
    case .log: return logPanel.largestOffset(in: rect)
    case .epochs: return max(0, run.epochs.count - EpochPanel.rows(in: rect))
    case .labels(let task): return max(0, (run.breakdown(task)?.labels.count ?? 0) - ClassesPage.rows(in: rect))
    case .confusions, .mistakes: return max(0, rowCount(of: panel) - max(0, rect.height - 2))
    case .mistake: return max(0, sentenceLines(in: rect) - max(0, rect.height - 2))
    case .configuration: return SetupPage(run: run).hiddenRows(in: rect)
    default: return 0
    }
  }

  /// Scrolls a list up by so many lines, towards what is older or the table's beginning.
  mutating func scroll(_ panel: PanelID?, up lines: Int) {
    guard let panel else { return }
    guard !Self.selectable.contains(panel) else { return select(row: selectedRow(of: panel) - lines, of: panel) }
    let by = Self.fromTheEnd.contains(panel) ? lines : -lines
    offsets[panel] = min(max(0, offset(of: panel) + by), largestOffset(of: panel))
    readAlertsInSight()
  }

  mutating func scroll(_ command: DashboardCommand, now: Double) {
    let page = max(1, (scrolledPanel.flatMap { layoutNow[$0] }?.height ?? 10) - 3)
    switch command {
    case .scrollUp: scroll(scrolledPanel, up: 1)
    case .scrollDown: scroll(scrolledPanel, up: -1)
    case .scrollPageUp: scroll(scrolledPanel, up: page)
    case .scrollPageDown: scroll(scrolledPanel, up: -page)
    case .readAlerts:
      guard run.unreadAlerts > 0 else { return showNotice("no new alerts", seconds: 2, now: now) }
      logLevel = .warning
      logFilter = ""
      offsets[.log] = nil
      show(.log)
      showNotice("the alerts; w shows the other lines too", seconds: 4, now: now)
    case .logLevel:
      logLevel = logLevel == .info ? .warning : logLevel == .warning ? .error : .info
      offsets[.log] = nil
      readAlertsInSight()
      let words = logLevel == .info ? "all" : logLevel == .warning ? "warnings and errors" : "errors"
      showNotice("log: " + words, seconds: 2, now: now)
    case .nextOrder:
      tableOrder = tableOrder.next
      for task in ModelTask.allCases { offsets[.labels(task)] = nil }
      showNotice("labels: " + tableOrder.words, seconds: 2, now: now)
    default: break
    }
  }

  /// Alerts count as read once they stand on the log's own page, not before.
  mutating func readAlertsInSight() {
    guard page == .log || maximized == .log, run.unreadAlerts > 0, offset(of: .log) == 0, logFilter.isEmpty,
      logLevel < .error
    else { return }
    run.markAlertsRead()
  }

  // MARK: - The log

  /// The log's lines that are chosen by level and by `/`.
  var shownLog: [LogEntry] {
    guard logLevel > .info || !logFilter.isEmpty else { return run.log }
    return run.log.filter { entry in
      entry.level >= logLevel && (logFilter.isEmpty || entry.text.lowercased().contains(logFilter.lowercased()))
    }
  }

  var logPanel: LogPanel {
    LogPanel(
      entries: shownLog, offset: offsets[.log] ?? 0, level: logLevel, filter: logFilter,
      wraps: page == .log || maximized == .log, secondsFromGMT: secondsFromGMT)
  }
}
