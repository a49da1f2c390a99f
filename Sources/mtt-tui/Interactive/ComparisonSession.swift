import Dashboard
import Dispatch
import ForeignLogs
import Glibc
import LoggedRuns
import NcursesTerminal
import TerminalCanvas
import Themes

/// Shows runs beside each other until the user leaves; the library reads them off this thread.
@MainActor
final class ComparisonSession {
  private let terminal: Terminal
  private var model: ComparisonModel
  private var canvas: Canvas
  private var pacing = FramePacing()
  /// Counts what was read, to tell whether anything came since.
  private var readings = 0
  private var code: Int32?
  private var leaving: CheckedContinuation<Void, Never>?
  private var inputSource: (any DispatchSourceRead)?
  /// Whether the terminal is another process group's for now.
  private var isElsewhere = false
  private static let signalsTaken = [SIGWINCH, SIGTSTP, SIGINT, SIGTERM, SIGHUP]

  /// Opens the screen. Throws `TerminalError` where there is none to open.
  init(theme: Theme, display: DisplayOptions, preferences: KeptPreferences, filter: String) throws {
    var environment = TerminalEnvironment.current
    environment.forcedColors = display.colors
    terminal = try SignalSources.ignore(Self.signalsTaken) {
      try Terminal(environment: environment, reportsMouse: display.mouse ?? true)
    }
    let glyphs = display.glyphs ?? preferences.glyphs ?? environment.glyphs
    model = ComparisonModel(theme: theme, glyphs: glyphs, wall: Self.wall, filter: filter)
    canvas = Canvas(width: terminal.size.width, height: terminal.size.height)
  }

  /// Follows a library until the user leaves; returns the exit code.
  func follow(_ library: LogLibrary, from found: [LoggedRun]) async -> Int32 {
    model.apply(found, isLoading: true)
    draw()
    let signals = SignalSources(Self.signalsTaken) { self.handle(signal: $0) }
    let source = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
    source.setEventHandler { @Sendable in MainActor.assumeIsolated { self.readInput() } }
    source.resume()
    inputSource = source
    let ticker = DispatchSource.makeTimerSource(queue: .main)
    ticker.schedule(deadline: .now() + 1, repeating: 1, leeway: .milliseconds(100))
    ticker.setEventHandler { @Sendable in
      MainActor.assumeIsolated {
        self.returnToTerminal()
        self.model.tick(now: Self.now, wall: Self.wall)
        self.update()
      }
    }
    ticker.resume()
    let reader = Task { await library.follow { update in await self.take(update) } }
    await withCheckedContinuation { leaving = $0 }
    reader.cancel()
    withExtendedLifetime(signals) {
      if isElsewhere { source.resume() }  // a source that sleeps may not be released
      source.cancel()
      ticker.cancel()
      terminal.close()
    }
    return code ?? 0
  }

  private func take(_ update: LogLibrary.Update) {
    model.apply(update.runs, isLoading: update.isLoading)
    self.update()
  }

  private func update() {
    if code != nil {
      leaving?.resume()
      leaving = nil
    } else {
      drawIfDue()
    }
  }

  // MARK: - Keys and signals

  private func readInput() {
    var isSilent = true
    while let input = terminal.readInput() {
      isSilent = false
      if case .focus(let isFocused) = input { pacing.isFocused = isFocused }
      for action in model.handle(input, now: Self.now) { perform(action) }
    }
    readings += 1
    if isSilent { handleSilence() }
    awaitRest()
    pacing.lastInput = Self.now
    update()
  }

  /// There was something to read, and then there was not.
  private func handleSilence() {
    switch terminal.inputState {
    case .open: break
    case .gone: code = 128 + SIGHUP
    case .elsewhere:
      // Reading would only fail, at once and again; the ticker looks whether the terminal has come back.
      isElsewhere = true
      inputSource?.suspend()
    }
  }

  private func returnToTerminal() {
    guard isElsewhere, terminal.inputState != .elsewhere else { return }
    isElsewhere = false
    inputSource?.resume()
    terminal.resume()
    fitToTerminal()
  }

  /// Part of a key's sequence has come, or an escape that may be a key: waits for the rest for a while.
  private func awaitRest() {
    guard let patience = terminal.inputPatience else { return }
    let reading = readings
    DispatchQueue.main.asyncAfter(deadline: .now() + patience) { @Sendable in
      MainActor.assumeIsolated {
        guard self.code == nil, self.readings == reading else { return }
        self.terminal.expireInput()
        self.readInput()
      }
    }
  }

  private func perform(_ action: ComparisonAction) {
    switch action {
    case .quit: code = 0
    case .suspend: suspend(group: true)
    case .export: export()
    case .copy(let text):
      if !terminal.copyToClipboard(text) { model.tell("this terminal takes no clipboard", now: Self.now) }
    case .redraw:
      terminal.redraw()
      terminal.draw(canvas)
    }
  }

  /// Writes what is shown into the current folder and says where.
  private func export() {
    let folder = "mtt-tui-comparison"
    let files = model.exports(width: canvas.width, height: canvas.height)
    do {
      try WholeFile.makeFolder(folder)
      for file in files { try WholeFile.write(file.text, to: folder + "/" + file.name) }
      model.tell("\(files.count) files in \(folder)", now: Self.now)
    } catch {
      model.tell("\(error)", now: Self.now)
    }
  }

  private func handle(signal number: Int32) {
    switch number {
    case SIGWINCH: fitToTerminal()
    case SIGTSTP: suspend(group: false)
    default:
      code = 128 + number
      update()
    }
  }

  private func fitToTerminal() {
    terminal.resize()
    canvas.resize(width: terminal.size.width, height: terminal.size.height)
    draw()
  }

  private func suspend(group: Bool) {
    guard JobControl.canStop else { return }
    terminal.suspend()
    if group { kill(0, SIGTSTP) }
    JobControl.stop(terminal: STDIN_FILENO)
    terminal.resume()
    fitToTerminal()
  }

  // MARK: - Frames

  private static var now: Double { time(CLOCK_MONOTONIC) }
  private static var wall: Double { time(CLOCK_REALTIME) }

  private static func time(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func drawIfDue() {
    guard model.needsDisplay else {
      if terminal.isSending { updateAfter(FramePacing.busyWait) }
      return
    }
    // A terminal that has not shown the last frame would show this one late.
    let wait = max(pacing.wait(now: Self.now), terminal.isBusy ? FramePacing.busyWait : 0)
    if wait <= 0 { draw() } else { updateAfter(wait) }
  }

  private func updateAfter(_ seconds: Double) {
    guard !pacing.isScheduled else { return }
    pacing.isScheduled = true
    DispatchQueue.main.asyncAfter(deadline: .now() + seconds) { @Sendable in
      MainActor.assumeIsolated {
        self.pacing.isScheduled = false
        self.update()
      }
    }
  }

  private func draw() {
    model.draw(into: &canvas)
    terminal.draw(canvas)
    pacing.lastFrame = Self.now
    if terminal.isSending { updateAfter(FramePacing.busyWait) }
  }
}
