import Dashboard
import Dispatch
import Glibc
import NcursesTerminal
import TerminalCanvas
import Themes
import TrainingEvents

/// Follows a run on the dashboard: one stream of keys, signals, ticks and the engine's events, taken one by one.
@MainActor
final class InteractiveSession {
  private enum Event: Sendable {
    case training(TrainingEvent)
    /// The session has told everything.
    case ended
    /// Something can be read from the terminal.
    case input
    case signal(Int32)
    /// Time passed, for clocks and notices.
    case tick
    /// A frame that had to wait may be drawn.
    case frame
  }

  private let session: any TrainingSession
  private let terminal: Terminal
  private var model: DashboardModel
  private var canvas: Canvas
  private var pacing = FramePacing()
  private var ending = RunEnding()
  private var summary = RunSummary()
  private var phase = RunPhase.loading
  private var run: RunDescription?
  private var hasEnded = false
  /// The user wants to leave once the run has ended.
  private var wantsToLeave = false
  /// What prints the run after the terminal went away.
  private var afterlife: HeadlessReporter?

  private let events: AsyncStream<Event>
  private let feed: AsyncStream<Event>.Continuation
  private var inputSource: (any DispatchSourceRead)?
  private var ticker: (any DispatchSourceTimer)?
  private let signals: SignalSources

  /// Opens the screen. Throws `TerminalError` where there is none to open; the session is untouched then.
  init(_ session: any TrainingSession, theme: Theme, glyphs: GlyphSet?) throws {
    (events, feed) = AsyncStream.makeStream(of: Event.self)
    // Before ncurses starts, which then leaves these signals alone.
    signals = SignalSources([SIGWINCH, SIGTSTP, SIGINT, SIGTERM, SIGHUP]) { [feed] in feed.yield(.signal($0)) }
    let environment = TerminalEnvironment.current
    terminal = try Terminal(environment: environment)
    self.session = session
    model = DashboardModel(theme: theme, glyphs: glyphs ?? environment.glyphs)
    canvas = Canvas(width: terminal.size.width, height: terminal.size.height)
  }

  /// Follows the session to its end and until the user leaves; returns the exit code.
  func run() async -> Int32 {
    drawIfDue()
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
    source.setEventHandler { @Sendable [feed] in feed.yield(.input) }
    source.resume()
    inputSource = source
    let reader = Task { [feed, session] in
      for await event in session.events { feed.yield(.training(event)) }
      feed.yield(.ended)
    }
    for await event in events {
      take(event)
      guard !isOver else { break }
      if afterlife == nil { drawIfDue() }
    }
    reader.cancel()
    return leave()
  }

  private var isOver: Bool {
    guard hasEnded else { return false }
    return afterlife != nil || wantsToLeave || model.shouldLeave || ending.isAskedBySignal || run == nil
  }

  private func take(_ event: Event) {
    switch event {
    case .training(let event): apply(event)
    case .ended: hasEnded = true
    case .input: readInput()
    case .signal(let number): handle(signal: number)
    case .tick:
      model.tick(now: Self.now)
      adjustTicker()
    case .frame: pacing.isScheduled = false
    }
  }

  private func apply(_ event: TrainingEvent) {
    ending.note(event)
    summary.note(event)
    switch event {
    case .runStarted(let description): run = description
    case .phaseChanged(let change): phase = change.phase
    default: break
    }
    if let afterlife {
      afterlife.show(event)
      return
    }
    model.apply(event, now: Self.now)
    if case .phaseChanged = event { adjustTicker() }
  }

  // MARK: - Keys

  private func readInput() {
    guard afterlife == nil else { return }
    var isSilent = true
    while let input = terminal.readInput() {
      isSilent = false
      if case .focus(let isFocused) = input { pacing.isFocused = isFocused }
      for action in model.handle(input, now: Self.now) { perform(action) }
    }
    if isSilent, terminal.isGone { loseTerminal() }
    pacing.lastInput = Self.now
    adjustTicker()
  }

  private func perform(_ action: DashboardAction) {
    switch action {
    case .send(let command): session.send(command)
    case .quit: wantsToLeave = true
    case .suspend: kill(0, SIGTSTP)  // the whole group, as the terminal's own key does
    case .redraw:
      terminal.redraw()
      terminal.draw(canvas)
    }
  }

  // MARK: - Signals

  private func handle(signal number: Int32) {
    switch number {
    case SIGWINCH where afterlife == nil: fitToTerminal()
    case SIGTSTP where afterlife == nil: suspend()
    case SIGWINCH, SIGTSTP: break
    case SIGHUP: loseTerminal()
    default: session.send(ending.stop(bySignal: number))
    }
  }

  private func fitToTerminal() {
    terminal.resize()
    canvas.resize(width: terminal.size.width, height: terminal.size.height)
    draw()
  }

  private func suspend() {
    guard JobControl.canStop else { return }
    terminal.suspend()
    JobControl.stop(terminal: STDIN_FILENO)
    terminal.resume()
    fitToTerminal()
  }

  /// The screen ends, the run does not: it goes on without a screen, its output in the run's folder.
  private func loseTerminal() {
    guard afterlife == nil else { return }
    inputSource?.cancel()
    ticker?.cancel()
    ticker = nil
    terminal.close()
    StandardStreams.detach(to: run.map { $0.directory + "/console.txt" })
    let reporter = HeadlessReporter(format: .text)
    afterlife = reporter
    reporter.say("mtt-tui: The terminal went away; the run goes on. SIGTERM saves a checkpoint and stops it.")
    if phase == .paused || phase == .pausing {
      reporter.say("mtt-tui: It was paused; nobody could resume it now, so it trains again.")
      session.send(.resume)
    }
  }

  // MARK: - Frames

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func drawIfDue() {
    guard model.needsDisplay else { return }
    let wait = pacing.wait(now: Self.now)
    if wait <= 0 {
      draw()
    } else if !pacing.isScheduled {
      pacing.isScheduled = true
      DispatchQueue.main.asyncAfter(deadline: .now() + wait) { @Sendable [feed] in feed.yield(.frame) }
    }
  }

  private func draw() {
    let now = Self.now
    model.draw(into: &canvas, now: now)
    terminal.draw(canvas)
    pacing.lastFrame = now
  }

  /// Ticks four times a second while a clock is running or a notice may be waiting to go; otherwise not at all.
  private func adjustTicker() {
    let isNeeded = pacing.needsTicks(phase: phase, now: Self.now)
    if isNeeded, ticker == nil {
      let timer = DispatchSource.makeTimerSource(queue: .main)
      timer.schedule(deadline: .now() + 0.25, repeating: 0.25, leeway: .milliseconds(50))
      timer.setEventHandler { @Sendable [feed] in feed.yield(.tick) }
      timer.resume()
      ticker = timer
    } else if !isNeeded, let timer = ticker {
      timer.cancel()
      ticker = nil
    }
  }

  // MARK: - The end

  /// Gives the terminal back and says on it what came out.
  private func leave() -> Int32 {
    inputSource?.cancel()
    ticker?.cancel()
    if let afterlife {
      afterlife.finish()
    } else {
      terminal.close()
    }
    if let line = summary.line { StandardStreams.writeOutput(line + "\n") }
    if let message = ending.message { StandardStreams.writeError("mtt-tui: \(message)\n") }
    return ending.exitCode
  }
}
