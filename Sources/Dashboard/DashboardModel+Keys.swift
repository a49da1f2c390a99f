import RunModel
public import TerminalCanvas
import Themes
import TrainingEvents

extension DashboardModel {
  /// Takes a key, click or focus change in.
  public mutating func handle(_ input: InputEvent, now: Double) -> [DashboardAction] {
    switch input {
    case .focus, .ready: return []
    case .background(let color): return adopt(background: color)
    case .mouse(let event):
      defer { needsDisplay = true }
      return handle(event, now: now)
    case .paste(let text): return paste(text, now: now)
    case .key(let key):
      defer { needsDisplay = true }
      return handle(key, now: now)
    }
  }

  private mutating func handle(_ key: Key, now: Double) -> [DashboardAction] {
    switch popup {
    case .stop(let dialog): return handleStop(key, dialog, now: now)
    case .commandLine(let line): return handleCommandLine(key, line, now: now)
    case .help(let offset):
      if scrollHelp(key, offset) { return [] }
    case nil: break
    }
    let available = AvailableCommands(self)
    guard let command = KeyBinding.command(for: key, at: available.places), available.contains(command) else {
      return []
    }
    return perform(command, now: now)
  }

  /// A paste is text: it goes into a line that is being typed, and nowhere else.
  private mutating func paste(_ text: String, now: Double) -> [DashboardAction] {
    guard case .commandLine(var line) = popup else {
      showNotice("pasted text is ignored outside the : line", seconds: 3, now: now)
      return []
    }
    for character in text.prefix(while: { !$0.isNewline }) { line.type(character) }
    change(to: line)
    needsDisplay = true
    return []
  }

  /// A light terminal gets a light theme and a dark one a dark theme, unless somebody chose one.
  private mutating func adopt(background: Color) -> [DashboardAction] {
    terminalBackground = background
    needsDisplay = true
    let name = background.luminance > 0.5 ? ThemeCatalog.lightName : ThemeCatalog.defaultName
    if followsBackground, !choseTheme, let suited = try? ThemeCatalog.theme(named: name) { theme = suited }
    return []
  }

  mutating func perform(_ command: DashboardCommand, now: Double) -> [DashboardAction] {
    switch command {
    case .pauseOrResume where !run.takesCommands, .checkpoint where !run.takesCommands:
      showNotice(run.nothingToSteer, seconds: 4, now: now)
    case .pauseOrResume: return pauseOrResume(now: now)
    case .checkpoint: return ask(.checkpoint, now: now)
    case .stop:
      if run.hasEnded { return [.quit] }
      guard role == .owner else { return [.detach] }
      openStopDialog()
    case .interrupt: return interrupt()
    case .detach: return [run.hasEnded ? .quit : .detach]
    case .commandLine: popup = .commandLine(CommandLine())
    case .help:
      if case .help = popup { popup = nil } else { popup = .help(0) }
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .export: return [.export]
    case .copy: return [.copy(figures)]
    case .overviewPage, .classesPage, .balancePage, .machinePage, .logPage, .errorsPage, .setupPage, .nextFocus,
      .previousFocus, .maximize, .back, .nextLayout:
      changePage(command, now: now)
    case .nextTheme, .nextGlyphs: changeLook(command, now: now)
    case .logLevel where shows(.mistakes), .nextOrder where shows(.mistakes), .mark, .suspects:
      changeErrors(command, now: now)
    case .showConfused: showConfused()
    case .scrollUp, .scrollDown, .scrollPageUp, .scrollPageDown, .logLevel, .readAlerts, .nextOrder:
      scroll(command, now: now)
    case .search: popup = .commandLine(CommandLine(searching: searchText))
    case .cursorLeft, .cursorRight, .cursorStart, .cursorEnd, .zoomIn, .zoomOut, .panLeft, .panRight, .showAll,
      .follow, .toggleScale, .nextUnit, .smoothLess, .smoothMore:
      changeChart(command, now: now)
    }
    return []
  }

  private mutating func pauseOrResume(now: Double) -> [DashboardAction] {
    switch run.phase {
    case .running, .evaluating, .loading: ask(.pause, now: now)
    case .pausing, .paused: ask(.resume, now: now)
    case .stopping, .finished, .failed: []
    }
  }

  /// Ctrl-C where nothing is open: whoever began the run is asked, and the same key answers; others leave.
  private mutating func interrupt() -> [DashboardAction] {
    if popup != nil {
      popup = nil
      return []
    }
    if run.hasEnded { return [.quit] }
    guard role == .owner else { return [.detach] }
    openStopDialog(isInterrupt: true)
    return []
  }

  mutating func openStopDialog(isInterrupt: Bool = false) {
    popup = .stop(StopDialog(marked: .stop(.saveAndStop), isInterrupt: isInterrupt, isWatcher: role == .watcher))
  }

  private mutating func changeLook(_ command: DashboardCommand, now: Double) {
    if command == .nextGlyphs {
      glyphs = glyphs.next
      choseGlyphs = true
      showNotice("glyphs: \(glyphs.rawValue)", seconds: 2, now: now)
      return
    }
    let names = ThemeCatalog.shipped
    let place = names.firstIndex(of: theme.name).map { ($0 + 1) % names.count } ?? 0
    guard let next = try? ThemeCatalog.theme(named: names[place]) else { return }
    theme = next
    choseTheme = true
    showNotice("theme: \(next.name)", seconds: 2, now: now)
  }

  // MARK: - Pages and panels

  private mutating func changePage(_ command: DashboardCommand, now: Double) {
    if let page = Page(command) { return show(page) }
    switch command {
    case .nextFocus: moveFocus(1)
    case .previousFocus: moveFocus(-1)
    case .maximize: maximized = maximized == nil ? focus ?? defaultFocus : nil
    case .nextLayout:
      layout = layout.next
      page = .overview
      maximized = nil
      showNotice("layout: \(layout.rawValue)", seconds: 2, now: now)
    case .back:
      if popup != nil {
        popup = nil
      } else if chart.cursor != nil, shows(.loss) {
        chart.cursor = nil
      } else if !sentences.filter.isEmpty, shows(.mistakes) {
        sentences.filter = MistakeFilter()
      } else if !logFilter.isEmpty, shows(.log) {
        logFilter = ""
      } else if maximized != nil {
        maximized = nil
      } else {
        focus = nil
      }
    default: break
    }
  }

  mutating func show(_ next: Page) {
    if next != page { (focus, maximized) = (nil, nil) }
    page = next
    if page == .errors {
      mistakes.retry()
      suspects.retry()
    }
    readAlertsInSight()
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

  // MARK: - Dialogs

  /// How far the help can be scrolled.
  var hiddenHelp: Int {
    HelpPopup(offset: 0, role: role).hidden(over: Rect(x: 0, y: 0, width: size.width, height: size.height))
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

  private mutating func handleStop(_ key: Key, _ dialog: StopDialog, now: Double) -> [DashboardAction] {
    switch key {
    case .up, .backTab, .character("k"): popup = .stop(dialog.marking(-1))
    case .down, .tab, .character("j"): popup = .stop(dialog.marking(1))
    case .enter: return choose(dialog.marked, now: now)
    case .control("c"):
      popup = nil
      return dialog.isInterrupt ? [.stopAndLeave] : []
    case .escape: popup = nil
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    case .character(let letter):
      guard let choice = StopDialog.Choice.allCases.first(where: { $0.key == letter }) else { break }
      return choose(choice, now: now)
    default: break
    }
    return []
  }

  mutating func choose(_ choice: StopDialog.Choice, now: Double) -> [DashboardAction] {
    popup = nil
    switch choice {
    case .stop(let mode): return stop(mode, now: now)
    case .leave: return [.detach]
    }
  }

  mutating func stop(_ mode: StopMode, now: Double) -> [DashboardAction] {
    popup = nil
    requestedStop = mode
    return ask(.stop(mode), now: now)
  }
}

extension DashboardModel {
  /// Whether a panel stands on the screen.
  func shows(_ panel: PanelID) -> Bool { panels.contains(panel) }

  /// Whether keys have the meanings that they have on a list of confusions.
  func hasRows(_ panel: PanelID?) -> Bool {
    panel.map { Self.confusions.contains($0) && rowCount(of: $0) > 0 } ?? false
  }
}

/// The commands that have something to act on as the screen is now: nothing that is out of sight is changed by a key.
struct AvailableCommands: Hashable {
  /// Where keys have meanings of their own.
  let places: Set<KeyPlace>
  private let panels: [PanelID]
  private let hasList: Bool

  init(_ model: DashboardModel) {
    panels = model.panels
    hasList = model.scrolledPanel(among: panels) != nil
    var places: Set<KeyPlace> = []
    if panels.contains(.mistakes) { places.insert(.mistakes) }
    if model.hasRows(model.maximized ?? model.focus) { places.insert(.confusions) }
    self.places = places
  }

  func contains(_ command: DashboardCommand) -> Bool {
    switch command {
    case .cursorLeft, .cursorRight, .cursorStart, .cursorEnd, .zoomIn, .zoomOut, .panLeft, .panRight, .showAll, .follow,
      .toggleScale, .nextUnit, .smoothLess, .smoothMore:
      panels.contains(.loss)
    case .scrollUp, .scrollDown, .scrollPageUp, .scrollPageDown: hasList
    case .logLevel, .search: panels.contains(.log) || places.contains(.mistakes)
    case .nextOrder: ModelTask.allCases.contains { panels.contains(.labels($0)) } || places.contains(.mistakes)
    case .mark, .suspects: places.contains(.mistakes)
    case .showConfused: places.contains(.confusions)
    default: true
    }
  }
}
