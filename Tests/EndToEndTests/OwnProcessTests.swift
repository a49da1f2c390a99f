import Foundation
import Glibc
import Testing

/// A run is a process of its own: what happens to its dashboards does not touch it.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"), .serialized)
struct OwnProcessTests {
  private let folder: Folder
  /// Of the demo corpus: epochs of a few steps, each with a checkpoint, would be more than a busy screen can follow.
  private static let training =
    ["--epochs", "1000000", "--batch-size", "8", "--run-dir", "runs/one"] + Program.tiny

  init() throws {
    folder = try Folder()
  }

  private func dashboard(_ arguments: [String]) throws -> Tmux {
    try Tmux("'\(Program.path)' \(arguments.joined(separator: " "))", in: folder)
  }

  private func engine() throws -> pid_t { try #require(Processes.ids(in: folder, engines: true).first) }

  /// Waits for epochs that have not been trained yet.
  private func goesOn() async throws {
    let before = try folder.data("runs/one/metrics.jsonl").count
    try await eventually("the run goes on") { try folder.data("runs/one/metrics.jsonl").count > before }
  }

  @Test func givesTheShellBackAndComesBack() async throws {
    let first = try dashboard(Self.training)
    try await first.showsARun()
    try first.type("d")
    try await first.ended(exitCode: 0)
    #expect(first.screen.contains("mtt-tui attach runs/one"))
    try await goesOn()
    // A run this small spends much of its time evaluating.
    let process = try engine()
    try await eventually("the list has the run, its state and its process") {
      let list = try Program.run(["runs"], in: folder)
      return list.lines.last?.hasPrefix("runs/one  running") == true && list.output.contains("yes, process \(process)")
    }
    let (second, third) = (try dashboard(["attach", "runs/one"]), try dashboard(["attach", "runs/one"]))
    for tmux in [second, third] { try await tmux.showsARun() }
    try second.type("p")
    for tmux in [second, third] { try await tmux.shows("paused") }
    #expect(try Program.run(["runs"], in: folder).output.contains("runs/one  paused"))
    try second.type("d")
    try await second.ended(exitCode: 0)
    try third.type("q")
    try await third.ended(exitCode: 0)
    let fourth = try dashboard(["attach", "runs/one"])
    try await fourth.shows("paused")
    try fourth.literally(":stop save")
    try fourth.type("Enter")
    try await fourth.ended(exitCode: 75)
    #expect(try Program.run(["runs"], in: folder).output.contains("runs/one  stopped"))
    #expect(try Program.run(["attach", "runs/one"], in: folder).errors.contains("--resume runs/one"))
    #expect(!folder.exists("runs/one/socket"))
  }

  @Test func outlivesItsTerminalAndItsDashboard() async throws {
    for isCrash in [false, true] {
      let tmux = try dashboard(isCrash ? ["attach", "runs/one"] : Self.training)
      try await tmux.showsARun()
      if isCrash {
        kill(try #require(Processes.ids(in: folder, engines: false).first), SIGKILL)
      } else {
        try tmux.kill()
      }
      try await eventually("the dashboard ended") { Processes.ids(in: folder, engines: false).isEmpty }
      try await eventually("the log says so") {
        try folder.text("runs/one/log.txt").split(separator: "without a screen").count == (isCrash ? 3 : 2)
      }
      try await goesOn()
    }
    let process = try engine()
    kill(process, SIGHUP)
    try await goesOn()
    kill(process, SIGTERM)
    try await eventually("it saved and ended") { Processes.ids(in: folder, engines: true).isEmpty }
    #expect(try folder.text("runs/one/console.txt").contains("--resume"))
    #expect(try Program.run(["runs"], in: folder).output.contains("runs/one  stopped"))
  }

  @Test func saysThatTheRunsProcessIsGone() async throws {
    let tmux = try dashboard(Self.training)
    try await tmux.shows("checkpoint step")
    kill(try engine(), SIGKILL)
    try await tmux.shows("failed")
    try tmux.type("q")
    try await tmux.ended(exitCode: 70)
    #expect(tmux.screen.contains("signal 9"))
    #expect(tmux.screen.contains("--resume runs/one"))
    #expect(try Program.run(["runs"], in: folder).output.contains("runs/one  crashed"))
    // Nobody answers at the socket that it left behind.
    #expect(folder.exists("runs/one/socket"))
    let attached = try Program.run(["attach", "--no-ui", "runs/one"], in: folder)
    #expect(attached.exitCode == 0 && attached.errors.contains("no process trains this run now"), "\(attached.errors)")
    #expect(attached.errors.contains("Go on with: mtt-tui --resume"))
    let resumed = try dashboard(["--resume", "runs/one"])
    try await resumed.showsARun()
    try resumed.type("q", "Enter")
    try await resumed.ended(exitCode: 75)
  }

  @Test func aRunWithoutAScreenIsWatchedAndSteered() async throws {
    let child = try Program.start(["--no-ui"] + Self.training, in: folder)
    try await eventually("the first epoch ended") { child.output.contains("Epoch 0") }
    let before = folder.entries("runs/one/checkpoints")
    kill(child.id, SIGUSR1)
    try await eventually("SIGUSR1 wrote a checkpoint") {
      try folder.text("runs/one/log.txt").contains("(requested")
    }
    #expect(folder.entries("runs/one/checkpoints") != before)
    let watcher = try Program.start(["attach", "--no-ui", "runs/one"], in: folder)
    try await eventually("the watcher was told the past") { watcher.output.contains("Epoch 0: ") }
    let tmux = try dashboard(["attach", "runs/one"])
    try await tmux.showsARun()
    try tmux.literally(":stop")
    try tmux.type("Enter")
    try await tmux.shows("Stop the run")
    try tmux.type("Enter")
    try await tmux.ended(exitCode: 75)
    #expect(Program.result(of: child).exitCode == 75)
    let watched = Program.result(of: watcher)
    #expect(watched.exitCode == 75)
    #expect(watched.output == child.output)
  }
}
