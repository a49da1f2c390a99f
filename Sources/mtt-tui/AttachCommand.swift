import ArgumentParser
import Foundation
import Glibc
import NcursesTerminal
import RunSession
import TerminalCanvas
import TrainingEvents

/// `mtt-tui attach`: the dashboard of a run that another process trains.
struct AttachCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Watch and steer a run that is being trained, from any terminal.",
    discussion: """
      Shows the run from its first step with the same keys as 'mtt-tui train'. Leaving, by d or by closing the \
      terminal, does not disturb the run. Several terminals may be attached at once. Without a terminal, or with \
      --no-ui, it prints lines.

      EXAMPLES:
        mtt-tui attach runs/first
        mtt-tui runs               which runs there are, and which are live
      """)

  @Argument(help: ArgumentHelp("The run's folder.", valueName: "run"), completion: .directory)
  var run: String

  @OptionGroup(title: "Display") var display: DisplayOptions

  @MainActor
  func run() async throws {
    try display.checkTogether()
    var preferences = KeptPreferences()
    let theme = try TrainCommand.theme(display.theme, &preferences)
    signal(SIGPIPE, SIG_IGN)
    let folder = URL(fileURLWithPath: run).standardizedFileURL.path
    if TrainCommand.wantsDashboard(display) {
      do {
        // Before the screen is taken: an error belongs on the plain one.
        let session = try connect(folder)
        let screen = try InteractiveSession(
          role: .watcher, theme: theme, display: display, preferences: preferences)
        throw ExitCode(await screen.follow(session))
      } catch let error as TerminalError {
        StandardStreams.writeError("mtt-tui: \(error) Going on without the dashboard, as with --no-ui.\n")
      }
    }
    let headless = HeadlessSession(try connect(folder), format: display.logFormat ?? .text, role: .watcher)
    throw ExitCode(await headless.run())
  }

  private func connect(_ folder: String) throws -> RemoteSession {
    guard FileManager.default.fileExists(atPath: folder + "/run.json") else {
      StandardStreams.writeError("mtt-tui: \(folder): holds no run. 'mtt-tui runs' lists those below runs/.\n")
      throw ExitCode(66)
    }
    do throws(SessionError) {
      return try RemoteSession(folder: folder) { run in
        LastWords.loss(of: run, ending: "The process that trained this run ended without a word")
      }
    } catch {
      let advice =
        FileManager.default.fileExists(atPath: folder + "/socket")
        ? "\(error)"
        : "\(folder): no process trains this run now. Go on with: mtt-tui --resume \(ShellWord.path(folder))"
      StandardStreams.writeError("mtt-tui: \(advice)\n")
      throw ExitCode(66)
    }
  }
}
