import FolderSupport
import Glibc
import LoggedRuns
import Testing

@testable import LogFormats

/// Logs that are lines and tables, as other programs write them.
@Suite struct TextLogTests {
  private let folder = TemporaryFolder()

  private func run(_ name: String, _ format: LogFormat, _ text: String) -> LoggedRun {
    folder.write(Array(text.utf8), to: name)
    return OpenedLog.run(folder.path + "/" + name, format)
  }

  // MARK: - Numbers

  @Test func numbersAreReadAsSwiftReadsThem() {
    func value(_ text: String) -> Double? {
      var text = text
      return text.withUTF8 { NumberBytes.value(UnsafeRawBufferPointer($0)) }
    }
    let texts = [
      "0", "-0", "1", "-1.5", "0.1", "3e-5", "1E+10", "123456789012345", "1234567890123456789", "0.12345678901234567",
      "1e400", "-1e-400", "2.2250738585072011e-308", "+7", ".5", "5.", "1e22", "1e23", "9007199254740993",
    ]
    for text in texts { #expect(value(text) == Double(text), "\(text)") }
    for text in ["", "-", ".", "e5", "1e", "0x10", "1,5", "abc", "1 2", "--1", "1e5x"] {
      #expect(value(text) == nil, "\(text)")
    }
    #expect(value("NaN")?.isNaN == true && value("nan")?.isNaN == true)
    #expect(value("Infinity") == .infinity && value("-inf") == -.infinity)
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let number = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &generator))
      guard number.isFinite else { continue }
      #expect(value("\(number)") == number)
    }
  }

  /// A last line without its end is being written, until nobody has written for long.
  @Test(arguments: [LogFormat.table, .jsonLines])
  func aLastLineWithoutItsEndIsToldOnceTheWriterIsGone(_ format: LogFormat) {
    let text = format == .table ? "step,loss\n1,2\n2,3" : "{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"loss\": 3}"
    folder.write(Array(text.utf8), to: "log")
    var log = OpenedLog(LogLocation(path: folder.path + "/log", format: format, name: "log"))
    log.readAll()
    #expect(log.run.steps("loss") == [1] && log.run.problems.isEmpty)
    folder.touch("log", 1_600_000_000)
    log.readAll()
    #expect(log.run.problems.map(\.place) == [.line(format == .table ? 3 : 2)])
    folder.write(Array((text + "\n").utf8), to: "log")
    log.readAll()
    #expect(log.run.steps("loss") == [1, 2] && log.run.problems.isEmpty)
  }

  // MARK: - JSON lines

  @Test func jsonLinesWithGapsNestedFieldsAndNaN() {
    let run = run(
      "metrics.jsonl", .jsonLines,
      """
      {"step": 1, "loss": 0.5, "eval": {"f1": 0.25}, "note": "a \\"b\\" \\u00e9", "_timestamp": 1700000000}
      {"step": 2, "loss": NaN, "ok": true, "none": null}

      {"step": 3, "loss": "Infinity", "list": [1, 2]}
      {"step": 4, "loss": 0.
      {"step": 5, "loss": 0.125}
      {"step": 6, "loss": 9
      """)
    #expect(run.metricNames == ["loss", "eval/f1", "list/0", "list/1"])
    #expect(run.steps("loss") == [1, 2, 3, 5])
    #expect(run.metric("loss")?.summary.broken == 2)
    #expect(run.metric("loss")?.buckets.first?.time == 1_700_000_000)
    #expect(run.problems.map(\.place) == [.line(5)])
  }

  @Test func stepsThatBeginAgainAreASecondAttempt() {
    let run = run(
      "a.jsonl", .jsonLines,
      (1...5).map { "{\"iteration\":\($0),\"loss\":1}\n" }.joined()
        + (3...4).map { "{\"iteration\":\($0),\"loss\":2}\n" }.joined())
    #expect(run.points("loss") == [1: 1, 2: 1, 3: 2, 4: 2])
    #expect(run.metric("loss")?.replacedCount == 3)
  }

  @Test func theEpochOrTheLineIsTheStepWhereNothingElseIs() {
    #expect(run("a.jsonl", .jsonLines, "{\"epoch\":0,\"x\":1}\n{\"epoch\":1,\"x\":2}\n").steps("x") == [0, 1])
    #expect(run("b.jsonl", .jsonLines, "{\"x\":1}\n{\"x\":2}\n").steps("x") == [1, 2])
  }

  // MARK: - trainer_state.json

  private static func state(_ steps: ClosedRange<Int>) -> String {
    let log = steps.map { "{\"epoch\": \(Double($0) / 10), \"loss\": \(1 / Double($0)), \"step\": \($0)}" }
    return """
      {"best_metric": NaN, "global_step": \(steps.upperBound), "max_steps": 100, "num_train_epochs": 10,
       "log_history": [\(log.joined(separator: ", ")),
         {"epoch": 1.0, "eval_loss": 0.5, "eval_f1": NaN, "step": \(steps.upperBound)}],
       "trial_params": {"learning_rate": 2e-05}}
      """
  }

  @Test func theNewestCheckpointOfATrainerTellsAll() throws {
    folder.makeFolder("checkpoint-9")
    folder.makeFolder("checkpoint-20")
    folder.write(Array(Self.state(1...9).utf8), to: "checkpoint-9/trainer_state.json")
    folder.write(Array(Self.state(1...20).utf8), to: "checkpoint-20/trainer_state.json")
    let found = LogDiscovery.search(folder.path)
    #expect(found.map(\.format) == [.trainerState])
    var log = OpenedLog(folder.path, .trainerState)
    log.readAll()
    #expect(log.run.steps("train/loss") == Array(Int64(1)...20))
    #expect(log.run.points("eval/loss") == [20: 0.5])
    #expect(log.run.metric("eval/f1")?.summary.broken == 1)
    #expect(log.run.totalSteps == 100 && log.run.totalEpochs == 10)
    #expect(log.run.configuration["learning_rate"] == .number(2e-5))
    folder.makeFolder("checkpoint-30")
    folder.write(Array(Self.state(1...30).utf8), to: "checkpoint-30/trainer_state.json")
    log.readAll()
    #expect(log.run.steps("train/loss").last == 30)
    // At the end the folder gets a state of its own; a run that then goes on writes checkpoints beside it.
    func write(_ steps: ClosedRange<Int>, to name: String, at seconds: Int) {
      folder.write(Array(Self.state(steps).utf8), to: name)
      let time = timespec(tv_sec: seconds, tv_nsec: 0)
      utimensat(AT_FDCWD, folder.path + "/" + name, [time, time], 0)
    }
    write(1...35, to: "trainer_state.json", at: 1_900_000_000)
    log.readAll()
    #expect(log.run.steps("train/loss").last == 35)
    folder.makeFolder("checkpoint-40")
    write(1...40, to: "checkpoint-40/trainer_state.json", at: 1_900_000_100)
    log.readAll()
    #expect(log.run.steps("train/loss").last == 40)
    write(1...30, to: "checkpoint-30/trainer_state.json", at: 1_900_000_200)
    write(1...40, to: "trainer_state.json", at: 1_900_000_300)
    log.readAll()
    #expect(log.run.steps("train/loss").last == 40 && log.run.problems.isEmpty)
  }

  // MARK: - Tables

  @Test func lightningsSparseTable() {
    let run = run(
      "metrics.csv", .table,
      "epoch,step,train_loss,val_loss\n0,9,0.5,\n0,9,,0.7\n1,19,0.25,\n1,19,,nan\n")
    #expect(run.points("train_loss") == [9: 0.5, 19: 0.25])
    #expect(run.steps("val_loss") == [9, 19] && run.metric("val_loss")?.summary.broken == 1)
    #expect(run.problems.isEmpty)
  }

  @Test func kerassTableWithListsAndMissingValues() {
    let run = run(
      "training.log", .table, "epoch;accuracy;loss;weights\n0;0.5;NA;\"[1;2]\"\n1;0.75;2.5;\"[1;2]\"\n0;0.1;9;x\n")
    #expect(run.points("accuracy") == [0: 0.1])
    #expect(run.metric("accuracy")?.replacedCount == 2)
    #expect(run.metric("loss")?.summary.count == 1)
  }

  @Test func ultralyticssPaddedTable() {
    let run = run(
      "results.csv", .table,
      "                  epoch,         train/box_loss,   metrics/mAP50(B)\n"
        + "                      1,                 1.5,                inf\n")
    #expect(run.points("train/box_loss") == [1: 1.5])
    #expect(run.metric("metrics/mAP50(B)")?.summary.broken == 1)
  }

  @Test func aHeaderThatComesAgainWithOtherColumns() {
    let run = run("a.tsv", .table, "step\tloss\n1\t5\n2\t4\nstep\tloss\tf1\n3\t3\t0.5\n4\t2\n")
    #expect(run.points("loss") == [1: 5, 2: 4, 3: 3] && run.points("f1") == [3: 0.5])
    #expect(run.problems.map(\.place) == [.line(6)])
  }

  @Test func aTableThatIsWrittenAnewWithAnotherHeader() {
    folder.write(Array("step,loss\n1,5\n2,4\n".utf8), to: "metrics.csv")
    var log = OpenedLog(folder.path + "/metrics.csv", .table)
    log.readAll()
    folder.write(Array("acc,step,loss\n,1,5\n,2,4\n0.5,3,3\n".utf8), to: "metrics.csv")
    log.readAll()
    #expect(log.run.points("loss") == [1: 5, 2: 4, 3: 3] && log.run.points("acc") == [3: 0.5])
    #expect(log.run.metric("loss")?.replacedCount == 0)
  }

  @Test func theConfigurationBesideALog() {
    folder.write(Array("lr: 0.001\nmodel:\n  layers: 2\n  name: bert\namp: true\n".utf8), to: "hparams.yaml")
    let run = run("metrics.csv", .table, "step,loss\n1,5\n")
    #expect(
      run.configuration == [
        "lr": .number(0.001), "model/layers": .number(2), "model/name": .text("bert"), "amp": .flag(true),
      ])
  }

  // MARK: - MLflow

  @Test func mlflowsFileStore() {
    for name in [
      "mlruns", "mlruns/0", "mlruns/0/abc", "mlruns/0/abc/metrics", "mlruns/0/abc/metrics/val", "mlruns/0/abc/params",
    ] {
      folder.makeFolder(name)
    }
    func write(_ name: String, _ text: String) { folder.write(Array(text.utf8), to: "mlruns/0/abc/" + name) }
    write("meta.yaml", "run_name: bold-fox\nstatus: 3\nstart_time: 1700000000000\n")
    write("metrics/loss", "1700000000000 0.5 0\n1700000001000 0.25 1\n1700000002000 nan 2\n")
    write("metrics/val/f1", "1700000000000 0.75\n")
    write("params/lr", "0.001\n")
    let found = LogDiscovery.search(folder.path)
    #expect(found.map(\.format) == [.mlflow])
    let run = OpenedLog.run(found[0].path, .mlflow)
    #expect(run.name == "bold-fox" && run.declaredState == .finished)
    #expect(run.steps("loss") == [0, 1, 2] && run.metric("loss")?.summary.broken == 1)
    #expect(run.metric("loss")?.buckets[1].time == 1_700_000_001)
    #expect(run.points("val/f1") == [0: 0.75])
    #expect(run.configuration["lr"] == .number(0.001))
  }

  /// A step that cannot be read is no step 0.
  @Test func mlflowsStepsThatAreNoneAreLeftOut() {
    for name in ["mlruns", "mlruns/0", "mlruns/0/abc", "mlruns/0/abc/metrics"] { folder.makeFolder(name) }
    func write(_ name: String, _ text: String) { folder.write(Array(text.utf8), to: "mlruns/0/abc/" + name) }
    write("meta.yaml", "run_name: fox\nstatus: 3\nstart_time: 1700000000000\n")
    write("metrics/loss", "1700000000000 0.5 7\n1700000001000 0.25 nan\n1700000002000 1 x\n1700000003000 1 1e300\n")
    let run = OpenedLog.run(LogDiscovery.search(folder.path)[0].path, .mlflow)
    #expect(run.steps("loss") == [7])
    #expect(run.problems.contains { $0.finding.contains("is not 'time value step'") })
  }

  // MARK: - Lines of a program

  @Test func whatAProgramPrints() {
    func pairs(_ line: String) -> [String] {
      var line = line
      var found: [String] = []
      line.withUTF8 {
        PlainLines.pairs(UnsafeRawBufferPointer($0)) { found.append(String(decoding: $0, as: UTF8.self) + "=\($1)") }
      }
      return found
    }
    #expect(pairs("loss 0.5") == ["loss=0.5"])
    #expect(pairs("step=3 loss=0.25, acc=97.5%") == ["step=3.0", "loss=0.25", "acc=97.5"])
    #expect(pairs("epoch 3/10 | loss: 1e-3 (step 12)") == ["epoch=3.0", "loss=0.001", "step=12.0"])
    #expect(pairs("training starts now") == [])
  }

  // MARK: - Finding logs

  @Test func everyKindIsFoundByWhatItIs() throws {
    for name in ["tb", "csv", "csv/version_0", "own", "own/checkpoints", "w", "other"] { folder.makeFolder(name) }
    folder.write(try EventFiles.bytes("loss", 0..<3), to: "tb/events.out.tfevents.1.a")
    folder.write(Array("step,loss\n1,2\n".utf8), to: "csv/version_0/metrics.csv")
    folder.write(Array("name,age\nx,2\n".utf8), to: "other/people.csv")
    folder.write(Array("{\"name\":1,\"age\":2}\n".utf8), to: "other/people.jsonl")
    folder.write(Array("{\"configuration\":{\"epochs\":2}}".utf8), to: "own/run.json")
    folder.write([], to: "own/metrics.jsonl")
    folder.write([], to: "w/run-1.wandb")
    let found = LogDiscovery.search(folder.path)
    #expect(found.map(\.name) == ["csv/version_0", "own", "tb", "w/run-1.wandb"])
    #expect(found.map(\.format) == [.table, .run, .tensorBoard, .wandb])
  }

  /// A link to a folder above the one that is looked at brings in nothing that lies beside it.
  @Test func linksToFoldersAboveAreNotFollowed() {
    for name in ["beside", "here", "here/run"] { folder.makeFolder(name) }
    folder.write(Array("step,loss\n1,2\n".utf8), to: "beside/metrics.csv")
    folder.write(Array("step,loss\n1,2\n".utf8), to: "here/run/metrics.csv")
    for (target, name) in [("..", "here/up"), ("../..", "here/run/top")] {
      #expect(symlink(target, folder.path + "/" + name) == 0)
    }
    #expect(LogDiscovery.search(folder.path + "/here").map(\.name) == ["run"])
    #expect(LogDiscovery.search(folder.path).map(\.name) == ["beside", "here/run"])
  }

  /// Keras's documentation names its table training.log, DETR its lines log.txt.
  @Test func logsByTheNamesThatTheirTrainersGiveThem() {
    for name in ["keras", "detr", "words"] { folder.makeFolder(name) }
    folder.write(Array("epoch,loss,val_loss\n0,2,3\n".utf8), to: "keras/training.log")
    folder.write(Array("{\"epoch\": 0, \"train_loss\": 2}\n".utf8), to: "detr/log.txt")
    folder.write(Array("2026-01-01 epoch 1, loss 3\n".utf8), to: "words/output.log")
    let found = LogDiscovery.search(folder.path)
    #expect(found.map(\.name) == ["detr", "keras"] && found.map(\.format) == [.jsonLines, .table])
  }

  @Test func twoLogsInOneFolderHaveNamesOfTheirOwn() async throws {
    for name in ["run", "other", "other/run"] { folder.makeFolder(name) }
    folder.write(Array(Self.state(1...2).utf8), to: "run/trainer_state.json")
    folder.write([], to: "run/events.out.tfevents.1.host")
    folder.write(Array("step,loss\n1,2\n".utf8), to: "other/run/metrics.csv")
    let library = LogLibrary(paths: [folder.path])
    let runs = try await library.open()
    let names = runs.map(\.name)
    #expect(Set(names).count == 3 && names.contains("run (trainer_state)"), "\(names)")
    #expect(Set(runs.map(\.id)).count == 3, "one would be shown in the place of the other")
  }

  @Test func aLogThatIsNamedTwiceIsListedOnce() async throws {
    folder.makeFolder("run")
    folder.write(Array("step,loss\n1,2\n".utf8), to: "run/metrics.csv")
    let library = LogLibrary(paths: [folder.path, folder.path + "/run", folder.path + "/run/metrics.csv"])
    #expect(try await library.open().map(\.name) == ["run"])
  }

  /// A trainer's state says when it has done its last step, or stopped before it.
  @Test func aTrainerThatIsDoneIsFinished() {
    func state(_ fields: String) -> LoggedRun.State? {
      folder.write(Array("{\(fields)}".utf8), to: "trainer_state.json")
      return OpenedLog.run(folder.path, .trainerState).declaredState
    }
    #expect(state(#""global_step": 30, "max_steps": 30, "log_history": [{"step": 30, "loss": 1}]"#) == .finished)
    #expect(state(#""global_step": 20, "max_steps": 30, "log_history": [{"step": 20, "loss": 1}]"#) == nil)
    let stopped = #""log_history": [{"step": 20, "loss": 1}, {"step": 20, "train_runtime": 9.5}]"#
    #expect(state(#""global_step": 20, "max_steps": 30, "# + stopped) == .finished)
    #expect(state(#""log_history": [{"loss": 1"#) == .unreadable)
  }

  @Test func howManyEpochsThereAreToBeIsReadBesideALog() {
    folder.write(Array("epochs: 100\nlr0: 0.01\n".utf8), to: "args.yaml")
    #expect(run("results.csv", .table, "epoch,val/box_loss\n1,2\n2,1\n").totalEpochs == 100)
  }

  @Test func aConfigurationThatIsNoYAMLIsAProblemOfTheRun() {
    folder.write(Array("a: [1, 2\nb: }".utf8), to: "hparams.yaml")
    let run = run("metrics.csv", .table, "step,loss\n1,2\n2,1\n")
    #expect(run.steps("loss") == [1, 2] && run.configuration.isEmpty)
    #expect(run.problems.map(\.finding) == ["is no YAML, so that the run's configuration is not known"])
    #expect(self.run("empty.csv", .table, "step,loss\n").declaredState == nil, "the table itself is sound")
  }

  /// A state that was half written when it was looked at is read once it is whole.
  @Test func whatWasUnreadableIsReadOnceItIsWhole() {
    folder.write(Array(#"{"log_history": [{"loss": 1"#.utf8), to: "trainer_state.json")
    var log = OpenedLog(folder.path, .trainerState)
    log.readAll()
    #expect(log.run.declaredState == .unreadable)
    folder.write(Array(Self.state(1...5).utf8), to: "trainer_state.json")
    log.readAll()
    #expect(log.run.declaredState == nil && log.run.steps("train/loss") == [1, 2, 3, 4, 5] && log.run.problems.isEmpty)
  }

  @Test func whatCannotBeOpenedIsASentence() {
    folder.makeFolder("empty")
    folder.write(Array("hello\n".utf8), to: "a.txt")
    func sentence(_ name: String) -> String? {
      do throws(LogError) {
        _ = try LogDiscovery.logs(at: folder.path + "/" + name)
        return nil
      } catch {
        return error.description
      }
    }
    #expect(sentence("empty")?.contains("no logs in it or below it; looked for run folders") == true)
    #expect(sentence("a.txt")?.contains("no log of a known kind; known are run folders") == true)
    #expect(sentence("none") == "\(folder.path)/none: there is no such file or folder")
  }

  @Test func anUnreadableLogIsARunWithItsReason() {
    let run = OpenedLog.run(folder.path + "/gone.wandb", .wandb)
    #expect(run.declaredState == .unreadable)
    #expect(run.problems.first?.finding == "cannot be read: No such file or directory")
  }
}
