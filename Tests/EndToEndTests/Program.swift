import Foundation
import Glibc
import Testing

/// The built program and the ways to start it.
enum Program {
  /// The binary lies beside the test runner.
  static let path: String = {
    let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return runner.deletingLastPathComponent().appendingPathComponent("mtt-tui").path
  }()

  /// What came of a finished process.
  struct Result {
    var exitCode: Int32
    var output: String
    var errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// A plain model so small that an epoch takes milliseconds.
  static let tiny =
    ["--preset", "bert", "--no-neighbour-heads", "--swap", "0", "--hidden", "16", "--layers", "1", "--heads", "2"]
    + ["--intermediate", "16", "--threads", "1"]

  /// The environment without what would make the outcome depend on who runs the tests.
  static func environment(_ changes: [String: String] = [:]) -> [String: String] {
    var environment = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "COLORTERM", "LC_ALL", "LC_CTYPE", "XDG_CONFIG_HOME", "TMUX", "HOME"] {
      environment[name] = nil
    }
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["TERM"] = "xterm-256color"
    return environment.merging(changes) { $1 }
  }

  /// Starts the program without a terminal.
  static func start(_ arguments: [String], in folder: Folder) throws -> Child {
    try Child(path, arguments, in: folder, environment: environment())
  }

  /// Runs the program to its end without a terminal.
  static func run(_ arguments: [String], in folder: Folder) throws -> Result {
    result(of: try start(arguments, in: folder))
  }

  /// Runs a line of the shell, which finds the program as `$M`.
  static func shell(_ line: String, in folder: Folder) throws -> Result {
    result(of: try Child("/bin/sh", ["-c", line], in: folder, environment: environment(["M": path])))
  }

  /// The outcome of a started program, which is waited for.
  static func result(of child: Child) -> Result {
    let code = child.wait()
    return Result(exitCode: code, output: child.output, errors: child.errors)
  }
}

/// Processes of the program that were started in a folder, however they were.
enum Processes {
  /// Ids of those that train for a dashboard, or of the others.
  static func ids(in folder: Folder, engines: Bool) -> [pid_t] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { id in
      guard let line = FileManager.default.contents(atPath: "/proc/\(id)/cmdline"),
        let directory = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd"),
        directory == folder.path
      else { return false }
      let words = String(decoding: line, as: UTF8.self).split(separator: "\0")
      return words.first.map { $0 == Program.path } ?? false && (words.dropFirst().first == "engine") == engines
    }
  }
}

/// A folder of a test's own, removed with it, and every process of the program that still runs in it.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-tui-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // A run outlives its terminal, and so a test that failed: what still works in this folder ends with it.
    for process in runningHere { kill(process, SIGKILL) }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Processes whose current folder is this one.
  private var runningHere: [pid_t] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.compactMap { pid_t($0) }.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")) == path
    }
  }

  subscript(_ name: String) -> String { path + "/" + name }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: self[name]) }

  func text(_ name: String) throws -> String { try String(contentsOfFile: self[name], encoding: .utf8) }

  func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: self[name])) }

  func entries(_ name: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: self[name])) ?? []).sorted()
  }

  func write(_ name: String, _ text: String) throws {
    let parent = (self[name] as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try text.write(toFile: self[name], atomically: false, encoding: .utf8)
  }

  /// Writes a small data set in the folder form: 48 sentences to train on, 16 for dev.
  func writeCorpus(_ name: String = "corpus") throws {
    let cities = ["Oslo", "Paris", "Lima", "Cairo"]
    for (split, count) in [("train", 48), ("dev", 16)] {
      var (words, tags, labels) = ("", "", "")
      for index in 0..<count {
        let city = cities[index / 2 % cities.count]
        words += index.isMultiple(of: 2) ? "fly to \(city) \n" : "weather in \(city) today \n"
        tags += index.isMultiple(of: 2) ? "O O B-city\n" : "O O B-city B-time\n"
        labels += index.isMultiple(of: 2) ? "flight\n" : "weather\n"
      }
      try write("\(name)/\(split)/seq.in", words)
      try write("\(name)/\(split)/seq.out", tags)
      try write("\(name)/\(split)/label", labels)
    }
  }
}

/// How many times slower than usual the program is, from `MTT_SLOWER`: `make sanitize` sets it, so that no test gives up on
/// a program which does the right thing late.
private let slowdown = Double(ProcessInfo.processInfo.environment["MTT_SLOWER"] ?? "") ?? 1

/// Polls until a condition holds; records an issue and returns false when it does not within `seconds` of a usual build.
@discardableResult
func eventually(
  _ what: String, seconds: Double = 60, sourceLocation: SourceLocation = #_sourceLocation,
  _ condition: () throws -> Bool
) async throws -> Bool {
  let deadline = ContinuousClock.now + .seconds(seconds * slowdown)
  while try !condition() {
    guard ContinuousClock.now < deadline else {
      Issue.record("It never happened that \(what).", sourceLocation: sourceLocation)
      return false
    }
    try await Task.sleep(for: .milliseconds(20))
  }
  return true
}
