public import ArgumentParser
public import Comparison
import Formatting
import Foundation
import LogFormats
import LoggedRuns
import Paths
import RunFolder
import RunSession
import RunSources
import TrainingEvents

/// What a table of runs is asked to show.
struct TableRequest {
  var filter = ""
  /// Names of columns; empty for those that tell the runs apart.
  var columns: [String] = []
  var sort: String?
  var isReversed = false
  var format = TableText.text
}

extension TableText: ExpressibleByArgument {}

/// `mtt-tui runs`: what became of the runs in a folder, and which are being trained.
struct RunsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs: their state, epoch and best figure, and which are live.",
    discussion: """
      A live run can be watched with 'mtt-tui attach RUN'; any other but a finished one goes on with \
      'mtt-tui --resume RUN'. With any of the options below, the table has the figures and the configuration of the runs, \
      and lists the logs of other programs; 'mtt-tui view' shows it with curves.

      EXAMPLES:
        mtt-tui runs
        mtt-tui runs --sort best --filter 'lr>=1e-3 -state:failed'
        mtt-tui runs lightning_logs --columns run,val_loss,lr --format csv
      """)

  @Argument(help: ArgumentHelp("The folder that the runs lie in.", valueName: "dir"), completion: .directory)
  var folder = "runs"

  @Option(
    help: ArgumentHelp(
      "A column to sort by, metrics with the best first: best, or a column's name.", valueName: "name"))
  var sort: String?

  @Flag(help: "Sort the other way round.")
  var reverse = false

  @Option(help: ArgumentHelp("Which runs: words, key>number, key:text, -not, | or.", valueName: "text"))
  var filter: String?

  @Option(
    help: ArgumentHelp(
      "Columns: run, state, epoch, step, points, age, kind, best, metrics and configuration keys.", valueName: "names"))
  var columns: String?

  @Option(help: ArgumentHelp("text, json, csv or markdown (default: text).", valueName: "name"))
  var format: TableText?

  func run() async throws {
    let path = absolutePath(folder)
    guard access(path, F_OK) == 0 else {
      StandardStreams.writeError(
        "mtt-tui: \(path): there is no such folder; runs lie in runs/ unless --run-dir says so.\n")
      throw ExitCode(66)
    }
    let isPlain = sort == nil && !reverse && filter == nil && columns == nil && format == nil
    let runs = isPlain ? RunOverview.all(in: path) : []
    guard runs.isEmpty else {
      let rows = [["run", "state", "epoch", "best", "live"]] + runs.map(Self.row)
      let width = StandardStreams.isTerminal(STDOUT_FILENO) ? StandardStreams.columns(of: STDOUT_FILENO) : nil
      return try Failures.output(TableText.aligned(rows, cutting: 0, to: width) { _ in true })
    }
    let library = LogLibrary(paths: [path], cache: .user)
    do throws(LogError) {
      _ = try await library.open()
    } catch {
      if isPlain { return try Failures.output("\(path): no runs\n") }
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(66)
    }
    try await Self.printTable(
      library,
      TableRequest(
        filter: filter ?? "", columns: columns?.split(separator: ",").map(String.init) ?? [], sort: sort,
        isReversed: reverse, format: format ?? .text))
  }

  private static func row(_ run: RunOverview) -> [String] {
    let answer = run.isLive ? try? RemoteSession.summary(folder: run.path) : nil
    let state = run.isLive ? answer.map { words($0.summary) } ?? "running" : run.state.rawValue
    let best = run.best.map { "\(run.selection.rawValue) \(Format.fixed($0))" } ?? "-"
    let live = run.isLive ? answer.map { "yes, process \($0.process)" } ?? "yes" : "no"
    return [ShellWord.path(run.path), state, "\(run.epochsDone)/\(run.epochs)", best, live]
  }

  /// The phase; of a pause also how long it has lasted.
  private static func words(_ summary: RunSummary) -> String {
    guard summary.phase == .paused, summary.phaseBegan > 0 else { return summary.phase.rawValue }
    return "paused for \(Format.duration(max(0, Date().timeIntervalSince1970 - summary.phaseBegan)))"
  }

  // MARK: - Tables

  /// Reads all logs and prints their table; what could not be read goes to standard error.
  static func printTable(_ library: LogLibrary, _ request: TableRequest) async throws {
    let all = await library.readAll()
    let now = Date().timeIntervalSince1970
    let filter = RunFilter(request.filter)
    if let problem = filter.problem {
      StandardStreams.writeError("mtt-tui: \(problem), such as \"lr>=1e-3\".\n")
      throw ExitCode(64)
    }
    func column(_ name: String) throws -> RunTable.Column {
      if let column = RunTable.column(named: name, in: all) { return column }
      let metrics = Set(all.flatMap { $0.metrics.map(\.name) }).sorted().prefix(12).joined(separator: ", ")
      StandardStreams.writeError(
        "mtt-tui: there is no column \"\(name)\"; there are run, state, epoch, step, points, age, kind, best, the "
          + "configuration's keys and the metrics\(metrics.isEmpty ? "" : ", such as \(metrics)").\n")
      throw ExitCode(64)
    }
    // A mistyped column would look like one that no run has.
    if !all.isEmpty { for key in filter.keys { _ = try column(key) } }
    let runs = filter.runs(of: all, now: now)
    let columns = try request.columns.isEmpty ? RunTable.columns(for: all) : request.columns.map(column)
    let sort = try request.sort.map(column)
    var shown = columns
    // A column that is only sorted by is needed for sorting.
    if let sort, !columns.contains(sort) { shown.append(sort) }
    let table = RunTable(runs, columns: shown, sortedBy: sort, isReversed: request.isReversed, now: now)
    let width = StandardStreams.isTerminal(STDOUT_FILENO) ? StandardStreams.columns(of: STDOUT_FILENO) : nil
    for problem in all.flatMap(\.problems) { StandardStreams.writeError("mtt-tui: \(problem)\n") }
    try Failures.output(request.format.write(table, width: width))
  }
}
