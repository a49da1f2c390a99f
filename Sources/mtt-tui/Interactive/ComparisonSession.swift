import Dashboard
import Dispatch
import Glibc
import LogFormats
import LoggedRuns
import NcursesTerminal
import TerminalCanvas
import Themes
import Training

/// Shows runs beside each other until the user leaves; the library reads them off this thread.
@MainActor
final class ComparisonSession: ScreenSession {
  let terminal: Terminal
  private var model: ComparisonModel
  private var canvas: Canvas
  var pacing = FramePacing()
  let room = RoomWatch()
  /// Counts what was read, to tell whether anything came since.
  var readings = 0
  private var code: Int32?
  private var leaving: CheckedContinuation<Void, Never>?
  var inputSource: (any DispatchSourceRead)?
  /// Whether the terminal is another process group's for now.
  var isElsewhere = false
  var lastWaking = -Double.infinity
  private var library: LogLibrary?
  private var detail: DetailReader?
  private static let handledSignals = [SIGWINCH, SIGTSTP, SIGINT, SIGTERM, SIGHUP]

  /// Opens the screen. Throws `TerminalError` where there is none to open.
  init(theme: Theme, display: DisplayOptions, preferences: KeptPreferences, filter: String) throws {
    var environment = TerminalEnvironment.current
    environment.forcedColors = display.colors
    terminal = try SignalSources.ignore(Self.handledSignals) {
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
    let signals = SignalSources(Self.handledSignals) { self.handle(signal: $0) }
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
    let detail = DetailReader(library) { found in
      self.model.apply(found)
      self.update()
    }
    (self.library, self.detail) = (library, detail)
    let reader = Task { await library.follow { update in await self.take(update) } }
    await withCheckedContinuation { leaving = $0 }
    reader.cancel()
    detail.leave()
    withExtendedLifetime(signals) {
      if isElsewhere { source.resume() }  // a source that sleeps may not be released
      source.cancel()
      ticker.cancel()
      room.end()
      terminal.close()
    }
    return code ?? 0
  }

  private func take(_ update: LogLibrary.Update) {
    model.apply(update.runs, opened: update.opened, isLoading: update.isLoading)
    self.update()
  }

  func update() {
    if code != nil {
      leaving?.resume()
      leaving = nil
    } else {
      detail?.want(model.detailRequest, now: Self.now)
      drawIfDue()
    }
  }

  // MARK: - Keys and signals

  func readInput() {
    readings += 1
    takeInput { input in
      for action in model.handle(input, now: Self.now) { perform(action) }
    }
    update()
  }

  private func perform(_ action: ComparisonAction) {
    switch action {
    case .quit: code = 0
    case .suspend: suspend(group: true)
    case .export: export()
    case .writeEvents(let ids): writeEvents(ids)
    case .copy(let text):
      if !terminal.copyToClipboard(text) { model.showNotice("this terminal takes no clipboard", now: Self.now) }
    case .redraw:
      terminal.redraw()
      terminal.draw(canvas)
    }
  }

  /// What is written goes into this folder below the current one.
  private static let folder = "mtt-tui-comparison"

  /// Writes the logs of runs as event files, off this thread, and says where.
  private func writeEvents(_ ids: [String]) {
    guard let library else { return }
    model.showNotice("writing event files…", now: Self.now)
    Task {
      let logs = await library.locations(of: ids).filter { $0.format != .pipe }
      let outcome = await Self.writeEvents(logs, below: Self.folder + "/tensorboard")
      model.showNotice(outcome, now: Self.now)
      update()
    }
  }

  /// Returns what came of it, in a few words.
  @concurrent
  private nonisolated static func writeEvents(_ logs: [LogLocation], below folder: String) async -> String {
    var points = 0
    for log in logs {
      let name = log.name.replacing("/", with: "-")
      do throws(RunFailure) {
        points += try LogExport.write(.tensorboard, of: log, to: folder + "/" + name).count
      } catch {
        return "\(error)"
      }
    }
    return "\(points) points of \(logs.count) \(logs.count == 1 ? "run" : "runs") in \(folder)"
  }

  /// Writes what is shown into the current folder and says where.
  private func export() {
    let folder = Self.folder
    let files = model.exports(width: canvas.width, height: canvas.height)
    do {
      try WholeFile.makeFolder(folder)
      for file in files { try WholeFile.write(file.text, to: folder + "/" + file.name) }
      model.showNotice("\(files.count) files in \(folder)", now: Self.now)
    } catch {
      model.showNotice("\(error)", now: Self.now)
    }
  }

  var needsDisplay: Bool { model.needsDisplay }
  var isLeaving: Bool { code != nil }

  func loseTerminal() { code = 128 + SIGHUP }

  private func handle(signal number: Int32) {
    switch number {
    case SIGWINCH: fitToTerminal()
    case SIGTSTP: suspendBySignal()
    default:
      code = 128 + number
      update()
    }
  }

  func fitToTerminal() {
    terminal.resize()
    canvas.resize(width: terminal.size.width, height: terminal.size.height)
    draw()
  }

  // MARK: - Frames

  func draw() {
    model.draw(into: &canvas)
    terminal.draw(canvas)
    pacing.lastFrame = Self.now
    sendRest()
  }
}
