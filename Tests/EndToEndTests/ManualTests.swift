import Foundation
import Glibc
import HelpTopics
import Testing

/// The README and the texts of `mtt-tui help`: what they say to type works as typed.
@Suite struct ManualTests {
  private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  /// A text and the commands of this program in it: lines that are indented as code.
  private static func commands(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      guard line.hasPrefix("    ") else { return nil }
      let command = line.dropFirst(4)
      guard command.hasPrefix("mtt-tui") || command.contains("| mtt-tui") else { return nil }
      let end = command.range(of: "  #")?.lowerBound ?? command.range(of: " # ")?.lowerBound ?? command.endIndex
      return command[..<end].trimmingCharacters(in: .whitespaces)
    }
  }

  /// Without those that name other machines: these are not there. HostsTests types such a line with this machine's name.
  private static func all() throws -> [String] {
    let readme = try String(contentsOfFile: root + "/README.md", encoding: .utf8)
    let lines = commands(in: readme) + HelpTopic.all.flatMap { commands(in: $0.text) }
    return Set(lines).filter { !$0.contains("--hosts") }.sorted()
  }

  @Test func everyCommandLineWorks() throws {
    let lines = try Self.all()
    #expect(lines.count >= 30, "the lines are found")
    let place = try Place()
    // Two at a time, as most of them train on one thread.
    for start in stride(from: 0, to: lines.count, by: 2) {
      let running = try lines[start..<min(start + 2, lines.count)].map { ($0, try place.start($0)) }
      for (line, (folder, child)) in running {
        let result = Program.result(of: child)
        #expect(result.exitCode == 0, "\(line) in \(folder.path)\n\(result.errors.suffix(600))")
      }
    }
  }

  /// Installing, often done as root, builds nothing and asks for no package: it would leave root's files among the user's.
  @Test(.enabled(if: access("/usr/bin/make", X_OK) == 0)) func installingBuildsNothing() throws {
    let folder = try Folder()
    let make = try Child(
      "/usr/bin/make", ["-n", "-C", Self.root, "install"], in: folder, environment: Program.environment())
    let result = Program.result(of: make)
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.output.contains("install -m 755"))
    for word in ["swift build", "apt-get", "git "] { #expect(!result.output.contains(word), "\(word)") }
  }

  @Test func everyTopicIsPrintedWhole() throws {
    let folder = try Folder()
    for topic in HelpTopic.all {
      let result = try Program.run(["help", topic.name], in: folder)
      #expect(result.exitCode == 0)
      #expect(result.output.hasPrefix("\(topic.name): \(topic.summary)\n"))
      #expect(!result.output.contains("keys}") && !result.output.contains("{signs}"))
    }
    let unknown = try Program.run(["help", "cooking"], in: folder)
    #expect(unknown.exitCode == 64)
    #expect(unknown.errors.contains("There is no topic or command 'cooking'"))
  }

  /// A line that is too long for 80 columns would be broken, and stand at the margin.
  @Test(arguments: [
    "train", "attach", "runs", "view", "export", "evaluate", "suspects", "predict", "import", "bench", "themes", "help",
  ])
  func theLinesOfAHelpsListsFit(_ command: String) throws {
    let lines = try Program.run([command, "--help"], in: try Folder()).output.split(
      separator: "\n", omittingEmptySubsequences: false)
    for list in ["EXAMPLES:", "FORMS:", "TOPICS:"] {
      guard let start = lines.firstIndex(where: { $0 == list }) else { continue }
      for line in lines[(start + 1)...].prefix(while: { !$0.isEmpty }) {
        #expect(line.hasPrefix("  "), "\(command): \(line)")
      }
    }
  }

  @Test func theManualNamesEveryFileOfARun() throws {
    let folder = try Folder()
    try folder.writeCorpus()
    let arguments = ["train", "--no-ui", "--tensorboard", "--data", "corpus", "--epochs", "1", "--run-dir", "run"]
    let result = try Program.run(arguments + Program.tiny, in: folder)
    #expect(result.exitCode == 0, "\(result.errors)")
    let text = try #require(HelpTopic.named("files")).text
    for name in folder.entries("run") {
      #expect(text.contains(name.hasPrefix("events.out") ? "events.out.tfevents" : name), "\(name)")
    }
  }
}

/// What the manual's lines take for granted: data, a run, logs of others.
private final class Place {
  /// Copied for each line, so that lines do not depend on one another.
  private let template: Folder

  init() throws {
    template = try Folder()
    try template.writeCorpus("corpora/snips")
    let columns = "# intent: flight\nfly O\nto O\nOslo B-city\n\n# intent: weather\nrain O\ntoday B-time\n\n"
    for name in ["a.conll", "c.conll", "exported/train.conll", "exported/dev.conll"] {
      try template.write(name, String(repeating: columns, count: 4))
    }
    try template.write(
      "b.jsonl", #"{"tokens":["fly","to","Lima"],"tags":["O","O","B-city"],"intent":"flight"}"# + "\n")
    let tickets = (0..<40).map {
      $0.isMultiple(of: 2) ? "printer \($0) is broken,hardware" : "no access to \($0),rights"
    }
    try template.write("tickets.csv", (["text,label"] + tickets).joined(separator: "\n") + "\n")
    try template.write("run.yaml", "data: corpora/snips\n")
    for (intent, text) in [("PlayMusic", "play some jazz"), ("GetWeather", "is it cold")] {
      for file in ["train_\(intent)_full", "validate_\(intent)"] {
        try template.write("snips/\(intent)/\(file).json", #"{"\#(intent)":[{"data":[{"text":"\#(text)"}]}]}"#)
      }
    }
    try template.write("lightning_logs/version_0/metrics.csv", "step,val_loss\n0,2.5\n10,1.5\n")
    try template.write("metrics.csv", "step,loss\n0,2.5\n10,1.5\n")
    // What `python train.py` stands for.
    try template.write("bin/python", "#!/bin/sh\nfor step in 1 2 3; do echo step=$step loss=0.$step; done\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: template["bin/python"])
    try FileManager.default.createSymbolicLink(atPath: template["bin/mtt-tui"], withDestinationPath: Program.path)
    try prepare("mtt-tui --data corpora/snips --run-dir runs/first")
    try prepare("mtt-tui --data corpora/snips --preset bert --no-neighbour-heads --run-dir pretrained")
    try prepare("mtt-tui export pretrained --format hf encoder")
  }

  private func prepare(_ line: String) throws {
    let result = Program.result(of: try start(line, in: template))
    try #require(result.exitCode == 0, "\(line)\n\(result.errors)")
  }

  /// Starts a line of the manual in a folder of its own, which is gone with the value.
  func start(_ line: String) throws -> (folder: Folder, child: Child) {
    let folder = try Folder()
    try FileManager.default.removeItem(atPath: folder.path)
    try FileManager.default.copyItem(atPath: template.path, toPath: folder.path)
    // What a line makes is not there yet.
    if line.contains(" import ") { try FileManager.default.removeItem(atPath: folder["corpora/snips"]) }
    if line.contains("--run-dir runs/first") { try FileManager.default.removeItem(atPath: folder["runs"]) }
    return (folder, try start(line, in: folder))
  }

  private func start(_ line: String, in folder: Folder) throws -> Child {
    let path = folder["bin"] + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    return try Child(
      "/bin/sh", ["-c", line + smaller(line)], in: folder, environment: Program.environment(["PATH": path]))
  }

  /// Options that make a line's training short without changing what it does.
  private func smaller(_ line: String) -> String {
    let words = line.split(separator: " ")
    let trains = words.count == 1 || (line.hasPrefix("mtt-tui -") && !words.contains("--resume"))
    guard trains else { return "" }
    let shape = words.contains("--encoder") ? "" : " --hidden 16 --layers 1 --heads 2 --intermediate 16"
    return " --epochs 1 --threads 1" + shape
  }
}
