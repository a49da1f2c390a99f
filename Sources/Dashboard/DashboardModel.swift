public import RunModel
public import TerminalCanvas
public import Themes
public import TrainingEvents

/// What the dashboard asks its surroundings to do.
public enum DashboardAction: Hashable, Sendable {
  case send(TrainingCommand)
  /// Leave the screen; the run has ended or was asked to.
  case quit
  /// Have the run saved and stopped, and leave at once, whether or not its engine answers.
  case stopAndLeave
  /// Leave the screen while the run goes on.
  case detach
  /// Ctrl-Z: give the terminal back and stop the process until `fg`.
  case suspend
  /// Ctrl-L: draw everything anew.
  case redraw
  /// Write what `exports` gives into the run's folder, and `showNotice` where.
  case export
  /// Put a text on the clipboard.
  case copy(String)
}

/// What the process that shows a run is to it.
public enum SessionRole: Hashable, Sendable {
  /// It began the run: it is asked how to end it, and asked to stop, it lets the run save and stop.
  case owner
  /// It only watches: it leaves without a word.
  case watcher
  /// It looks at what is stored of it: nothing lives.
  case reader
}

/// Everything the screen is drawn from: the run as its events describe it, and what the user chose to see.
public struct DashboardModel: Sendable {
  /// What lies over the dashboard.
  enum Popup: Hashable, Sendable {
    /// Scrolled down by so many lines.
    case help(Int)
    case stop(StopDialog)
    case commandLine(CommandLine)
  }

  let role: SessionRole
  public internal(set) var run = RunState() { didSet { kept.revisions.run &+= 1 } }
  /// What was asked of the engine and has not been answered.
  var requests = OpenRequests()
  /// When the engine was last known to be at work.
  var engine = EngineWatch()
  var machine = MachineHistory()
  /// The theme that was chosen, and one that is only tried.
  var theme: Theme { didSet { kept.revisions.look &+= 1 } }
  var previewedTheme: Theme? { didSet { kept.revisions.look &+= 1 } }
  var glyphs: GlyphSet { didSet { kept.revisions.look &+= 1 } }
  /// Whether theme and glyphs were chosen here; what an option says for once is not kept.
  public internal(set) var choseTheme = false
  var choseGlyphs = false
  /// Those that were kept before.
  var keptTheme: String?
  var keptGlyphs: String?
  /// The terminal's own background, where it has reported it.
  var terminalBackground: Color? { didSet { kept.revisions.look &+= 1 } }
  /// Whether the theme is left to the terminal's background.
  public var followsBackground = false
  var chart = ChartView()
  var page = Page.overview { didSet { kept.revisions.choices &+= 1 } }
  var layout = LayoutPreset.standard { didSet { kept.revisions.choices &+= 1 } }
  var focus: PanelID?
  var maximized: PanelID? { didSet { kept.revisions.choices &+= 1 } }
  var popup: Popup?
  /// The screen's size, by which keys and mouse find what is shown where.
  private(set) var size = (width: 80, height: 24)
  /// What the mouse could meet on the last frame.
  private var drawnRegions: [HitRegion]?
  var kept = KeptFrame()
  /// Lines that lists are scrolled, by their panels.
  var offsets: [PanelID: Int] = [:] { didSet { kept.revisions.choices &+= 1 } }
  /// What the log's lines are searched for.
  var logFilter = "" { didSet { kept.revisions.choices &+= 1 } }
  var tableOrder = TableOrder.data { didSet { kept.revisions.choices &+= 1 } }
  /// The wrong sentences of dev, and the suspects among train's; which of them the page shows.
  var mistakes = MistakeView()
  var suspects = MistakeView()
  var showsSuspects = false
  /// The selected rows of lists that have one, by their panels.
  var selections: [PanelID: Int] = [:] { didSet { kept.revisions.choices &+= 1 } }
  /// Local time's distance from UTC, for times of day.
  public var secondsFromGMT = 0 {
    didSet { if secondsFromGMT != oldValue { kept.revisions.choices &+= 1 } }
  }
  /// The least level that the log shows.
  var logLevel = LogLine.Level.info { didSet { kept.revisions.choices &+= 1 } }
  /// A passing answer to a key, and when it goes.
  var notice: (text: String, until: Double)?
  /// The stop the user asked for, if any.
  var requestedStop: StopMode?
  /// Where a drag over the plot has come to, and whether it has moved.
  var drag: (x: Int, hasMoved: Bool)?
  /// The whole second of the clock last drawn.
  private var drawnSecond = -1
  private var drawnTime = -1

  public init(theme: Theme, glyphs: GlyphSet, role: SessionRole = .owner) {
    self.role = role
    self.theme = theme
    self.glyphs = glyphs
  }

  /// True when something visible changed since the last `draw`.
  public internal(set) var needsDisplay = true

  /// True once a run that the user asked to save and stop, or to stop now, has ended: there is nothing left to watch.
  public var shouldLeave: Bool {
    run.hasEnded && run.phase == .finished && (requestedStop == .saveAndStop || requestedStop == .stopNow)
  }

  /// How much of the run is done, in 0...1, for the taskbar; nil where it cannot be told.
  public var progress: Double? {
    run.totalSteps > 0 ? min(1, max(0, Double(run.step) / Double(run.totalSteps))) : nil
  }

  /// Takes an event in. `now` is a monotonic clock in seconds.
  public mutating func apply(_ event: TrainingEvent, now: Double) {
    change { $0.apply(event, now: now) }
    note(event, now: now)
  }

  /// Takes records in.
  ///
  /// - Parameters:
  ///   - now: a monotonic clock in seconds.
  ///   - wall: the seconds since 1970 at that moment.
  public mutating func apply(_ records: [RunRecord], now: Double, wall: Double) {
    change { run in
      for record in records { run.apply(record, now: now, wall: wall) }
    }
    if !records.isEmpty { engine.noteSign(now: now) }
    for case .event(let event, _) in records { note(event, now: now) }
  }

  private mutating func note(_ event: TrainingEvent, now: Double) {
    requests.note(event)
    if case .evaluated(let record) = event, record.split == .dev { mistakes.forget(from: record.step) }
    if case .epochCompleted(let record) = event { suspects.forget(from: record.step) }
    engine.noteSign(now: now)
    if run.hasEnded { requests = OpenRequests() }
  }

  /// Lets the run change; what is read of its lists stays where it is.
  private mutating func change(_ body: (inout RunState) -> Void) {
    let isReadingBack = (offsets[.log] ?? 0) > 0
    let (lines, epochs) = (isReadingBack ? shownLog.count : 0, run.epochs.count)
    body(&run)
    if isReadingBack, let offset = offsets[.log] { offsets[.log] = max(0, offset + shownLog.count - lines) }
    if let offset = offsets[.epochs], offset > 0 { offsets[.epochs] = max(0, offset + run.epochs.count - epochs) }
    if run.hasEnded, case .stop = popup { popup = nil }
    readAlertsInSight()
    needsDisplay = true
  }

  /// Takes in how busy the machine is.
  public mutating func apply(_ sample: MachineSample) {
    machine.add(sample)
    if page == .machine || maximized == .cores { needsDisplay = true }
  }

  /// Takes in what the engine's process was seen doing.
  public mutating func note(_ activity: EngineActivity, now: Double) {
    engine.note(activity, now: now)
    if engine.silence(run.phase, now: now) != nil { needsDisplay = true }
  }

  /// Shows a notice for a while.
  public mutating func showNotice(_ text: String, seconds: Double = 5, now: Double) {
    notice = (text, now + seconds)
    needsDisplay = true
  }

  /// Notes a command that is about to be sent, so that it can be said that it waits.
  public mutating func noteSent(_ command: TrainingCommand, now: Double) {
    requests.add(command, now: now)
    needsDisplay = true
  }

  mutating func ask(_ command: TrainingCommand, now: Double) -> [DashboardAction] {
    noteSent(command, now: now)
    return [.send(command)]
  }

  /// Puts a line into the log on the screen.
  public mutating func remark(_ text: String, level: LogLine.Level = .warning) { run.remark(text, level: level) }

  /// Whether something shown changes with time although no clock of the run's goes on.
  public var needsTicks: Bool { notice != nil || !requests.isEmpty || shows(.cores) || maximized == .memory }

  /// Lets time pass: clocks move on although no event comes. Cheap; call it as often as a frame may be drawn.
  public mutating func tick(now: Double) {
    if now >= Double(drawnTime + 1) {
      let liveness = liveness(now: now)
      if case .silent = liveness { needsDisplay = true }
      if !requests.isEmpty || liveness.words() != self.liveness(now: Double(drawnTime)).words() { needsDisplay = true }
    }
    if let notice, now >= notice.until {
      self.notice = nil
      needsDisplay = true
    }
    if second(now) != drawnSecond { needsDisplay = true }
  }

  // MARK: - Drawing

  /// Takes over the screen's size.
  public mutating func resize(width: Int, height: Int) {
    size = (width, height)
    needsDisplay = true
  }

  /// The places of the panels at the screen's size.
  var layoutNow: ScreenLayout { ScreenLayout(self, width: size.width, height: size.height) }

  var panels: [PanelID] { layoutNow.panels }

  /// Draws the whole screen at the canvas's size.
  public mutating func draw(into canvas: inout Canvas, now: Double) {
    let isWhole = (canvas.width, canvas.height) == size
    let painted = paint(canvas, now: now)
    canvas = painted.canvas
    drawnRegions = isWhole ? painted.regions : nil
    kept = painted.kept
  }

  /// Where the loss curves lie on the screen; nil where they are not shown.
  var plot: Rect? {
    guard let area = layoutNow[.loss] else { return nil }
    if let loss = kept.loss, loss.key == LossChart.Plotted.Key(kept.revisions, chart, area) { return loss.plot }
    return LossChart(run: run, view: chart).plot(in: area)
  }

  /// What the mouse can meet at the screen's size, whether or not that was drawn yet.
  func regions(now: Double) -> [HitRegion] {
    if !needsDisplay, let drawnRegions { return drawnRegions }
    return paint(Canvas(width: size.width, height: size.height), now: now).regions
  }

  private func paint(_ canvas: Canvas, now: Double) -> (canvas: Canvas, regions: [HitRegion], kept: KeptFrame) {
    let known = kept.palette.flatMap { $0.look == kept.revisions.look ? $0.palette : nil }
    let palette = known ?? Palette(previewedTheme ?? theme, terminalBackground: terminalBackground)
    var painter = Painter(canvas: canvas, palette: palette, glyphs: glyphs, focus: focus)
    painter.kept = kept
    painter.kept.palette = (kept.revisions.look, palette)
    Screen(model: self, now: now).draw(with: &painter)
    let drawn = painter.kept
    let finished = painter.finish()
    return (finished.canvas, finished.regions, drawn)
  }

  /// Notes that what there is now has been drawn.
  public mutating func markDrawn(now: Double) {
    needsDisplay = false
    drawnSecond = second(now)
    drawnTime = now.isFinite && abs(now) < 1e15 ? Int(now) : 0
  }

  private func second(_ now: Double) -> Int {
    let elapsed = run.clock.elapsed(now: now)
    return elapsed.isFinite && elapsed < 1e15 ? Int(elapsed) : 0
  }
}
