import Foundation
import Testing

/// Every mistake gives one sentence on standard error, its exit code, and nothing half-written.
@Suite struct BadInputTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  private func expect(
    _ arguments: [String], exitCode: Int32, says: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program.run(["--no-ui"] + arguments, in: folder)
    #expect(result.exitCode == exitCode, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    for text in says { #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: sourceLocation) }
    #expect(!folder.exists("runs"), sourceLocation: sourceLocation)
  }

  @Test func options() throws {
    try expect(["--hiden", "3"], exitCode: 64, says: "--hiden", "--hidden")
    try expect(["--epochs", "0"], exitCode: 64, says: "--epochs is 0")
    try expect(["--epochs", "three"], exitCode: 64, says: "three")
    try expect(["--learning-rate", "nan"], exitCode: 64, says: "--learning-rate")
    try expect(["--hidden", "30", "--heads", "4"], exitCode: 64, says: "--hidden 30", "--heads 4")
    try expect(["--schedule", "sine"], exitCode: 64, says: "cosine")
    try expect(["--data", "corpus", "--train", "x"], exitCode: 64, says: "--data")
    try expect(["--dev", "x"], exitCode: 64, says: "--train")
    try expect(["--train", "--dev", "x"], exitCode: 64, says: "--train")
    try expect(["--data", "corpus", "--class-weights", "even"], exitCode: 64, says: "balanced")
    try expect(["--data", "corpus", "--piece-dropout", "0.1"], exitCode: 64, says: "--tokenizer wordpiece")
    try expect(["--data", "corpus", "--unfreeze-every", "0"], exitCode: 64, says: "--unfreeze-every is 0")
    try expect(
      ["--data", "corpus", "--unfreeze-every", "1", "--freeze", "encoder"], exitCode: 64, says: "leave one of them out")
    try expect(["--theme", "no-such-theme"], exitCode: 64, says: "no-such-theme", "midnight")
    try expect(["--pad-to", "8"], exitCode: 64, says: "--pad-to 8", "--max-length 128")
    try expect(["--weight-a", "0", "--weight-b", "0"], exitCode: 64, says: "--weight-a")
    try expect(["--resume", "x", "--hidden", "8"], exitCode: 64, says: "--hidden")
    try expect(["--accept-changed-data"], exitCode: 64, says: "--resume")
    try expect(["--run-dir", ""], exitCode: 64, says: "--run-dir is empty")
    try expect(["--ui", "--log-format", "json"], exitCode: 64, says: "leave one of them out")
    try expect(["--checkpoint-minutes", "-1"], exitCode: 64, says: "--checkpoint-minutes is -1")
    try expect(["--seed", "-1"], exitCode: 64, says: "'-1'", "a whole number from 0 to")
    try expect(["--folds", "-2"], exitCode: 64, says: "--folds is -2")
  }

  @Test(arguments: ["help", "help data", "help train", "themes", "bench --hidden 16 --layers 1 --steps 1", "runs ."])
  func resultsThatCannotBeWritten(_ command: String) throws {
    let result = try Program.shell("$M \(command) > /dev/full", in: folder)
    #expect(result.exitCode == 73)
    #expect(result.errors.contains("standard output: cannot be written: No space left on device"))
  }

  @Test func missingData() throws {
    try expect(["--data", "nowhere"], exitCode: 66, says: "nowhere")
    try expect(["--train", "nowhere.conll"], exitCode: 66, says: "nowhere.conll")
    try expect(["--resume", "nowhere"], exitCode: 66, says: "nowhere")
  }

  @Test func malformedData() throws {
    try folder.write("corpus/train/label", "flight\n")
    try expect(["--data", "corpus"], exitCode: 65, says: "label")
  }

  @Test func wordsAndTagsThatDiffer() throws {
    var tags = try folder.text("corpus/train/seq.out").split(separator: "\n").map(String.init)
    tags[6] = "O"
    try folder.write("corpus/train/seq.out", tags.joined(separator: "\n") + "\n")
    try expect(["--data", "corpus"], exitCode: 65, says: "seq.out:7")
  }

  /// Root may write anywhere, but not below a file.
  @Test func runFolderThatCannotBeMade() throws {
    try folder.write("file", "")
    try expect(["--data", "corpus", "--run-dir", folder["file/run"]], exitCode: 73, says: folder["file"])
    #expect(try folder.text("file").isEmpty)
  }

  @Test(arguments: [
    ("hiden: 3\n", 64, ":1: ", "--hidden"),
    ("epochs: 3\n\nbatch-size: -1\n", 64, ":3: ", "--batch-size"),
    ("epochs: 3\nepochs: 4\n", 65, ":2: ", "second time"),
    ("epochs:\n  a: 1\n", 65, ":1: ", "nested"),
    ("- epochs\n", 65, ":1: ", "option: value"),
    ("name:\n", 64, ":1: ", "no value"),
    ("config: other.yaml\n", 64, ":1: ", "config"),
    ("lowercase: perhaps\n", 64, ":1: ", "true or false"),
    ("epochs: 3\nlowercase:\n", 64, ":2: ", "true or false"),
    ("epochs: 3\nno-ui: perhaps\nhidden: 0\n", 64, ":2: ", "true or false"),
    ("epochs: [1\n", 65, "", "YAML"),
  ])
  func configurationFile(text: String, exitCode: Int32, place: String, says: String) throws {
    try folder.write("run.yaml", text)
    try expect(["--config", "run.yaml"], exitCode: exitCode, says: "run.yaml\(place)", says)
  }

  @Test func missingConfigurationFile() throws {
    try expect(["--config", "nowhere.yaml"], exitCode: 66, says: "nowhere.yaml")
  }
}
