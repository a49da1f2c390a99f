import RunModel
public import TerminalCanvas
import Themes
import TrainingEvents

extension DashboardModel {
  /// Takes a key, click or focus change in.
  public mutating func handle(_ input: InputEvent, now: Double) -> [DashboardAction] {
    let key: Key
    switch input {
    case .focus: return []
    case .mouse(let event):
      needsDisplay = true
      return handle(event, now: now)
    case .key(let pressed): key = pressed
    }
    needsDisplay = true
    switch popup {
    case .stop(let marked): return handleStop(key, marked)
    case .commandLine(let line): return handleCommandLine(key, line, now: now)
    case .help(let offset):
      if scrollHelp(key, offset) { return [] }
    case nil: break
    }
    guard let command = KeyBinding.command(for: key) else { return [] }
    return perform(command, now: now)
  }

  mutating func perform(_ command: DashboardCommand, now: Double) -> [DashboardAction] {
    switch command {
    case .pauseOrResume where run.hasEnded, .checkpoint where run.hasEnded:
      notice = (run.nothingToSteer, now + 4)
    case .pauseOrResume: return pauseOrResume()
    case .checkpoint:
      notice = ("checkpoint asked for", now + 5)
      return [.send(.checkpoint)]
    case .stop, .interrupt:
      if run.hasEnded { return [.quit] }
      popup = .stop(.saveAndStop)
    case .detach:
      if run.hasEnded { return [.quit] }
      if run.description != nil { return [.detach] }
      notice = ("the run is not there yet", now + 3)
    case .commandLine: popup = .commandLine(CommandLine())
    case .help:
      if case .help = popup { popup = nil } else { popup = .help(0) }
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .export: return [.export]
    case .copy:
      notice = ("figures copied", now + 2)
      return [.copy(figures)]
    case .overviewPage, .classesPage, .balancePage, .machinePage, .logPage, .nextFocus, .previousFocus, .maximize,
      .back, .nextLayout:
      changePage(command, now: now)
    case .nextTheme, .nextGlyphs: changeLook(command, now: now)
    case .scrollUp, .scrollDown, .scrollPageUp, .scrollPageDown, .logLevel, .readAlerts:
      scroll(command, now: now)
    case .cursorLeft, .cursorRight, .cursorStart, .cursorEnd, .zoomIn, .zoomOut, .panLeft, .panRight, .showAll,
      .follow, .toggleScale, .nextUnit, .smoothLess, .smoothMore:
      changeChart(command, now: now)
    }
    return []
  }

  private func pauseOrResume() -> [DashboardAction] {
    switch run.phase {
    case .running, .evaluating, .loading: [.send(.pause)]
    case .pausing, .paused: [.send(.resume)]
    case .stopping, .finished, .failed: []
    }
  }

  private mutating func changeLook(_ command: DashboardCommand, now: Double) {
    if command == .nextGlyphs {
      glyphs = glyphs.next
      choseGlyphs = true
      notice = ("glyphs: \(glyphs.rawValue)", now + 2)
      return
    }
    let names = ThemeCatalog.shipped
    let place = names.firstIndex(of: theme.name).map { ($0 + 1) % names.count } ?? 0
    guard let next = try? ThemeCatalog.theme(named: names[place]) else { return }
    theme = next
    notice = ("theme: \(next.name)", now + 2)
  }

  // MARK: - Pages and panels

  private mutating func changePage(_ command: DashboardCommand, now: Double) {
    switch command {
    case .overviewPage: show(.overview)
    case .classesPage: show(.classes)
    case .balancePage: show(.balance)
    case .machinePage: show(.machine)
    case .logPage: show(.log)
    case .nextFocus: moveFocus(1)
    case .previousFocus: moveFocus(-1)
    case .maximize: maximized = maximized == nil ? focus ?? defaultFocus : nil
    case .nextLayout:
      layout = layout.next
      page = .overview
      maximized = nil
      notice = ("layout: \(layout.rawValue)", now + 2)
    case .back:
      if popup != nil {
        popup = nil
      } else if chart.cursor != nil {
        chart.cursor = nil
      } else if maximized != nil {
        maximized = nil
      } else {
        focus = nil
      }
    default: break
    }
  }

  mutating func show(_ next: Page) {
    if next != page { (focus, maximized, tableOffset) = (nil, nil, 0) }
    page = next
    if next == .log { run.markAlertsRead() }
  }

  /// The panels of the last frame, in the order of drawing.
  private var panels: [PanelID] {
    regions.compactMap { if case .panel(let id) = $0.target { id } else { nil } }
  }

  private var defaultFocus: PanelID? { panels.contains(.loss) ? .loss : panels.first }

  private mutating func moveFocus(_ by: Int) {
    let panels = panels
    guard !panels.isEmpty, maximized == nil else { return }
    guard let focus, let place = panels.firstIndex(of: focus) else {
      focus = by > 0 ? panels.first : panels.last
      return
    }
    self.focus = panels[(place + by + panels.count) % panels.count]
  }

  // MARK: - Lists

  private mutating func scroll(_ command: DashboardCommand, now: Double) {
    switch command {
    case .scrollUp: scroll(by: 1)
    case .scrollDown: scroll(by: -1)
    case .scrollPageUp: scroll(by: 10)
    case .scrollPageDown: scroll(by: -10)
    case .readAlerts:
      let count = run.unreadAlerts
      run.markAlertsRead()
      if count > 0 { show(.log) }
      notice = (count == 0 ? "no new alerts" : "alerts read", now + 2)
    case .logLevel:
      logLevel = logLevel == .info ? .warning : logLevel == .warning ? .error : .info
      logOffset = 0
      notice = (
        "log: " + (logLevel == .info ? "all" : logLevel == .warning ? "warnings and errors" : "errors"), now + 2
      )
    default: break
    }
  }

  /// Back by so many lines: the log, or on the page of labels the tables.
  mutating func scroll(by lines: Int) {
    if page == .classes {
      let most = max(
        run.evaluations.last?.breakdownA?.labels.count ?? 0, run.evaluations.last?.breakdownB?.labels.count ?? 0)
      tableOffset = min(max(0, tableOffset - lines), max(0, most - 1))
    } else {
      logOffset = min(max(0, logOffset + lines), max(0, shownLog.count - 1))
    }
  }

  // MARK: - Dialogs

  /// How far the help can be scrolled, as it was last drawn.
  var hiddenHelp: Int {
    for region in regions { if case .help(let hidden) = region.target { return hidden } }
    return 0
  }

  /// True where the key was for the help.
  private mutating func scrollHelp(_ key: Key, _ offset: Int) -> Bool {
    let last = hiddenHelp
    switch key {
    case .escape, .enter, .character("q"): popup = nil
    case .up, .character("k"): popup = .help(max(0, offset - 1))
    case .down, .character("j"): popup = .help(min(last, offset + 1))
    case .pageUp: popup = .help(max(0, offset - 10))
    case .pageDown: popup = .help(min(last, offset + 10))
    default: return false
    }
    return true
  }

  private mutating func handleStop(_ key: Key, _ marked: StopMode) -> [DashboardAction] {
    let choices = StopMode.allCases
    let place = choices.firstIndex(of: marked) ?? 0
    switch key {
    case .up, .backTab, .character("k"): popup = .stop(choices[(place + choices.count - 1) % choices.count])
    case .down, .tab, .character("j"): popup = .stop(choices[(place + 1) % choices.count])
    case .enter, .control("c"): return stop(marked)
    case .character("s"): return stop(.saveAndStop)
    case .character("f"): return stop(.finishEpoch)
    case .character("n"): return stop(.stopNow)
    case .escape: popup = nil
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    default: break
    }
    return []
  }

  mutating func stop(_ mode: StopMode) -> [DashboardAction] {
    popup = nil
    requestedStop = mode
    return [.send(.stop(mode))]
  }
}
