import Foundation
import Glibc
import Testing
import TrainingEvents

@testable import mtt_tui

/// `--no-ui`: what scripts rely on.
@Suite struct HeadlessTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  private func train(_ arguments: String...) throws -> Program.Result {
    try Program.run(["train", "--no-ui", "--data", "corpus"] + Program.tiny + arguments, in: folder)
  }

  @Test func printsExactlyTheEpochLines() throws {
    let result = try train("--epochs", "3", "--run-dir", "run")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.lines.count == 6)
    let figures = #"Loss=\d+\.\d{4}, AccA=[01]\.\d{4}, AccB=[01]\.\d{4}"#
    for epoch in 0..<3 {
      let train = try Regex("Epoch \(epoch): " + figures)
      let dev = try Regex("Dev \(epoch): " + figures)
      #expect(try train.wholeMatch(in: result.lines[2 * epoch]) != nil, "\(result.output)")
      #expect(try dev.wholeMatch(in: result.lines[2 * epoch + 1]) != nil, "\(result.output)")
    }
    #expect(!result.errors.contains("\r"), "no bar in a file")
    #expect(folder.entries("run").contains("metrics.jsonl"))
  }

  @Test func oneSeedGivesOneRun() throws {
    func run(_ name: String, seed: Int) throws -> (String, Data) {
      let result = try train("--epochs", "2", "--seed", "\(seed)", "--run-dir", name)
      return (result.output, try folder.data("\(name)/checkpoints/last/model.safetensors"))
    }
    let (first, again, other) = (try run("a", seed: 7), try run("b", seed: 7), try run("c", seed: 8))
    #expect(first == again)
    #expect(first.0 != other.0)
    #expect(first.1 != other.1)
  }

  @Test func epochsAreThoseAskedForOrFollowTheData() throws {
    func epochs(_ name: String, _ arguments: String...) throws -> [Double?] {
      let result = try Program.run(
        ["train", "--no-ui", "--data", "corpus", "--hidden", "16", "--layers", "1", "--run-dir", name] + arguments,
        in: folder)
      #expect(result.exitCode == 0, "\(result.errors)")
      let run = try JSONSerialization.jsonObject(with: folder.data("\(name)/run.json")) as? [String: Any]
      let configuration = run?["configuration"] as? [String: Any]
      return ["epochs", "batchSize"].map { (configuration?[$0] as? NSNumber)?.doubleValue }
    }
    // 48 sentences are 2 steps an epoch with 32 of them a step, and 12 with 4.
    #expect(try epochs("by-data") == [40, 4])
    #expect(try epochs("asked", "--epochs", "2") == [2, 32])
    #expect(try epochs("batches", "--batch-size", "16") == [40, 16])
  }

  /// Runs one after the other, each tested on what it has not seen; what is done stays done.
  @Test func foldsAreTrainedTestedAndGoneOnWith() throws {
    func folds(_ arguments: [String]) throws -> Program.Result {
      try Program.run(["train", "--no-ui"] + arguments, in: folder)
    }
    let options: [String] = ["--epochs", "2", "--train", "corpus/train", "--folds", "3", "--run-dir", "all"]
    let all = try folds(Program.tiny + options)
    #expect(all.exitCode == 0, "\(all.errors)")
    let table = Array(all.lines.suffix(8))
    let rows: [[String]] = table.map { $0.split(separator: " ").map { String($0) } }
    try #require(rows.count == 8 && rows[1].count == 6 && rows[4].count == 5)
    #expect(rows[1][1] == "1" && rows[2][1] == "2" && rows[3][1] == "3")
    var sum = 0.0
    for row in rows[1...3] { sum += try #require(Double(row[2])) }
    let mean = try #require(Double(rows[4][1]))
    #expect(abs(sum / 3 - mean) < 1e-4, "\(all.output)")
    #expect(rows[6] == ["n", "3", "3", "3", "3"])
    #expect(all.lines.filter { $0.hasPrefix("Test ") }.count == 3)
    // The same with the record of the second one's end taken away and the third not begun.
    try FileManager.default.removeItem(atPath: folder.path + "/all/fold-2/outcome.json")
    try FileManager.default.removeItem(atPath: folder.path + "/all/fold-3")
    let resumed = try folds(["--resume", "all"])
    #expect(resumed.exitCode == 0 && Array(resumed.lines.suffix(8)) == table, "\(resumed.errors)")
    #expect(resumed.errors.contains("Fold 1 of 3 is trained already"))
    let json = try folds(["--resume", "all", "--log-format", "json"])
    let line = Data((json.lines.last ?? "").utf8)
    let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
    let accuracy = try #require(object["accuracy_a"] as? [String: Any])
    #expect(object["folds"] as? Int == 3 && accuracy["n"] as? Int == 3)
  }

  @Test func foldsSayWhatTheyHaveNoPlaceFor() throws {
    let cases: [([String], String)] = [
      (["--folds", "3"], "--data or --train"), (["--folds", "1", "--data", "corpus"], "between 2"),
      (["--folds", "3", "--data", "corpus", "--test", "10%"], "leave --test out"),
      (["--folds", "3", "--data", "corpus", "--ui"], "leave --ui out"),
    ]
    for (arguments, word) in cases {
      let result = try Program.run(["train"] + arguments, in: folder)
      #expect(result.exitCode == 64 && result.errors.contains(word), "\(result.errors)")
    }
  }

  @Test func learns() throws {
    let result = try train("--epochs", "40", "--learning-rate", "0.01")
    #expect(result.lines.last?.hasSuffix("AccA=1.0000, AccB=1.0000") == true, "\(result.lines.suffix(2))")
    #expect(folder.entries("runs").count == 1)
  }

  @Test func jsonLines() throws {
    let result = try train("--epochs", "2", "--log-format", "json")
    let objects = try result.lines.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    let events = objects.compactMap { $0?["event"] as? String }
    #expect(events.count == result.lines.count)
    #expect(events.filter { $0 == "epoch" }.count == 2)
    #expect(events.contains("run"))
    let dev = try #require(objects.last { $0?["event"] as? String == "evaluation" } ?? nil)
    #expect(dev["epoch"] as? Int == 1)
    #expect(dev["total_a"] as? Int == 16)
    #expect((dev["accuracy_b"] as? Double).map { (0...1).contains($0) } == true)
  }

  /// `help formats` names every kind of line that a run prints.
  @Test func helpNamesEveryEvent() throws {
    let result = try train("--epochs", "50", "--batch-size", "8", "--log-format", "json", "--run-dir", "run")
    #expect(result.exitCode == 0, "\(result.errors)")
    let kinds = try Set(
      result.lines.map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return try #require(object?["event"] as? String)
      })
    #expect(kinds.isSuperset(of: ["run", "epoch", "evaluation", "checkpoint", "phase", "gradients", "log"]))
    let help = try Program.run(["help", "formats"], in: folder).output
    let list = try #require(help.components(separatedBy: "each with an \"event\":").dropFirst().first)
    let named = list.prefix { $0 != "." }.split { !$0.isLetter }.map(String.init)
    #expect(kinds.subtracting(named).isEmpty, "\(kinds) are not all of \(named)")
  }

  /// Whatever the figures are, the line parses; what is not finite or does not exist is null.
  @Test func jsonLinesWithoutANumber() throws {
    let epoch = EpochRecord(
      epoch: 0, step: 1, averageLoss: -.nan, averageLosses: PerTask(.infinity, nil),
      counts: MetricCounts(correct: PerTask(0, 0), total: PerTask(1, 0)), seconds: 1)
    let line = try #require(JSONReport.lines(for: .epochCompleted(epoch)).first)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    for key in ["loss", "loss_a", "loss_b", "accuracy_b"] { #expect(object[key] is NSNull, "\(key): \(line)") }
    #expect(object["accuracy_a"] as? Double == 0)
    #expect(Format.fixed(-.nan) == "nan")
  }

  @Test func oneTaskAloneIsNamedAlone() throws {
    try folder.write("tags.conll", "fly O\noslo B-city\n\nin O\nparis B-city\n")
    let arguments = ["--no-ui", "--train", "tags.conll", "--dev", "tags.conll", "--epochs", "1"] + Program.tiny
    let result = try Program.run(arguments, in: folder)
    #expect(result.exitCode == 0, "\(result.errors)")
    for line in result.lines {
      let expected = try Regex(#"(Epoch|Dev) 0: Loss=\d+\.\d{4}, AccB=[01]\.\d{4}"#)
      #expect(try expected.wholeMatch(in: line) != nil, "\(line)")
    }
    #expect(result.errors.contains("best entity-f1 on dev"))
  }

  /// Nothing says which of the models is better where there is no dev.
  /// Nothing is said of tags where there are none.
  @Test func classesAloneAreEvaluatedAlone() throws {
    let long = String(repeating: "word ", count: 40)
    try folder.write("classes.csv", "text,label\n\(long),x\nhi,y\n")
    let arguments = ["--no-ui", "--train", "classes.csv", "--epochs", "1", "--max-length", "16", "--run-dir", "run"]
    let trained = try Program.run(arguments + Program.tiny, in: folder)
    #expect(trained.exitCode == 0 && trained.errors.contains("26 words not read."), "\(trained.errors)")
    let table = try Program.run(["evaluate", "run", "--data", "classes.csv"], in: folder).output
    #expect(table.contains("exact match") && table.contains("beyond the maximum length: not read"), "\(table)")
    #expect(!table.contains("ecoded") && !table.contains("predicted O"), "\(table)")
  }

  @Test func withoutDevNoModelIsCalledTheBest() throws {
    try folder.write("tags.conll", "fly O\noslo B-city\n\nin O\nparis B-city\n")
    let result = try Program.run(["--no-ui", "--train", "tags.conll", "--epochs", "2"] + Program.tiny, in: folder)
    #expect(result.exitCode == 0 && result.errors.contains("Checkpoint at step"), "\(result.errors)")
    #expect(!result.errors.contains("best"), "\(result.errors)")
  }

  /// The best model is evaluated on test at the end; a resume of a run that is over leaves that figure in its records.
  @Test func testIsEvaluatedAtTheEnd() throws {
    for name in ["seq.in", "seq.out", "label"] {
      try folder.write("corpus/test/\(name)", folder.text("corpus/dev/\(name)"))
    }
    let result = try train("--epochs", "2", "--run-dir", "run")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.lines.count == 5)
    let test = try #require(result.lines.last)
    let best = try #require(result.lines.last { $0.hasPrefix("Dev ") && $0.dropFirst(4) == test.dropFirst(5) })
    #expect(test.hasPrefix("Test \(best.dropFirst(4).prefix(1)): "))
    let steps = try folder.text("run/metrics.jsonl").split(separator: "\n").count
    let again = try Program.run(["--no-ui", "--resume", "run"], in: folder)
    #expect(again.exitCode == 0 && again.lines == [test])
    #expect(again.errors.contains("All 2 epochs are done already"))
    #expect(try folder.text("run/metrics.jsonl").split(separator: "\n").count == steps)
    let manifest = try folder.text("run/run.json")
    let fewer = try Program.run(["--no-ui", "--resume", "run", "--epochs", "1"], in: folder)
    #expect(fewer.exitCode == 64 && fewer.errors.contains("--epochs 1 is less than the 2 epochs"), "\(fewer.errors)")
    #expect(try folder.text("run/run.json") == manifest)
  }

  /// A --resume that is refused leaves a stopped run a stopped one.
  @Test func aResumeThatIsRefusedChangesNothing() async throws {
    let child = try Program.start(
      ["--no-ui", "--data", "corpus", "--epochs", "1000000", "--run-dir", "run"] + Program.tiny, in: folder)
    try await eventually("the first epoch ended") { child.output.contains("Epoch 0") }
    kill(child.id, SIGTERM)
    #expect(Program.result(of: child).exitCode == 143)
    let before = try folder.data("run/metrics.jsonl")
    try folder.write("corpus/train/label", folder.text("corpus/train/label").replacing("flight", with: "train"))
    let refused = try Program.run(["--no-ui", "--resume", "run"], in: folder)
    #expect(refused.exitCode == 65)
    #expect(try folder.data("run/metrics.jsonl") == before)
    #expect(try Program.run(["runs", "."], in: folder).output.contains("run  stopped"))
  }

  /// Standard streams that are closed at the start: nothing that is printed goes into the run's files.
  @Test func closedStreamsAreNoFiles() throws {
    let tiny = Program.tiny.joined(separator: " ")
    let script = "'\(Program.path)' --no-ui --data corpus --epochs 1 --run-dir run \(tiny)"
    try folder.write("closed.sh", "\(script) <&- >&- 2>&-; echo $? >code\n")
    _ = try Child("/bin/sh", ["closed.sh"], in: folder, environment: Program.environment()).wait()
    #expect(try folder.text("code") == "0\n")
    for name in ["run.json", "metrics.jsonl", "log.txt", "lock"] {
      #expect(try !folder.text("run/\(name)").contains("AccA="), "\(name)")
    }
    _ = try JSONSerialization.jsonObject(with: folder.data("run/run.json"))
  }

  @Test func tooFewOpenFilesAreASentence() throws {
    try folder.write("few.sh", "ulimit -n 40; '\(Program.path)' --no-ui --data corpus 2>errors; echo $? >code\n")
    _ = try Child("/bin/sh", ["few.sh"], in: folder, environment: Program.environment()).wait()
    #expect(try folder.text("code") == "70\n")
    #expect(try folder.text("errors").contains("ulimit -n"))
  }

  /// Swift's runtime would end before the first line of the program, without a word.
  @Test func littleStackIsRaisedOrASentence() throws {
    let program = "'\(Program.path)' --version >out 2>errors; echo $? >code"
    try folder.write("soft.sh", "ulimit -S -s 64; \(program)\n")
    _ = try Child("/bin/sh", ["soft.sh"], in: folder, environment: Program.environment()).wait()
    #expect(try folder.text("code") == "0\n")
    try folder.write("hard.sh", "ulimit -s 64; \(program)\n")
    _ = try Child("/bin/sh", ["hard.sh"], in: folder, environment: Program.environment()).wait()
    let isRaised = try folder.text("code") == "0\n"  // by root
    #expect(try isRaised || folder.text("code") == "70\n" && folder.text("errors").contains("ulimit -s"))
  }

  @Test func aConfigurationMayComeThroughAPipe() throws {
    #expect(mkfifo(folder["options"], 0o600) == 0)
    let script = "'\(Program.path)' --config options --run-dir run \(Program.tiny.joined(separator: " "))"
    let lines = #"data: corpus\nepochs: 1\nno-ui: true\n"#
    try folder.write("piped.sh", "(printf '\(lines)' >options) & \(script) >out 2>errors\n")
    let code = try Child("/bin/sh", ["piped.sh"], in: folder, environment: Program.environment()).wait()
    let errors = try folder.text("errors")
    #expect(code == 0, "\(errors)")
    #expect(try folder.text("out").contains("Epoch 0: "))
  }

  @Test func withoutATerminalItSaysSoAndGoesOn() throws {
    let result = try Program.run(["--data", "corpus", "--epochs", "1"] + Program.tiny, in: folder)
    #expect(result.exitCode == 0)
    #expect(result.lines.count == 2)
    #expect(result.errors.contains("not a terminal"))
  }

  @Test func configurationFileUnderTheCommandLine() throws {
    try folder.write("run.yaml", "epochs: 3\nseed: 5\nlowercase: true\nno-ui: true\ntrain: elsewhere\nname: first\n")
    let result = try train("--config", "run.yaml", "--epochs", "1", "--run-dir", "run")
    #expect(result.exitCode == 0, "\(result.errors)")
    #expect(result.lines.count == 2)
    let plain = try train("--epochs", "1", "--seed", "5", "--lowercase")
    #expect(plain.output == result.output)
  }

  /// On the command line and in a file, where a list may stand; the command line replaces the file's.
  @Test func severalFilesAreMixed() throws {
    try folder.write(
      "a.jsonl", "{\"text\":\"play jazz\",\"label\":\"music\"}\n{\"text\":\"rain\",\"label\":\"weather\"}\n")
    try folder.write("b.conll", "in O\noslo B-city\n")
    try folder.write("run.yaml", "train:\n  - a.jsonl\n  - b.conll\ndev: [a.jsonl, b.conll]\nepochs: 1\nno-ui: true\n")
    let given = [
      ["--no-ui", "--epochs", "1", "--train", "a.jsonl", "b.conll", "--dev", "a.jsonl", "--dev", "b.conll"],
      ["--config", "run.yaml"], ["--config", "run.yaml", "--train", "a.jsonl", "b.conll"],
    ]
    let results = try given.map { try Program.run($0 + Program.tiny, in: folder) }
    for result in results {
      #expect(result.exitCode == 0, "\(result.errors)")
      #expect(result.lines.count == 2 && result.output == results[0].output)
    }
    let one = try Program.run(["--config", "run.yaml", "--train", "b.conll"] + Program.tiny, in: folder)
    #expect(one.output.contains("AccA=nan") == false && one.output != results[0].output, "\(one.errors)")
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGUSR2, 75), (SIGXCPU, 75)] as [(Int32, Int32)])
  func aSignalSavesAndStops(signal: Int32, exitCode: Int32) async throws {
    let child = try Program.start(
      ["--no-ui", "--data", "corpus", "--epochs", "1000000", "--run-dir", "run"] + Program.tiny, in: folder)
    try await eventually("the first epoch ended") { child.output.contains("Epoch 0") }
    kill(child.id, signal)
    let result = Program.result(of: child)
    #expect(result.exitCode == exitCode, "\(result.errors)")
    #expect(result.errors.contains("--resume"))
    let done = try #require(result.lines.last { $0.hasPrefix("Epoch ") }?.split(separator: " ")[1].dropLast())
    let epochs = try #require(Int(done))
    let resumed = try Program.run(["--no-ui", "--resume", "run", "--epochs", "\(epochs + 3)"], in: folder)
    #expect(resumed.exitCode == 0, "\(resumed.errors)")
    #expect(resumed.lines.contains { $0.hasPrefix("Epoch \(epochs + 2): ") }, "\(resumed.output)")
    #expect(!resumed.lines.contains { $0.hasPrefix("Epoch 0: ") })
  }

  /// `mtt-tui --no-ui | head -1` must not end the training.
  @Test func goesOnWhenNobodyReadsItsOutput() throws {
    let script =
      "'\(Program.path)' --no-ui --data corpus --epochs 30 --run-dir run \(Program.tiny.joined(separator: " "))"
    try folder.write("pipe.sh", "(\(script) 2>errors; echo $? >code) | true\n")
    _ = try Child("/bin/sh", ["pipe.sh"], in: folder, environment: Program.environment()).wait()
    #expect(try folder.text("code") == "0\n")
    #expect(try folder.text("errors").contains("Standard output was closed"))
  }

  /// Processes of one launcher must not become as many runs that fight for the cores, whatever is wrong with its MPI.
  @Test(arguments: ["0", "1"]) func refusesToBeOneOfSeveralProcessesWithoutMPI(rank: String) throws {
    let environment = Program.environment([
      "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": rank,
    ])
    let arguments =
      ["--no-ui", "--data", "corpus", "--epochs", "1", "--run-dir", "run", "--mpi", "/no/library"] + Program.tiny
    let result = Program.result(
      of: try Child(Program.path, arguments, in: folder, environment: environment))
    #expect(result.exitCode == 69 && result.output.isEmpty)
    #expect(result.errors.hasPrefix("mtt-tui: rank \(rank) on "), "\(result.errors)")
    #expect(result.errors.contains("No MPI library could be opened (/no/library: "), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder["run"]))
  }

  @Test func otherCommands() throws {
    let version = try Program.run(["--version"], in: folder)
    #expect(version.lines.count == 1)
    let help = try Program.run(["--help"], in: folder)
    #expect(help.output.contains("EXAMPLES"))
    let themes = try Program.run(["themes"], in: folder)
    let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let shipped = try FileManager.default.contentsOfDirectory(atPath: root + "/themes")
    for name in shipped {
      #expect(themes.lines.contains { $0.hasPrefix(name.replacing(".theme", with: "")) }, "\(name)")
    }
    #expect(!themes.output.contains("\u{1B}"))
    for shell in ["bash", "zsh", "fish"] {
      let script = try Program.run(["--generate-completion-script", shell], in: folder)
      #expect(script.exitCode == 0)
      #expect(script.output.contains("batch-size"))
    }
  }

  /// Standard input is a file like others; a share of a folder's train data stands in for dev.
  @Test func trainsOnStandardInputAndOnAShare() throws {
    try folder.write("a.conll", (0..<40).map { "# intent: c\($0 % 2)\nword\($0) O\n\n" }.joined())
    try folder.write("set/train.conll", try folder.text("a.conll"))
    let shell = try Child(
      "/bin/sh",
      [
        "-c",
        "cat a.conll | '\(Program.path)' --no-ui --train - --epochs 1 --run-dir piped "
          + Program.tiny.joined(separator: " "),
      ],
      in: folder, environment: Program.environment())
    #expect(Program.result(of: shell).exitCode == 0)
    let result = try Program.run(
      ["--no-ui", "--data", "set", "--dev", "25%", "--epochs", "1", "--run-dir", "shared"] + Program.tiny, in: folder)
    #expect(result.exitCode == 0 && result.output.contains("Dev 0:"), "\(result.errors)")
    let both = try Program.run(["--no-ui", "--data", "set", "--dev", "a.conll"], in: folder)
    #expect(both.exitCode == 64 && both.errors.contains("--data names a whole folder"))
  }

  /// A word that no option takes: what it may have meant is said.
  @Test func strayWordsAreExplained() throws {
    let cases = [
      ("frobnicate", "'frobnicate' is no command and belongs to no option. Commands are train, attach, runs, view"),
      ("corpus", "To train on that folder: --data corpus."),
      ("corpus/train/seq.in", "To train on that file: --train corpus/train/seq.in."),
    ]
    for (word, expected) in cases {
      let result = try Program.run([word], in: folder)
      #expect(result.exitCode == 64 && result.errors.contains(expected), "\(result.errors)")
      #expect(!result.errors.contains("engine"))
    }
    #expect(try Program.run(["--epoch", "3"], in: folder).errors.contains("Did you mean '--epochs'?"))
  }
}
