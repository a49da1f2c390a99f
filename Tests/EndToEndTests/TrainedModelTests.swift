import Foundation
import Testing

/// A trained model in use: `evaluate`, `predict` and `import` as a shell sees them.
@Suite struct TrainedModelTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
    let trained = try Program.run(
      ["--no-ui", "--data", "corpus", "--run-dir", "run", "--epochs", "2"] + Program.tiny, in: folder)
    try #require(trained.exitCode == 0, "\(trained.errors)")
  }

  /// Runs a shell line in which `$M` is the program.
  private func shell(_ line: String) throws -> Program.Result { try Program.shell(line, in: folder) }

  private func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  @Test func evaluationForPeopleAndPrograms() throws {
    let table = try shell("$M evaluate run --data corpus --split dev --threads 1 --errors wrong.txt")
    #expect(table.exitCode == 0 && table.output.contains("(best) of run") && table.output.contains("AccB"))
    #expect(folder.exists("wrong.txt"))
    let json = try shell("$M evaluate run --data corpus/dev --threads 1 --log-format json")
    let report = try #require(try objects(json.output).first)
    #expect(report["sentences"] as? Int == 16)
    for key in ["loss", "accuracy_a", "accuracy_b", "entity_precision", "entity_recall", "entity_f1", "exact_match"] {
      #expect(report[key] is Double, "\(key)")
    }
  }

  @Test func probabilitiesAreFittedAndImprobableClassesRejected() throws {
    let fitted = try shell("$M evaluate run --calibrate --reject-precision 0.5 --threads 1 --log-format json")
    let report = try #require(try objects(fitted.output).first)
    #expect(fitted.exitCode == 0 && report["split"] as? String == "dev", "\(fitted.errors)")
    #expect(report["calibration_error_b"] is Double && report["calibration_error_b_before"] is Double)
    #expect(folder.exists("run/checkpoints/best/calibration.json"))
    let table = try shell("$M evaluate run --split dev --threads 1")
    #expect(table.output.contains("ECE B") && table.output.contains("temperature"))
    let json = try shell("$M predict run --threads 1 --reject 1 'play word 1'")
    let answer = try #require(try objects(json.output).first)
    let rejected = try #require(answer["rejected"] as? [String: Any])
    #expect(answer["class"] is NSNull && answer["probability"] is NSNull && rejected["class"] is String)
    let text = try shell("$M predict run --threads 1 --reject 1 --format table 'play word 1'")
    #expect(text.output.contains("none (rejected: "))
    let columns = try shell("$M predict run --threads 1 --reject 1 --format conll 'play word 1'")
    #expect(columns.output.hasPrefix("# rejected: ") && !columns.output.contains("# intent"))
    for wrong in ["predict run --reject 1.5 x", "evaluate run --reject-precision 2"] {
      #expect(try shell("$M \(wrong)").exitCode == 64)
    }
  }

  @Test func suspectsAreListedAndTrainedOnAgain() throws {
    let list = try shell("$M suspects run --most 2")
    #expect(list.exitCode == 0 && list.output.hasPrefix("After epoch 2: another label was believed more in "))
    #expect(list.output.components(separatedBy: "\nsentence ").count == 3 && list.output.contains(", believed "))
    let written = try shell("$M suspects run --most 3 --jsonl suspects.jsonl")
    #expect(written.output == "suspects.jsonl: 3 sentences\n")
    let lines = try shell("$M suspects run --most 3 --jsonl -").output
    let file = try String(contentsOfFile: folder["suspects.jsonl"], encoding: .utf8)
    #expect(try objects(lines).count == 3 && lines == file)
    let again = try Program.run(
      ["--no-ui", "--train", "suspects.jsonl", "--run-dir", "again", "--epochs", "1"] + Program.tiny, in: folder)
    #expect(again.exitCode == 0 && again.errors.contains("train 3 sentences"), "\(again.errors)")
    #expect(try shell("$M suspects run --jsonl suspects.jsonl").exitCode == 73, "nothing is written over")
    #expect(try shell("$M suspects corpus").exitCode == 66)
    let fewer = try shell("$M suspects run --most -1")
    #expect(fewer.exitCode == 64 && fewer.errors.contains("--most is -1, but must lie between 0 and"))
    #expect(try shell("rm run/mistakes/suspects.json && $M suspects run").errors.contains("there are no suspects"))
  }

  /// What `predict --format conll` prints, training reads word for word, whatever the words are.
  @Test func predictedColumnsAreReadAgain() throws {
    let long = (1...160).map { "w\($0)" }.joined(separator: " ")
    let lines = [
      "#NowPlaying: some jazz", "-DOCSTART- is a mark", "a -DOCSTART-", "plain text", "", "#class:Foo bar",
      "-DOCSTART-",
      "# intent: x", "1 2 3", long, "10\u{A0}km", "go \u{301}on \u{2764} \u{FE0F}", "\u{FEFF}call anna",
    ]
    try folder.write("lines.txt", lines.joined(separator: "\n") + "\n")
    let predicted = try shell("$M predict run --threads 1 --pre-split --format conll < lines.txt > out.conll")
    #expect(try !folder.text("out.conll").unicodeScalars.contains("\u{FEFF}"))
    #expect(predicted.exitCode == 0 && predicted.errors.contains("of 160 words are beyond the maximum length"))
    let blocks = try folder.text("out.conll").components(separatedBy: "\n\n")
    #expect(blocks.count == lines.count + 1, "a block a line")
    let imported = try shell("$M import conll out.conll again")
    #expect(imported.exitCode == 0, "\(imported.errors)")
    let words = lines.filter { !$0.isEmpty }.map {
      $0.unicodeScalars.filter { $0 != "\u{FEFF}" }.split(whereSeparator: \.properties.isWhitespace)
        .map { String($0) }.joined(separator: " ")
    }
    #expect(try folder.text("again/seq.in") == words.joined(separator: "\n") + "\n")
    let tags = try folder.text("again/seq.out").split(separator: "\n")
    #expect(tags.contains { $0.hasSuffix(" _ _") }, "words that were not read teach nothing")
    // Where no class announces a sentence either.
    let rejected = try shell(
      "$M predict run --threads 1 --pre-split --reject 1 --format conll < lines.txt > none.conll && "
        + "$M import conll none.conll without")
    #expect(rejected.exitCode == 0, "\(rejected.errors)")
    #expect(try folder.text("without/seq.in") == folder.text("again/seq.in"))
    #expect(!folder.exists("without/label"))
    let known = try shell("printf '\\357\\273\\277plain text\\n' | $M predict run --threads 1")
    #expect(try #require(try objects(known.output).first)["text"] as? String == "plain text")
  }

  @Test func mistakesHaveTheirExitCodes() throws {
    try folder.write("mine.conll", "# intent: X\na O\n")
    let cases: [(String, Int32)] = [
      ("evaluate nowhere --data corpus", 66), ("evaluate run --data nowhere", 66),
      ("evaluate run --data corpus", 66),  // there is no test split
      ("evaluate run --data corpus --split dev --checkpoint 999", 66),
      ("evaluate run --data corpus --split dev --errors no/such/place", 73), ("evaluate", 64),
      ("evaluate run --split never", 64), ("predict nowhere x", 66), ("predict run --format xml x", 64),
      ("import conll nowhere out", 66), ("import jsonl corpus/train/seq.in out", 65), ("import xml a b", 64),
      ("import conll mine.conll no/such/place", 73),
    ]
    for (arguments, code) in cases {
      let result = try shell("$M \(arguments)")
      #expect(result.exitCode == code, "\(arguments): \(result.errors)")
      #expect(result.output.isEmpty && !result.errors.isEmpty)
    }
    #expect(!folder.exists("out"))
    _ = try shell("printf garbage >> run/checkpoints/best/model.safetensors")
    let damaged = try shell("$M predict run x")
    #expect(damaged.exitCode == 65 && damaged.errors.contains("model.safetensors"))
  }

  @Test func predictsLinesInOrderAsTheyCome() throws {
    let many = try shell("for i in 1 2 3 4 5; do echo \"word $i\"; echo; done | $M predict run --threads 1")
    let answers = try objects(many.output)
    #expect(many.exitCode == 0 && answers.count == 10)
    #expect(answers.compactMap { $0["text"] as? String } == (1...5).flatMap { ["word \($0)", ""] })
    // The second line is only asked once the first is answered.
    let dialogue = try shell(
      "mkfifo ask answer; $M predict run --threads 1 < ask > answer 2>/dev/null & exec 3> ask 4< answer; "
        + "echo one >&3; read a <&4; echo two >&3; read b <&4; echo \"$a\"; echo \"$b\"; exec 3>&-; wait")
    #expect(try objects(dialogue.output).compactMap { $0["text"] as? String } == ["one", "two"])
    let columns = try shell("$M predict run --threads 1 --format conll --pre-split 'a b, c'")
    let rows = columns.output.split(separator: "\n").dropFirst()
    let words = rows.compactMap { $0.split(separator: "\t").first }
    #expect(words == ["a", "b,", "c"])
    let bad = try shell("printf 'fine\\n\\377\\n' | $M predict run")
    #expect(bad.exitCode == 65 && bad.errors.contains("line 2"))
  }

  @Test func aReaderThatLeavesIsNoCrash() throws {
    let result = try shell("{ yes word | head -20000 | $M predict run --threads 1; echo $? >&2; } | head -1")
    #expect(result.lines.count == 1 && result.errors.hasSuffix("\n0\n"), "\(result.errors)")
    let full = try shell("$M predict run --threads 1 x > /dev/full")
    #expect(full.exitCode == 73)
  }

  @Test func importedDataTrain() throws {
    try folder.write("mine.conll", "# intent: Make Update\nset B-x\nit O\n\n# intent: Other\ngo O\n")
    let result = try shell("$M import conll mine.conll corpus2 && ls corpus2 && cat corpus2/label")
    #expect(result.exitCode == 0 && result.lines == ["label", "seq.in", "seq.out", "Make Update", "Other"])
  }
}
