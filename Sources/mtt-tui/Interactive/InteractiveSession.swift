import Dashboard
import Dispatch
import Formatting
import Glibc
import NcursesTerminal
import RunModel
import RunSession
import RunSources
import TerminalCanvas
import Themes
import TrainingEvents

/// Follows a run on the dashboard.
///
/// Everything happens on the main actor, one thing at a time: the engine's events come through their stream; keys, signals
/// and frames through dispatch sources of the main queue, so that they never wait behind a queue of events.
@MainActor
final class InteractiveSession: ScreenSession {
  private let role: SessionRole
  private var source: (any RunSource)?
  let terminal: Terminal
  private var model: DashboardModel
  private var canvas: Canvas
  var pacing = FramePacing()
  let room = RoomWatch()
  private var machine = MachineSampler()
  private let mistakes = MistakeLoader()
  private var preferences: KeptPreferences
  private var ending = RunEnding()
  /// The session has told everything.
  private var hasEnded = false
  var lastWaking = -Double.infinity
  /// The user wants to leave once the run has ended.
  private var wantsToLeave = false
  /// Why the screen ends before the run does, if it does.
  private var departure: Departure?
  /// Resumed once there is nothing left to do on the screen.
  private var leaving: CheckedContinuation<Void, Never>?

  /// Ways to leave while the run goes on.
  private enum Departure {
    /// The user took the shell back.
    case detached
    /// The terminal went away.
    case terminalGone
    /// A signal ended a watcher, or a second one an owner that will not wait.
    case signal(Int32)
    /// The run was asked to save and stop, which it does by itself.
    case stopping
  }

  private static let handledSignals = [SIGWINCH, SIGTSTP, SIGINT, SIGTERM, SIGHUP, SIGUSR1]
  private var signals: SignalSources?
  var inputSource: (any DispatchSourceRead)?
  /// Whether another process group has the terminal, so that it is not read.
  var isElsewhere = false
  /// Counts what was read, to tell whether anything came since.
  var readings = 0
  private var ticker: (any DispatchSourceTimer)?

  /// Opens the screen and draws the first frame. Throws `TerminalError` where there is none to open.
  ///
  /// `preferences`: what the user chose to see last time; `theme` is among it already.
  init(role: SessionRole, theme: Theme, display: DisplayOptions, preferences: KeptPreferences) throws {
    self.role = role
    self.preferences = preferences
    var environment = TerminalEnvironment.current
    environment.forcedColors = display.colors
    terminal = try SignalSources.ignore(Self.handledSignals) {
      try Terminal(environment: environment, reportsMouse: display.mouse ?? true)
    }
    let glyphs = display.glyphs ?? preferences.glyphs ?? environment.glyphs
    model = DashboardModel(theme: theme, glyphs: glyphs, role: role)
    model.adopt(preferences.values)
    model.followsBackground = display.theme == nil && preferences.values.theme == nil
    if let background = environment.background { _ = model.handle(.background(background), now: Self.now) }
    for remark in preferences.remarks { model.remark(remark) }
    canvas = Canvas(width: terminal.size.width, height: terminal.size.height)
    model.resize(width: canvas.width, height: canvas.height)
    model.secondsFromGMT = Self.secondsFromGMT
    draw()
  }

  /// Gives the terminal back; for a session that never came to be.
  func close() { terminal.close() }

  private var run: RunDescription? { model.run.description }
  private var phase: RunPhase { model.run.phase }

  /// Follows a run to its end or until the user leaves; returns the exit code.
  ///
  /// `remark`: a line for the log on the screen.
  func follow(_ source: any RunSource, remark: String? = nil) async -> Int32 {
    self.source = source
    if let remark { model.remark(remark) }
    signals = SignalSources(Self.handledSignals) { self.handle(signal: $0) }
    let input = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: .main)
    input.setEventHandler { @Sendable in MainActor.assumeIsolated { self.readInput() } }
    input.resume()
    inputSource = input
    adjustTicker()
    update()
    let reader = Task {
      for await records in source.records { take(records) }
      hasEnded = true
      update()
    }
    await withCheckedContinuation { leaving = $0 }
    reader.cancel()
    source.leave()
    return leave()
  }

  private var isOver: Bool {
    if departure != nil { return true }
    guard hasEnded else { return false }
    return wantsToLeave || model.shouldLeave || ending.isAskedBySignal || run == nil
  }

  /// After anything that happened: draws what it changed, or leaves.
  func update() {
    if isOver {
      leaving?.resume()
      leaving = nil
    } else {
      readMistakes()
      drawIfDue()
    }
  }

  /// Reads what the page of wrong sentences lacks, if it is shown.
  private func readMistakes() {
    guard !mistakes.isReading, let missing = model.askForSentences(), let folder = run?.directory else { return }
    switch missing {
    case .mistakes(let step): read(step, folder) { self.model.take($0, ofStep: step, problem: $1) }
    case .suspects(let step): read(nil, folder) { self.model.take(suspects: $0, ofStep: step, problem: $1) }
    }
  }

  private func read(_ step: Int?, _ folder: String, take: @escaping @MainActor (EvaluationMistakes?, String?) -> Void) {
    mistakes.read(step: step, ofRunIn: folder) { answer in
      switch answer {
      case .success(let found): take(found, nil)
      case .failure(let error): take(nil, "\(error).")
      }
      self.update()
    }
  }

  private func take(_ records: [RunRecord]) {
    let phase = phase
    for case .event(let event, _) in records {
      ending.note(event)
      if case .runStarted(let description) = event { terminal.setFarewell("\n" + Self.farewell(description)) }
    }
    model.apply(records, now: Self.now, wall: Self.wall)
    if self.phase != phase || model.run.hasEnded { adjustTicker() }
    update()
  }

  // MARK: - Keys

  func readInput() {
    guard departure == nil else { return }
    readings += 1
    takeInput(handle)
    adjustTicker()
    update()
  }

  private func handle(_ input: InputEvent) {
    for action in model.handle(input, now: Self.now) { perform(action) }
    if case .key = input { keepPreferences() }
  }

  private func perform(_ action: DashboardAction) {
    switch action {
    case .send(let command): source?.send(command)
    case .detach: depart(.detached)
    case .quit: wantsToLeave = true
    case .stopAndLeave:
      stopEngine(by: SIGINT)
      depart(.stopping)
    case .suspend: suspend(group: true)
    case .export: export()
    case .copy(let text):
      let isSent = terminal.copyToClipboard(text)
      model.showNotice(isSent ? "figures sent to the clipboard" : "this terminal takes no clipboard", now: Self.now)
    case .redraw:
      terminal.redraw()
      terminal.draw(canvas)
    }
  }

  /// Has the run saved and stopped, by a command and, for an engine that hears none yet, by a signal.
  private func stopEngine(by number: Int32) {
    source?.send(ending.stop(bySignal: number))
    if role == .owner, let process = (source as? RemoteSession)?.process { kill(process, SIGTERM) }
  }

  /// Writes what is on the screen into the run's folder and says where.
  private func export() {
    guard let run else { return model.showNotice("the run has no folder yet", now: Self.now) }
    let folder = run.directory + "/exports"
    let files = model.exports(width: canvas.width, height: canvas.height, now: Self.now)
    do throws(WholeFileError) {
      try WholeFile.makeFolder("exports", in: run.directory)
      for file in files { try WholeFile.write(file.text, to: folder + "/" + file.name) }
      model.showNotice("\(files.count) files in the run's exports/", now: Self.now)
      model.remark("Exported \(files.count) files to \(folder).", level: .info)
    } catch {
      let notice = error.isOwnerGone ? "the run's folder is gone" : "the export failed; the log says why"
      model.showNotice(notice, now: Self.now)
      model.remark("\(error)")
    }
  }

  /// Keeps what the user chose to see, where it has changed; trouble is reported once and does no harm.
  private func keepPreferences() {
    guard preferences.update(model.preferences) else { return }
    let kept = preferences
    Self.disk.async { @Sendable in
      guard let problem = kept.save() else { return }
      DispatchQueue.main.async { @Sendable in MainActor.assumeIsolated { self.model.remark(problem) } }
    }
  }

  /// Writes to a slow home folder without holding up the screen, in order.
  private static let disk = DispatchQueue(label: "preferences")

  // MARK: - Signals

  private func handle(signal number: Int32) {
    switch number {
    case _ where departure != nil: break
    case SIGWINCH: fitToTerminal()
    case SIGTSTP: suspendBySignal()
    case SIGHUP: loseTerminal()
    case SIGUSR1: source?.send(.checkpoint)
    default:
      if role != .owner {
        depart(.signal(number))
      } else if ending.isAskedBySignal {
        // The engine may hang: a second signal does not wait for it.
        stopEngine(by: number)
        depart(.signal(number))
      } else {
        let command = ending.stop(bySignal: number)
        source?.send(command)
        model.noteSent(command, now: Self.now)
        update()
      }
    }
  }

  func fitToTerminal() {
    terminal.resize()
    canvas.resize(width: terminal.size.width, height: terminal.size.height)
    model.resize(width: canvas.width, height: canvas.height)
    draw()
  }

  var needsDisplay: Bool { model.needsDisplay }
  var isLeaving: Bool { departure != nil }

  func loseTerminal() { depart(.terminalGone) }

  /// The screen ends, the run does not.
  private func depart(_ why: Departure) {
    guard departure == nil else { return }
    departure = why
    update()
  }

  // MARK: - Frames

  func draw() {
    let now = Self.now
    model.draw(into: &canvas, now: now)
    model.markDrawn(now: now)
    terminal.draw(canvas)
    pacing.lastFrame = now
    let phase = phase
    let state: ProgressState = phase == .failed ? .failed : phase == .paused || phase == .pausing ? .paused : .normal
    terminal.showProgress(phase == .finished ? nil : model.progress, state: state)
    sendRest()
  }

  /// Ticks four times a second while a clock is running or a notice may be waiting to go; otherwise not at all.
  private func adjustTicker() {
    let phase = phase
    let isPaused = !hasEnded && phase == .paused
    let isNeeded = pacing.needsTicks(
      phase: model.run.hasEnded ? .finished : phase, isWatched: isElsewhere || model.needsTicks || isPaused,
      now: Self.now)
    if isNeeded, ticker == nil {
      let timer = DispatchSource.makeTimerSource(queue: .main)
      timer.schedule(deadline: .now() + 0.25, repeating: 0.25, leeway: .milliseconds(50))
      timer.setEventHandler { @Sendable in
        MainActor.assumeIsolated {
          self.tick()
        }
      }
      timer.resume()
      ticker = timer
    } else if !isNeeded, let timer = ticker {
      timer.cancel()
      ticker = nil
    }
  }

  private func tick() {
    let now = Self.now
    returnToTerminal()
    model.tick(now: now)
    model.secondsFromGMT = Self.secondsFromGMT
    machine.follow((source as? RemoteSession)?.process)
    if let sample = machine.sampleIfDue(now: now) { model.apply(sample) }
    if let activity = machine.activityIfDue(now: now) { model.note(activity, now: now) }
    adjustTicker()
    update()
  }

  private static var secondsFromGMT: Int {
    var now = Glibc.time(nil)
    var local = tm()
    return localtime_r(&now, &local) == nil ? 0 : local.tm_gmtoff
  }

  // MARK: - The end

  private static func farewell(_ run: RunDescription) -> String {
    "The run goes on. Back to it: mtt-tui attach \(ShellWord.path(run.directory))\n"
  }

  /// Gives the terminal back and says on it what came out.
  private func leave() -> Int32 {
    if isElsewhere { inputSource?.resume() }  // a source that sleeps may not be released
    inputSource?.cancel()
    ticker?.cancel()
    room.end()
    terminal.setFarewell(nil)
    terminal.close()
    Self.disk.sync {}
    switch departure {
    case .terminalGone: return 128 + SIGHUP
    case .signal(let number):
      if role == .owner { StandardStreams.writeError("mtt-tui: \(stopping)\n") }
      return 128 + number
    case .stopping:
      StandardStreams.writeError("mtt-tui: \(stopping)\n")
      return 128 + SIGINT
    case .detached:
      StandardStreams.writeOutput(
        run.map(Self.farewell) ?? "The run goes on with loading its data; 'mtt-tui runs' lists it once it has begun.\n")
      return 0
    case nil: break
    }
    if let line = FarewellLine.text(model.run) { StandardStreams.writeOutput(line + "\n") }
    switch model.run.standing {
    case .stored:
      if run == nil { StandardStreams.writeError("mtt-tui: The run ended before its first event was written.\n") }
      return run == nil ? 66 : 0
    case .lost(let reason):
      StandardStreams.writeError("mtt-tui: \(reason)\n")
      return 70
    case .live, .followed: break
    }
    if let message = ending.message { StandardStreams.writeError("mtt-tui: \(message)\n") }
    return ending.exitCode
  }

  /// What becomes of a run that was left while it stops.
  private var stopping: String {
    guard let run else { return "The run was asked to end before it began." }
    return "The run was asked to write a checkpoint and end, which it does by itself. Go on with: mtt-tui --resume "
      + ShellWord.path(run.directory)
  }
}
