public import TerminalCanvas
public import Themes
public import TrainingEvents

/// What the dashboard asks its surroundings to do.
public enum DashboardAction: Hashable, Sendable {
  case send(TrainingCommand)
  /// Leave the screen; the run has ended or was told to.
  case quit
  /// Ctrl-Z: give the terminal back and stop the process until `fg`.
  case suspend
  /// Ctrl-L: draw everything anew.
  case redraw
}

/// Everything the screen is drawn from: the run as its events tell it, and what the user chose to see.
public struct DashboardModel: Sendable {
  /// What lies over the dashboard.
  enum Popup: Hashable, Sendable {
    case help
    /// How to stop, and which choice is marked.
    case stop(StopMode)
  }

  private(set) var run = RunState()
  private(set) var theme: Theme
  private(set) var glyphs: GlyphSet
  private(set) var lossScale = AxisScale.logarithmic
  private(set) var popup: Popup?
  /// Lines the log is scrolled back.
  private(set) var logOffset = 0
  /// A passing answer to a key, and when it goes.
  private(set) var notice: (text: String, until: Double)?
  /// The stop the user asked for, if any.
  private(set) var requestedStop: StopMode?
  /// The whole second of the clock last drawn.
  private var drawnSecond = -1

  public init(theme: Theme, glyphs: GlyphSet) {
    self.theme = theme
    self.glyphs = glyphs
  }

  /// True when something visible changed since the last `draw`.
  public private(set) var needsDisplay = true

  /// True once a run that the user told to save and stop, or to stop now, has ended: there is nothing left to watch.
  public var shouldLeave: Bool {
    run.hasEnded && run.phase == .finished && (requestedStop == .saveAndStop || requestedStop == .stopNow)
  }

  /// Takes an event in. `now` is a monotonic clock in seconds.
  public mutating func apply(_ event: TrainingEvent, now: Double) {
    let lines = run.log.count
    run.apply(event, now: now)
    if logOffset > 0 { logOffset = min(max(0, logOffset + run.log.count - lines), run.log.count) }
    if case .checkpointWritten = event { notice = nil }
    if run.hasEnded, case .stop = popup { popup = nil }
    needsDisplay = true
  }

  /// Lets time pass: clocks move on although no event comes. Cheap; call it as often as a frame may be drawn.
  public mutating func tick(now: Double) {
    if let notice, now >= notice.until {
      self.notice = nil
      needsDisplay = true
    }
    if second(now) != drawnSecond { needsDisplay = true }
  }

  /// Takes a key, click or focus change in.
  public mutating func handle(_ input: InputEvent, now: Double) -> [DashboardAction] {
    guard case .key(let key) = input else { return [] }
    needsDisplay = true
    switch popup {
    case .stop(let marked): return handleStop(key, marked)
    case .help where key == .escape || key == .enter || key == .character("q"):
      popup = nil
      return []
    case .help, nil: break
    }
    guard let command = KeyBinding.command(for: key) else { return [] }
    return perform(command, now: now)
  }

  private mutating func perform(_ command: DashboardCommand, now: Double) -> [DashboardAction] {
    switch command {
    case .pauseOrResume: return pauseOrResume()
    case .checkpoint:
      guard !run.hasEnded else { return [] }
      notice = ("checkpoint asked for", now + 5)
      return [.send(.checkpoint)]
    case .stop, .interrupt:
      if run.hasEnded { return [.quit] }
      popup = .stop(.saveAndStop)
    case .leave: return run.hasEnded ? [.quit] : []
    case .help: popup = popup == .help ? nil : .help
    case .nextTheme: chooseNextTheme(now: now)
    case .nextGlyphs:
      glyphs = glyphs.next
      notice = ("glyphs: \(glyphs.rawValue)", now + 2)
    case .toggleScale: lossScale = lossScale == .linear ? .logarithmic : .linear
    case .logUp: logOffset = min(logOffset + 1, max(0, run.log.count - 1))
    case .logDown: logOffset = max(0, logOffset - 1)
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
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

  private mutating func chooseNextTheme(now: Double) {
    let names = ThemeCatalog.shipped
    let place = names.firstIndex(of: theme.name).map { ($0 + 1) % names.count } ?? 0
    guard let next = try? ThemeCatalog.theme(named: names[place]) else { return }
    theme = next
    notice = ("theme: \(next.name)", now + 2)
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

  private mutating func stop(_ mode: StopMode) -> [DashboardAction] {
    popup = nil
    requestedStop = mode
    return [.send(.stop(mode))]
  }

  /// Draws the whole screen at the canvas's size.
  public mutating func draw(into canvas: inout Canvas, now: Double) {
    var painter = Painter(canvas: canvas, palette: Palette(theme), glyphs: glyphs)
    canvas = Canvas(width: 0, height: 0)
    Screen(model: self, now: now).draw(with: &painter)
    canvas = painter.finish()
    needsDisplay = false
    drawnSecond = second(now)
  }

  private func second(_ now: Double) -> Int {
    let elapsed = run.clock.elapsed(now: now)
    return elapsed.isFinite && elapsed < 1e15 ? Int(elapsed) : 0
  }
}
