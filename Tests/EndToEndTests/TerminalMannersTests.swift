import Foundation
import Glibc
import Testing

/// What may come from a terminal or happen to it, in a real one: no run ends by accident, and every run can be left.
@Suite(.enabled(if: Tmux.isInstalled, "tmux is not installed"), .serialized)
struct TerminalMannersTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  private static let training =
    ["--epochs", "1000000", "--batch-size", "8", "--run-dir", "run"] + Program.tiny

  private func start(_ arguments: [String] = training, before: String = "") async throws -> Tmux {
    let tmux = try Tmux(
      "\(before) '\(Program.path)' \(arguments.joined(separator: " "))", in: folder, columns: 120, rows: 40)
    try await tmux.showsARun()
    return tmux
  }

  private func engine() throws -> pid_t { try #require(Processes.ids(in: folder, engines: true).first) }

  private func pause(_ tmux: Tmux) async throws {
    try tmux.type("p")
    try await tmux.shows("║ paused")
  }

  @Test func controlCClosesALineAndElseAsks() async throws {
    let tmux = try await start()
    try await pause(tmux)
    try tmux.literally(":we")
    try await tmux.shows(":we")
    try tmux.type("C-c")
    try await tmux.hides(":we")
    try tmux.type("?")
    try await tmux.shows("Keys and signs")
    try tmux.type("C-c")
    try await tmux.hides("Keys and signs")
    try await tmux.shows("║ paused")
    try tmux.type("C-c")
    try await tmux.shows("Ctrl-C again")
    try tmux.type("C-c")
    try await tmux.ended(exitCode: 130)
    #expect(tmux.screen.contains("--resume run"))
    try await eventually("the run saved and ended by itself") { Processes.ids(in: folder, engines: true).isEmpty }
    #expect(folder.entries("run/checkpoints").contains("last"))
  }

  /// A stopped engine is said within five seconds, and does not hold the screen.
  @Test func anEngineThatDoesNotAnswer() async throws {
    let tmux = try await start()
    let engine = try engine()
    kill(engine, SIGSTOP)
    try await tmux.shows("no answer for", seconds: 20)
    try tmux.type("c")
    try await tmux.shows("checkpoint waits for the engine")
    try tmux.type("C-c")
    try await tmux.shows("Ctrl-C again")
    try tmux.type("C-c")
    try await tmux.ended(exitCode: 130)
    kill(engine, SIGCONT)
    try await eventually("it hears of it when it goes on") { Processes.ids(in: folder, engines: true).isEmpty }
    #expect(folder.entries("run/checkpoints").contains("last"))
  }

  /// A second signal from outside does not wait for an engine that hangs either.
  @Test func aSecondSignalDoesNotWait() async throws {
    let tmux = try await start()
    let engine = try engine()
    kill(engine, SIGSTOP)
    let dashboard = try #require(Processes.ids(in: folder, engines: false).first)
    kill(dashboard, SIGTERM)
    try await tmux.shows("stop waits for the engine", seconds: 20)
    kill(dashboard, SIGTERM)
    try await tmux.ended(exitCode: 143)
    kill(engine, SIGCONT)
    try await eventually("it ends") { Processes.ids(in: folder, engines: true).isEmpty }
  }

  /// Pastes, reports of old mouse protocols, answers to queries: nothing of them is a key.
  @Test func whatIsNoKeyDoesNothing() async throws {
    let tmux = try await start()
    try await pause(tmux)
    try tmux.paste("a quick fox\nq\n")
    try await tmux.shows("pasted text is ignored")
    for bytes in [
      "\u{1B}[M !!", "\u{1B}[M qq", "\u{1B}[32;81;2M", "\u{1B}[?62;22c", "\u{1B}]11;rgb:00/00/00\u{7}",
      "\u{1B}P1$r0q\u{1B}\\",
    ] {
      try tmux.literally(bytes)
    }
    try tmux.literally(":weight")
    try await tmux.shows(":weight")
    #expect(tmux.screen.contains("║ paused") && !tmux.screen.contains("Stop training?"))
    try tmux.paste(" B 0.5\nstop now\n")
    try await tmux.shows(":weight B 0.5")
    try tmux.type("Enter")
    try await tmux.shows("weight of B 1.00 → 0.50")
    try await tmux.shows("║ paused")
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }

  /// `timeout` in a script starts a group of its own, which does not have the terminal.
  @Test func outsideTheForegroundItPrintsLines() async throws {
    try folder.writeCorpus()
    let options = (["--data", "corpus", "--epochs", "2"] + Program.tiny).joined(separator: " ")
    try folder.write("job.sh", "timeout 60 '\(Program.path)' \(options)\n")
    let tmux = try Tmux("sh job.sh", in: folder, columns: 120, rows: 40)
    try await tmux.ended(exitCode: 0)
    #expect(tmux.screen.contains("Another program has the terminal"))
    #expect(tmux.screen.contains("Epoch 1: Loss="))
  }

  /// A terminal of no known type gets lines: no sequences, and no going back to a line's start.
  @Test(arguments: ["TERM=dumb", "env -u TERM"]) func aTerminalOfNoTypeGetsPlainLines(setting: String) async throws {
    try folder.writeCorpus()
    let options = (["--no-ui", "--data", "corpus", "--epochs", "3"] + Program.tiny).joined(separator: " ")
    let tmux = try Tmux(
      "while [ ! -e go ]; do sleep 0.05; done\n\(setting) '\(Program.path)' \(options)", in: folder, columns: 120,
      rows: 40)
    try tmux.record(in: "bytes")
    try folder.write("go", "")
    try await tmux.ended(exitCode: 0)
    try await eventually("all of it is kept") { try folder.text("bytes").contains("<command ended>") }
    let bytes = try folder.text("bytes")
    #expect(bytes.contains("Epoch 2: Loss="))
    #expect(!bytes.unicodeScalars.contains("\u{1B}"))
    #expect(!bytes.replacing("\r\n", with: "\n").unicodeScalars.contains("\r"))
  }

  /// tmux answers after each frame; its answers are no keys, which would have frames come thrice as fast for a second.
  /// That they take long says nothing: only too short a time fails.
  @Test func theTerminalsAnswersHurryNoFrames() async throws {
    let tmux = try await start()
    try tmux.record(in: "bytes")
    func frames() -> Int {
      ((try? folder.text("bytes")) ?? "").components(separatedBy: "\u{1B}[?2026l").count - 1
    }
    try await eventually("the first frames and the answers before them are past") { frames() >= 40 }
    let (first, begin) = (frames(), ContinuousClock.now)
    try await eventually("there are forty more") { frames() >= first + 40 }
    #expect(ContinuousClock.now - begin > .seconds(2.5))
    #expect(try folder.text("bytes").contains("\u{1B}[5n"), "the terminal is asked")
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }

  @Test func theSizeIsTheTerminals() async throws {
    let tmux = try await start(before: "LINES=20 COLUMNS=300")
    let rows = tmux.screen.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      rows.contains { $0.hasPrefix(" p pause") || $0.hasPrefix(" p resume") } && rows.filter { !$0.isEmpty }.count >= 39
    )
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }

  /// Where there is no screen, a watcher dies of signals as any program does, and holds one connection.
  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func aWatcherOnADumbTerminal(signal: Int32, exitCode: Int32) async throws {
    let run = try Program.start(["--no-ui"] + Self.training, in: folder)
    try await eventually("the run can be attached") { folder.exists("run/socket") }
    let tmux = try Tmux("TERM=dumb '\(Program.path)' attach run", in: folder)
    try await tmux.shows("'dumb'")
    try await tmux.shows("Epoch 0: Loss=")
    let watcher = try #require(Processes.ids(in: folder, engines: false).first { $0 != run.id })
    let sockets = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(watcher)/fd").filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(watcher)/fd/\($0)"))?.hasPrefix("socket")
        == true
    }
    #expect(sockets.count == 1)
    kill(watcher, signal)
    try await tmux.shows("exit code \(exitCode)")
    kill(run.id, SIGTERM)
    #expect(run.wait() == 143)
  }

  /// In lists of processes the engine has the program's name.
  @Test func theEngineHasAName() async throws {
    let tmux = try await start()
    #expect(try String(contentsOfFile: "/proc/\(try engine())/comm", encoding: .utf8) == "mtt-tui\n")
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }

  /// What an option says for once is not kept.
  @Test func optionsAreNotKept() async throws {
    let config = folder["config"]
    let tmux = try await start(
      Self.training + ["--theme", "paper", "--glyphs", "ascii"], before: "XDG_CONFIG_HOME='\(config)'")
    try tmux.type("3")
    try await eventually("the page is kept") {
      (try? folder.text("config/mtt-tui/preferences").contains("page = balance")) ?? false
    }
    let kept = try folder.text("config/mtt-tui/preferences")
    #expect(!kept.contains("theme") && !kept.contains("glyphs"))
    try tmux.type("q", "n")
    try await tmux.ended(exitCode: 75)
  }
}
