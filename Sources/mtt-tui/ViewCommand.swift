import ArgumentParser
import Comparison
import Glibc
import LogFormats
import LoggedRuns
import NcursesTerminal

/// `mtt-tui view`: one run on its dashboard, live or not; or runs beside each other, whoever logged them.
struct ViewCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "view",
    abstract: "Look at a run, live or not; or compare runs, of this program and of others from their logs.",
    discussion: """
      One run's folder is shown whole: curves, epochs, evaluations, marks and log, whether it is live, finished, stopped, \
      crashed, or copied from elsewhere. A live run can be steered. With --no-ui it prints a line for each epoch.

      Anything else is compared. Opens files, and folders with everything below them: \(LogDiscovery.kinds). '-' reads \
      lines from a pipe: JSON objects, 'key=value', 'key: value' or 'key value'. Nothing is ever written beside a log. \
      Without a terminal, or with --once, it prints the table.

      EXAMPLES:
        mtt-tui view runs/first                 one run
        mtt-tui view                            the runs in runs/
        mtt-tui view lightning_logs ~/old-runs  whatever lies there
        python train.py | mtt-tui view -        curves of what a program prints
      """)

  @Argument(help: ArgumentHelp("Files and folders; '-' for lines from a pipe.", valueName: "path"))
  var paths = ["runs"]

  @Flag(help: "Read everything, print the table, and leave.")
  var once = false

  @Option(help: ArgumentHelp("Which runs: words, key>number, key:text, -not, | or.", valueName: "text"))
  var filter = ""

  @OptionGroup(title: "Display") var display: DisplayOptions

  @MainActor
  func run() async throws {
    if paths.count == 1, !once, filter.isEmpty, RunViewer.isRun(paths[0]) {
      return try await RunViewer(path: paths[0], display: display).run(wantsLive: false)
    }
    var preferences = KeptPreferences()
    let theme = try TrainCommand.theme(display.theme, &preferences)
    let pipe = paths.contains("-") ? dup(STDIN_FILENO) : nil
    if pipe != nil { Self.takeKeysFromTerminal() }
    let library = LogLibrary(paths: paths.filter { $0 != "-" }, pipe: pipe, cache: .user)
    let found: [LoggedRun]
    do throws(LogError) {
      found = try await library.open()
    } catch {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(66)
    }
    if !once, display.ui != false, StandardStreams.isTerminal(STDIN_FILENO), StandardStreams.isTerminal(STDOUT_FILENO) {
      do {
        let session = try ComparisonSession(theme: theme, display: display, preferences: preferences, filter: filter)
        throw ExitCode(await session.follow(library, from: found))
      } catch let error as TerminalError {
        StandardStreams.writeError("mtt-tui: \(error) Printing the table instead.\n")
      }
    }
    try await RunsCommand.printTable(library, TableRequest(filter: filter))
  }

  /// A pipe on standard input leaves the keys to the terminal itself.
  private static func takeKeysFromTerminal() {
    let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
    guard terminal >= 0 else { return }
    dup2(terminal, STDIN_FILENO)
    close(terminal)
  }
}
