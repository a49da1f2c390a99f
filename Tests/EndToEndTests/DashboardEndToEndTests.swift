import Foundation
import Glibc
import Testing

/// The dashboard in a real terminal. Skipped where tmux is missing; `make test` installs it.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"), .serialized)
struct DashboardEndToEndTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  /// Starts a run of the demo corpus that would go on for hours, in the folder `run`, and waits until it trains.
  private func start(_ extra: String = "", columns: Int = 80, rows: Int = 24) async throws -> Tmux {
    let tmux = try Tmux(command(extra), in: folder, columns: columns, rows: rows)
    try await tmux.showsARun()
    return tmux
  }

  private func command(_ extra: String = "") -> String {
    let options = Program.tiny.joined(separator: " ")
    return "'\(Program.path)' --epochs 1000000 --batch-size 8 --run-dir run \(options) \(extra)"
  }

  private func processID() throws -> pid_t { try #require(Processes.ids(in: folder, engines: false).first) }

  @Test func pausesCheckpointsAndStops() async throws {
    let tmux = try await start(columns: 120, rows: 40)
    try await tmux.shows("Loss")
    try await tmux.shows("Accuracy")
    try tmux.type("p")
    try await tmux.shows("paused")
    try tmux.type("c")
    // Not by a new folder: paused right after an epoch, it takes the place of that epoch's own.
    try await eventually("the checkpoint asked for is written") {
      (try? folder.text("run/log.txt").contains("(requested")) ?? false
    }
    try tmux.type("p")
    try await tmux.hides("paused")
    try tmux.type("q")
    try await tmux.shows("Esc")
    try tmux.type("Enter")
    try await tmux.ended(exitCode: 75)
    #expect(tmux.screen.contains("--resume"))
    #expect(folder.entries("run/checkpoints").contains("last"))
  }

  @Test func pagesCommandsAndExports() async throws {
    let tmux = try Tmux(
      command(), in: folder, columns: 160, rows: 50, environment: ["XDG_CONFIG_HOME": folder["config"]])
    try await tmux.showsARun()
    for (key, text) in [
      ("2", "A: classes"), ("3", "Gradient on the encoder"), ("4", "Memory and threads"), ("5", "Log"),
      ("1", "Accuracy"),
    ] {
      try tmux.type(key)
      try await tmux.shows(text)
    }
    // Paused, so that what is told stays in view: the log of a run this small moves several lines a second.
    try tmux.type("p")
    try await tmux.shows("paused")
    try tmux.type(":", "w", "e", "i", "g", "h", "t", "Space", "B", "Space", "0", ".", "5", "Enter")
    try await tmux.shows("weight of B 1.00 → 0.50")
    try tmux.type(":", "l", "r", "Space", "x", "Enter")
    try await tmux.shows("is no number from 0 up")
    try tmux.type("Escape")
    try await tmux.shows("checkpoint   q stop")
    try tmux.type("Left")
    try await tmux.shows("~")
    try tmux.type("e")
    try await eventually("the view lies in the run's folder") { folder.entries("run/exports").count == 5 }
    // Not the notice of it, which is gone after two seconds: a busy machine may not look in time.
    try tmux.type("x")
    try await eventually("the choice of axis is kept") {
      (try? folder.text("config/mtt-tui/preferences").contains("unit = epoch")) ?? false
    }
    try tmux.type("q")
    try await tmux.shows("Esc")
    try tmux.type("n")
    try await tmux.ended(exitCode: 75)
  }

  @Test func followsTheTerminalsSize() async throws {
    let tmux = try await start()
    try tmux.resize(columns: 130, rows: 40)
    try await eventually("the frame is as wide as the window") {
      tmux.screen.split(separator: "\n").contains { $0.count > 120 }
    }
    try tmux.resize(columns: 12, rows: 3)
    try await tmux.shows("Too small")
    try tmux.resize(columns: 80, rows: 24)
    try await tmux.showsARun()
    try tmux.type("q", "s")
    try await tmux.ended(exitCode: 75)
  }

  @Test func asksNothingOfASignal() async throws {
    let tmux = try await start()
    kill(try processID(), SIGTERM)
    try await tmux.ended(exitCode: 143)
    #expect(folder.entries("run/checkpoints").contains("last"))
  }

  @Test(
    arguments: [(SIGSEGV, 139), (SIGABRT, 134), (SIGQUIT, 131), (SIGXCPU, 152), (SIGUSR2, 140)] as [(Int32, Int32)])
  func leavesTheTerminalAsItWasWhenItCrashes(signal: Int32, exitCode: Int32) async throws {
    let tmux = try await start()
    kill(try processID(), signal)
    try await tmux.ended(exitCode: exitCode)
    #expect(tmux.screen.contains("The run goes on. Back to it: mtt-tui attach run"))
    #expect(Processes.ids(in: folder, engines: true).count == 1, "the run goes on")
  }

  /// Whatever signal ends a process by itself is heard first, and what was ignored is still ignored.
  @Test func everySignalThatEndsAProcessIsHeard() async throws {
    let tmux = try Tmux("trap '' QUIT; " + command(), in: folder)
    try await tmux.showsARun()
    let status = try String(contentsOfFile: "/proc/\(processID())/status", encoding: .utf8)
    func mask(_ name: String) throws -> UInt64 {
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name + ":") })
      return try #require(UInt64(line.dropFirst(name.count + 1).filter { $0 != "\t" }, radix: 16))
    }
    let (heard, ignored) = (try mask("SigCgt"), try mask("SigIgn"))
    for signal in [
      SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS, SIGXCPU, SIGXFSZ, SIGUSR2, SIGALRM, SIGVTALRM,
      SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT,
    ] {
      #expect(heard >> (signal - 1) & 1 == 1, "signal \(signal)")
    }
    #expect(ignored >> (SIGQUIT - 1) & 1 == 1 && heard >> (SIGQUIT - 1) & 1 == 0)
    kill(try processID(), SIGQUIT)
    try tmux.type("p")
    try await tmux.shows("║ paused")
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }

  @Test func sleepsAndWakesWithTheShell() async throws {
    try folder.write("job.sh", command())
    let tmux = try Tmux("bash --norc --noprofile -i", in: folder)
    try tmux.type("sh job.sh", "Enter")
    try await tmux.showsARun()
    try tmux.type("C-z")
    try await tmux.shows("Stopped")
    #expect(tmux.modes == Tmux.plainModes)
    try tmux.type("fg", "Enter")
    try await tmux.showsARun()
    #expect(tmux.modes != Tmux.plainModes)
    try tmux.type("C-c", "C-c")
    try await tmux.shows("--resume")
    try tmux.type("exit", "Enter")
    try await tmux.shows("<command ended>")
    #expect(tmux.modes == Tmux.plainModes)
  }

  /// Without a shell above it nobody could wake it.
  @Test func doesNotSleepWhereNobodyCouldWakeIt() async throws {
    let tmux = try Tmux("exec " + command(), in: folder)
    try await tmux.showsARun()
    try tmux.type("C-z", "p")
    try await tmux.shows("paused")
    try tmux.type("q", "Enter")
  }

  @Test func badInputIsSaidOnThePlainScreen() async throws {
    let tmux = try Tmux("'\(Program.path)' --data nowhere", in: folder)
    try await tmux.ended(exitCode: 66)
    #expect(tmux.screen.contains("nowhere"))
  }

  @Test func aTerminalThatCannotPlaceTheCursor() async throws {
    let options = Program.tiny.joined(separator: " ")
    let tmux = try Tmux("TERM=dumb '\(Program.path)' --data corpus --epochs 1 \(options)", in: folder)
    try await tmux.ended(exitCode: 0)
    #expect(tmux.screen.contains("Epoch 0: Loss="))
    #expect(tmux.screen.contains("'dumb'"))
  }
}
