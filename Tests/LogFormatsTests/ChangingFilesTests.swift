import FolderSupport
import Glibc
import LoggedRuns
import Testing

@testable import LogFormats

/// Logs whose files go away, come back, are written anew or become shorter while they are followed.
@Suite struct ChangingFilesTests {
  /// A log that one file holds, of one metric whose values are its steps, times a scale.
  enum Kind: CaseIterable {
    case eventFile, eventFolder, jsonLines, table, trainerState, wandb, mlflow

    var format: LogFormat {
      switch self {
      case .eventFile, .eventFolder: .tensorBoard
      case .jsonLines: .jsonLines
      case .table: .table
      case .trainerState: .trainerState
      case .wandb: .wandb
      case .mlflow: .mlflow
      }
    }

    /// The file's place in the folder.
    var file: String {
      switch self {
      case .eventFile, .eventFolder: "events.out.tfevents.1.a"
      case .jsonLines: "metrics.jsonl"
      case .table: "metrics.csv"
      case .trainerState: "trainer_state.json"
      case .wandb: "run-a.wandb"
      case .mlflow: "metrics/loss"
      }
    }

    var isFolder: Bool { [.eventFolder, .trainerState, .mlflow].contains(self) }
    var metric: String { self == .trainerState ? "train/loss" : "loss" }

    func bytes(_ steps: ClosedRange<Int>, scale: Int = 1) throws -> [UInt8] {
      func lines(_ line: (Int, Int) -> String) -> String { steps.map { line($0, $0 * scale) + "\n" }.joined() }
      switch self {
      case .eventFile, .eventFolder:
        return try EventFiles.bytes("loss", steps.lowerBound..<steps.upperBound + 1, scale: Float(scale))
      case .jsonLines: return Array(lines { "{\"step\": \($0), \"loss\": \($1)}" }.utf8)
      case .table: return Array(("step,loss\n" + lines { "\($0),\($1)" }).utf8)
      case .trainerState:
        let entries = steps.map { "{\"step\": \($0), \"loss\": \($0 * scale)}" }.joined(separator: ",")
        return Array("{\"log_history\": [\(entries)]}".utf8)
      case .wandb:
        var file = WandbFile()
        for step in steps { try file.append(step: step, [("loss", "\(step * scale)")]) }
        return file.bytes
      case .mlflow: return Array(lines { "1700000000000 \($1) \($0)" }.utf8)
      }
    }
  }

  private let folder = TemporaryFolder()

  private func write(_ kind: Kind, _ steps: ClosedRange<Int>, scale: Int = 1, to name: String? = nil) throws {
    folder.write(try kind.bytes(steps, scale: scale), to: "run/" + (name ?? kind.file))
  }

  private func open(_ kind: Kind) throws -> OpenedLog {
    for name in kind == .mlflow ? ["run", "run/metrics"] : ["run"] { folder.makeFolder(name) }
    if kind == .mlflow { folder.write(Array("run_name: fox\nend_time: null\nstatus: 1\n".utf8), to: "run/meta.yaml") }
    try write(kind, 1...9)
    let path = folder.path + "/run" + (kind.isFolder ? "" : "/" + kind.file)
    var log = OpenedLog(path, kind.format)
    log.readAll()
    #expect(log.run.points(kind.metric) == points(1...9) && log.run.problems.isEmpty)
    return log
  }

  private func points(_ steps: ClosedRange<Int>, scale: Int = 1) -> [Int64: Float] {
    Dictionary(uniqueKeysWithValues: steps.map { (Int64($0), Float($0 * scale)) })
  }

  /// The curve stays, with a word, until there is something else.
  @Test(arguments: Kind.allCases) func aFileThatGoesAwayAndComesBack(_ kind: Kind) throws {
    var log = try open(kind)
    folder.rename("run/" + kind.file, to: "aside")
    for _ in 1...2 {
      log.readAll()
      #expect(log.run.problems.count == 1 && log.run.points(kind.metric) == points(1...9))
    }
    folder.rename("aside", to: "run/" + kind.file)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...9))
    folder.remove("run/" + kind.file)
    log.readAll()
    #expect(log.run.problems.count == 1)
    try write(kind, 1...20, scale: 2)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...20, scale: 2))
  }

  @Test(arguments: Kind.allCases) func aFolderThatGoesAwayAndComesBack(_ kind: Kind) throws {
    var log = try open(kind)
    folder.rename("run", to: "aside")
    log.readAll()
    #expect(!log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...9))
    folder.rename("aside", to: "run")
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...9))
  }

  /// Nobody sees it away: it is deleted and written anew, or another one takes its name, or it becomes shorter.
  @Test(arguments: Kind.allCases) func aFileThatBecomesAnother(_ kind: Kind) throws {
    var log = try open(kind)
    folder.remove("run/" + kind.file)
    try write(kind, 1...5, scale: 3)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...5, scale: 3))
    folder.write(try kind.bytes(1...12, scale: 4), to: "other")
    folder.rename("other", to: "run/" + kind.file)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...12, scale: 4))
    try write(kind, 1...3, scale: 4)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...3, scale: 4))
  }

  /// An empty file is a log that has not begun; one that stays empty says so.
  @Test(arguments: Kind.allCases) func aFileThatIsEmpty(_ kind: Kind) throws {
    var log = try open(kind)
    folder.write([], to: "run/" + kind.file)
    log.readAll()
    #expect(log.run.points(kind.metric).isEmpty)
    folder.touch("run/" + kind.file, 1_600_000_000)
    log.readAll()
    #expect(log.run.problems.contains { $0.finding == "is empty" })
    try write(kind, 1...4)
    log.readAll()
    #expect(log.run.problems.isEmpty && log.run.points(kind.metric) == points(1...4))
  }

  /// MLflow writes its description anew when a run ends.
  @Test func anMLflowRunThatEnds() throws {
    var log = try open(.mlflow)
    #expect(log.run.declaredState == nil)
    folder.write(Array("run_name: fox\nend_time: 1700000000000\nstatus: 3\n".utf8), to: "run/meta.yaml")
    log.readAll()
    #expect(log.run.declaredState == .finished && log.run.problems.isEmpty)
    folder.remove("run/meta.yaml")
    log.readAll()
    #expect(log.run.problems.map(\.file) == [folder.path + "/run/meta.yaml"])
  }

  /// A folder in the place of a watched one is watched as well, and what was missed is found.
  @Test func aFolderThatIsMadeAnewIsFollowed() async throws {
    _ = try open(.table)
    let library = LogLibrary(paths: [folder.path])
    _ = try await library.open()
    let (updates, continuation) = AsyncStream.makeStream(of: [LoggedRun].self)
    let following = Task { await library.follow { continuation.yield($0.runs) } }
    defer { following.cancel() }
    var iterator = updates.makeAsyncIterator()
    while let runs = await iterator.next(), runs.first?.points != 9 {}
    folder.rename("run", to: "aside")
    while let runs = await iterator.next(), runs.allSatisfy(\.problems.isEmpty) {}
    folder.makeFolder("run")
    try write(.table, 1...30, scale: 2)
    while let runs = await iterator.next(), !runs.contains(where: { $0.points == 30 && $0.problems.isEmpty }) {}
  }

  /// What cannot be looked into is listed by its name, so that its reason is said.
  @Test func emptyFilesAreFoundByTheirNames() {
    for name in ["a.csv", "b.tsv", "c.jsonl", "d.log", "log.txt", "metrics.json"] { folder.write([], to: name) }
    #expect(LogDiscovery.search(folder.path).map(\.name) == ["a.csv", "b.tsv", "c.jsonl"])
  }
}
