import Foundation
import Testing

/// Comparing runs: in a terminal, in a pipe, as files.
@Suite struct ComparisonViewTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    for (name, factor) in [("fast", 1.0), ("slow", 0.5)] {
      var lines = "step,train_loss,val_acc\n"
      for step in 1...50 {
        lines += "\(step),\(2 / (1 + Double(step) * factor)),\(step % 10 == 0 ? "\(Double(step) / 60 * factor)" : "")\n"
      }
      try folder.write("logs/\(name)/metrics.csv", lines)
      try folder.write("logs/\(name)/hparams.yaml", "lr: \(0.001 * factor)\nseed: 1\n")
    }
  }

  private func run(_ arguments: String...) throws -> Program.Result { try Program.run(arguments, in: folder) }

  // MARK: - Without a terminal

  @Test func tablesForScripts() throws {
    let csv = try run("runs", "logs", "--sort", "best", "--columns", "run,val_acc,lr", "--format", "csv")
    #expect(csv.exitCode == 0 && csv.lines[0] == "run,val_acc,lr", "\(csv.errors)")
    #expect(csv.lines.dropFirst().map { $0.prefix(5) } == ["fast,", "slow,"])
    let filtered = try run("runs", "logs", "--filter", "lr<0.001", "--columns", "run", "--format", "markdown")
    #expect(filtered.lines == ["| run |", "| --- |", "| slow |"])
    let json = try run("runs", "logs", "--format", "json")
    let rows = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]])
    #expect(rows.map { $0["run"] as? String } == ["fast", "slow"] && rows[0]["val_acc"] as? Double == 50.0 / 60)
    // Where there is no screen, the table is printed.
    #expect(try run("view", "logs").lines.count == 3)
  }

  @Test func wrongRequestsAreSentences() throws {
    let column = try run("runs", "logs", "--columns", "run,nothing")
    #expect(column.exitCode == 64 && column.errors.contains("there is no column \"nothing\""))
    #expect(column.errors.contains("such as train_loss, val_acc"))
    let asked = try run("runs", "logs", "--filter", "fast nothing>1")
    #expect(asked.exitCode == 64 && asked.output.isEmpty && asked.errors.contains("there is no column \"nothing\""))
    let number = try run("runs", "logs", "--filter", "lr>=x")
    #expect(number.exitCode == 64 && number.errors.contains("the filter lr>=x needs a number"))
    try folder.write("empty/notes.txt", "nothing here")
    let empty = try run("view", "empty")
    #expect(empty.exitCode == 66 && empty.errors.contains("no logs in it or below it; looked for run folders"))
    let file = try run("view", "empty/notes.txt")
    #expect(file.exitCode == 66 && file.errors.contains("is no log of a known kind; known are"))
    #expect(try run("export", "logs", "--format", "csv", "a.csv").errors.contains("holds 2 logs; name one of them"))
  }

  @Test func exportedCurvesAreReadAsTheSame() throws {
    let lines = try run("export", "logs/fast", "--format", "csv", "fast.csv")
    #expect(lines.exitCode == 0 && lines.output == "fast.csv: 55 points\n", "\(lines.errors)")
    let table = try folder.text("fast.csv").split(separator: "\n")
    #expect(table.count == 56 && table.contains("train_loss,1,,1.0"))
    #expect(try run("export", "logs/fast", "--format", "csv", "fast.csv").exitCode == 73, "nothing is written over")
    #expect(try run("export", "logs/fast", "--format", "tensorboard", "events").exitCode == 0)
    let back = try run("export", "events", "--format", "jsonl", "-")
    #expect(back.lines.count == 55 && back.lines[0].contains(#""metric":"train_loss","step":1,"#), "\(back.errors)")
  }

  // MARK: - In a terminal

  @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
  func keysOnTheScreen() async throws {
    let tmux = try Tmux("'\(Program.path)' view logs", in: folder, columns: 120, rows: 40)
    try await tmux.shows("2 runs")
    try await tmux.shows("1 of 2 differ")
    try tmux.type("Space")
    try await tmux.shows("1 marked")
    try tmux.type("b")
    try await tmux.shows("base slow")
    try tmux.type("n")
    try await tmux.shows("train_loss ─")
    try tmux.type("]", "]")
    try await tmux.shows("smoothed 0.6")
    try tmux.type("l", "+")
    try await tmux.shows("log, zoomed")
    try tmux.type("Left")
    try await tmux.shows("step 50")
    try tmux.type("/")
    try tmux.literally("fast")
    try await tmux.shows("1 of 2 ─")
    try tmux.type("Escape")
    try await tmux.hides("1 of 2 ─")
    try tmux.type("Tab")
    try await tmux.shows("Metrics")
    try tmux.type("?")
    try await tmux.shows("Join runs that differ in their seed alone")
    try tmux.type("?", "e")
    try await tmux.shows("4 files in mtt-tui-comparison")
    #expect(
      folder.entries("mtt-tui-comparison").sorted() == [
        "comparison.csv", "comparison.md", "comparison.svg", "curves.csv",
      ])
    try tmux.type("W")
    try await tmux.shows("110 points of 2 runs in mtt-tui-comparison/tensorboard")
    #expect(folder.entries("mtt-tui-comparison/tensorboard").sorted() == ["fast", "slow"])
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
  }

  @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
  func logsAreFollowedAsTheyGrow() async throws {
    let tmux = try Tmux("'\(Program.path)' view logs", in: folder, columns: 120, rows: 40)
    try await tmux.shows("2 runs")
    try folder.write("logs/fast/metrics.csv", try folder.text("logs/fast/metrics.csv") + "777,0.1,0.9\n")
    try await tmux.shows("777")
    try folder.write("logs/third/metrics.csv", "step,train_loss\n1,5\n")
    try await tmux.shows("third")
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
  }

  /// Root may read every folder, unless it gives that up.
  @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
  func aFolderThatCanBeReadAtLastBecomesItsRuns() async throws {
    try folder.write("logs/closed/third/metrics.csv", "step,train_loss\n1,5\n")
    chmod(folder["logs/closed"], 0)
    defer { chmod(folder["logs/closed"], 0o755) }
    let bound = geteuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search " : ""
    let tmux = try Tmux(bound + "'\(Program.path)' view logs", in: folder, columns: 120, rows: 40)
    try await tmux.shows("unreadable")
    try await tmux.shows("1 problem")
    chmod(folder["logs/closed"], 0o755)
    try await tmux.shows("closed/third")
    try await tmux.hides("1 problem")
    try tmux.type("q")
    try await tmux.ended(exitCode: 0)
  }

  @Test(.enabled(if: Tmux.isInstalled, "tmux is not installed"))
  func aPipeIsShownAndKeysComeFromTheTerminal() async throws {
    let command = "(echo step 1 loss 0.5; echo step=2 loss=0.25; sleep 2) | '\(Program.path)' view -"
    let tmux = try Tmux(command, in: folder)
    try await tmux.shows("standard input")
    try await tmux.shows("0.2500")
    try tmux.type("C-c")
    try await tmux.ended(exitCode: 0)
  }
}
