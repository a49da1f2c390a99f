import ArgumentParser
import Foundation
import RunFolder
import RunSession
import TrainingEvents

/// `mtt-tui runs`: what became of the runs in a folder, and which are being trained.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs",
    abstract: "List runs: their state, epoch and best figure, and which are live.",
    discussion: """
      A live run can be watched with 'mtt-tui attach RUN'; any other but a finished one goes on with \
      'mtt-tui --resume RUN'.
      """)

  @Argument(help: ArgumentHelp("The folder that the runs lie in.", valueName: "dir"), completion: .directory)
  var folder = "runs"

  func run() throws {
    let path = URL(fileURLWithPath: folder).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: path) else {
      StandardStreams.writeError(
        "mtt-tui: \(path): there is no such folder; runs lie in runs/ unless --run-dir says so.\n")
      throw ExitCode(66)
    }
    let runs = RunOverview.all(in: path)
    guard !runs.isEmpty else {
      StandardStreams.writeOutput("\(path): no runs\n")
      return
    }
    let rows = [["run", "state", "epoch", "best", "live"]] + runs.map(Self.row)
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
      let line = cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()
      StandardStreams.writeOutput(String(line) + "\n")
    }
  }

  private static func row(_ run: RunOverview) -> [String] {
    let greeting = run.isLive ? try? RemoteSession.greeting(folder: run.path) : nil
    let state = run.isLive ? (greeting?.phase ?? .running).rawValue : run.state.rawValue
    let best = run.best.map { "\(run.selection.rawValue) \(Format.fixed($0))" } ?? "-"
    let live = run.isLive ? greeting.map { "yes, process \($0.process)" } ?? "yes" : "no"
    return [ShellWord.path(run.path), state, "\(run.epochsDone)/\(run.epochs)", best, live]
  }
}
