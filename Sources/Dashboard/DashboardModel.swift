public import RunModel
public import TerminalCanvas
public import Themes
public import TrainingEvents

/// What the dashboard asks its surroundings to do.
public enum DashboardAction: Hashable, Sendable {
  case send(TrainingCommand)
  /// Leave the screen; the run has ended or was told to.
  case quit
  /// Leave the screen while the run goes on.
  case detach
  /// Ctrl-Z: give the terminal back and stop the process until `fg`.
  case suspend
  /// Ctrl-L: draw everything anew.
  case redraw
  /// Write what `exports` gives into the run's folder, and `tell` where.
  case export
  /// Put a text on the clipboard.
  case copy(String)
}

/// Everything the screen is drawn from: the run as its events tell it, and what the user chose to see.
public struct DashboardModel: Sendable {
  /// What lies over the dashboard.
  enum Popup: Hashable, Sendable {
    /// Scrolled down by so many lines.
    case help(Int)
    /// How to stop, and which choice is marked.
    case stop(StopMode)
    case commandLine(CommandLine)
  }

  public internal(set) var run = RunState()
  var machine = MachineHistory()
  /// The theme that was chosen, and one that is only tried.
  var theme: Theme
  var previewedTheme: Theme?
  var glyphs: GlyphSet
  /// Whether the user chose the glyphs, rather than the terminal.
  var choseGlyphs = false
  var chart = ChartView()
  var page = Page.overview
  var layout = LayoutPreset.standard
  var focus: PanelID?
  var maximized: PanelID?
  var popup: Popup?
  /// Lines the log is scrolled back, and the tables of labels scrolled down.
  var logOffset = 0
  var tableOffset = 0
  /// The least level that the log shows.
  var logLevel = LogLine.Level.info
  /// A passing answer to a key, and when it goes.
  var notice: (text: String, until: Double)?
  /// The stop the user asked for, if any.
  var requestedStop: StopMode?
  /// What the last frame showed where.
  var regions: [HitRegion] = []
  /// Where a drag over the plot has come to, and whether it has moved.
  var drag: (x: Int, hasMoved: Bool)?
  /// The whole second of the clock last drawn.
  private var drawnSecond = -1

  public init(theme: Theme, glyphs: GlyphSet) {
    self.theme = theme
    self.glyphs = glyphs
  }

  /// True when something visible changed since the last `draw`.
  public internal(set) var needsDisplay = true

  /// True once a run that the user told to save and stop, or to stop now, has ended: there is nothing left to watch.
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
    if case .checkpointWritten = event { notice = nil }
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
    if records.contains(where: { if case .event(.checkpointWritten, _) = $0 { true } else { false } }) { notice = nil }
  }

  /// Lets the run change; what is read of its log stays where it is.
  private mutating func change(_ body: (inout RunState) -> Void) {
    let lines = logOffset > 0 ? shownLog.count : 0
    body(&run)
    if logOffset > 0 {
      let count = shownLog.count
      logOffset = min(max(0, logOffset + count - lines), count)
    }
    if run.hasEnded, case .stop = popup { popup = nil }
    if page == .log { run.markAlertsRead() }
    needsDisplay = true
  }

  /// Takes in how busy the machine is.
  public mutating func apply(_ sample: MachineSample) {
    machine.add(sample)
    if page == .machine || maximized == .cores { needsDisplay = true }
  }

  /// Shows a passing word.
  public mutating func tell(_ text: String, now: Double) {
    notice = (text, now + 5)
    needsDisplay = true
  }

  /// Puts a line into the log on the screen.
  public mutating func remark(_ text: String) { run.remark(text) }

  /// Lets time pass: clocks move on although no event comes. Cheap; call it as often as a frame may be drawn.
  public mutating func tick(now: Double) {
    if let notice, now >= notice.until {
      self.notice = nil
      needsDisplay = true
    }
    if second(now) != drawnSecond { needsDisplay = true }
  }

  /// The log's lines of the chosen level and above.
  var shownLog: [LogEntry] { logLevel == .info ? run.log : run.log.filter { $0.level >= logLevel } }

  /// Draws the whole screen at the canvas's size.
  public mutating func draw(into canvas: inout Canvas, now: Double) {
    var painter = Painter(
      canvas: canvas, palette: Palette(previewedTheme ?? theme), glyphs: glyphs, focus: focus)
    canvas = Canvas(width: 0, height: 0)
    Screen(model: self, now: now).draw(with: &painter)
    (canvas, regions) = painter.finish()
    needsDisplay = false
    drawnSecond = second(now)
  }

  private func second(_ now: Double) -> Int {
    let elapsed = run.clock.elapsed(now: now)
    return elapsed.isFinite && elapsed < 1e15 ? Int(elapsed) : 0
  }
}
