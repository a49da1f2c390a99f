import ArgumentParser
import Dashboard
import Formatting
import Foundation
import Glibc
import NcursesTerminal
import Paths
import RunFolder
import RunSession
import RunSources
import Themes
import TrainingEvents

/// Shows a run that something else trains, or has trained.
@MainActor
struct RunViewer {
  let path: String
  let display: DisplayOptions

  private var folder: String { absolutePath(path) }

  /// Whether a path is the folder of a run of this program.
  static func isRun(_ path: String) -> Bool { access(path + "/run.json", F_OK) == 0 }

  /// A run as it can be had: from its process, or from its folder and why.
  private struct Opened {
    var source: any RunSource
    var role: SessionRole
    var remark: String?
  }

  /// Shows the run until its end, or until the user leaves.
  ///
  /// `wantsLive`: whether to say so where no process trains it.
  func run(wantsLive: Bool) async throws {
    var preferences = KeptPreferences()
    let theme = try TrainCommand.theme(display.theme, &preferences)
    signal(SIGPIPE, SIG_IGN)
    // Before the screen is taken: an error belongs on the plain one.
    let opened = try open(wantsLive: wantsLive)
    if let remark = opened.remark { StandardStreams.writeError("mtt-tui: \(remark)\n") }
    let shown = Shown(source: opened.source, screenRole: .watcher, lineRole: opened.role, remark: opened.remark)
    throw ExitCode(await shown.follow(display, theme, preferences))
  }

  /// A run that is followed on the screen, or where there is none in lines.
  struct Shown {
    let source: any RunSource
    let screenRole: SessionRole
    let lineRole: SessionRole
    var remark: String?

    /// Follows the run to its end, or until the user leaves; the exit code.
    @MainActor
    func follow(_ display: DisplayOptions, _ theme: Theme, _ preferences: KeptPreferences) async -> Int32 {
      if TrainCommand.wantsDashboard(display) {
        do {
          let screen = try InteractiveSession(
            role: screenRole, theme: theme, display: display, preferences: preferences)
          return await screen.follow(source, remark: remark)
        } catch {
          StandardStreams.writeError("mtt-tui: \(error) Going on without the dashboard, as with --no-ui.\n")
        }
      }
      return await HeadlessSession(SourceSession(source), format: display.logFormat ?? .text, role: lineRole).run()
    }
  }

  private func open(wantsLive: Bool) throws -> Opened {
    guard Self.isRun(folder) else {
      throw failure("\(folder): holds no run. 'mtt-tui runs' lists those below runs/.")
    }
    var problem: String?
    if RunLock.isHeld(folder: folder) {
      do throws(SessionError) {
        let session = try RemoteSession(folder: folder) { run in
          LastWords.loss(of: run, ending: "The process that trained this run ended without a word")
        }
        return Opened(source: session, role: .watcher)
      } catch {
        problem = "\(error)"
      }
    }
    let stored: StoredRun
    do throws(RunFolderError) {
      stored = try StoredRun(folder: folder)
    } catch {
      throw failure(problem ?? "\(error)")
    }
    let advice = "Go on with: mtt-tui --resume \(ShellWord.path(folder))"
    let remark =
      problem.map { "\($0) What follows is what it writes into its folder." }
      ?? (wantsLive ? "\(folder): no process trains this run now; this is what its folder tells. \(advice)" : nil)
    return Opened(source: stored, role: .reader, remark: remark)
  }

  private func failure(_ sentence: String) -> ExitCode {
    StandardStreams.writeError("mtt-tui: \(sentence)\n")
    return ExitCode(66)
  }
}
