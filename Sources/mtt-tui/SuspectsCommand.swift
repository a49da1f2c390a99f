import ArgumentParser
import Formatting
import Glibc
import Paths
import RunFolder
import RunModel
import Training
import TrainingEvents

/// `mtt-tui suspects`: the train sentences of a run whose labels its training believed least.
struct SuspectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suspects",
    abstract: "List the train sentences whose labels training believed least: where errors in the data are.",
    discussion: """
      The margin is how far a label's logit was above the largest other one, as a mean over the epochs ('mtt-tui help \
      models'). Of a live run the list is that of its last whole epoch.

      EXAMPLES:
        mtt-tui suspects runs/first
        mtt-tui suspects runs/first --most 100 --jsonl suspects.jsonl
      """)

  @Argument(help: ArgumentHelp("A run's folder.", valueName: "run"), completion: .directory)
  var folder: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Sentences listed, the least believed first; 0 for all that are kept.", valueName: "n"))
  var most = 20

  @Option(
    help: ArgumentHelp(
      "Write them here instead, to be mended and trained on: a new file of JSON lines, or '-'.", valueName: "file"),
    completion: .file())
  var jsonl: String?

  func validate() throws { try check("most", most, in: 0...1_000_000) }

  func run() throws {
    let suspects = try Failures.reporting(read)
    let listed = most == 0 ? suspects.sentences : Array(suspects.sentences.prefix(most))
    guard let jsonl else {
      return try Failures.output(Self.text(suspects, listed))
    }
    let lines = listed.map(\.trainingLine).joined()
    if jsonl == "-" { return try Failures.output(lines) }
    try Failures.reporting { () throws(RunFailure) in try Self.write(lines, to: jsonl) }
    try Failures.output("\(jsonl): \(listed.count) \(listed.count == 1 ? "sentence" : "sentences")\n")
  }

  private func read() throws(RunFailure) -> EvaluationMistakes {
    do throws(RunFolderError) {
      _ = try RunManifest.read(folder: folder)
      if let found = try MistakeStore(runFolder: folder).readSuspects() { return found }
    } catch {
      throw RunFailure(exitCode: error.exitCode, error.description)
    }
    throw RunFailure(
      exitCode: 66,
      "\(folder): there are no suspects: no epoch is done yet, an earlier version trained, or there is one label alone."
    )
  }

  /// Writes a new file; one that is there already stays as it is.
  private static func write(_ text: String, to path: String) throws(RunFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    var isWritten = descriptor >= 0 && StandardStreams.write(text, to: descriptor)
    if descriptor >= 0, close(descriptor) != 0 { isWritten = false }
    guard isWritten else { throw RunFailure(exitCode: 73, SystemMessage.writing(path)) }
  }

  // MARK: - Text

  private static func text(_ suspects: EvaluationMistakes, _ listed: [Mistake]) -> String {
    let (wrong, judged) = (NumberText.grouped(suspects.wrong), NumberText.grouped(suspects.judged))
    let first =
      "After epoch \(suspects.epoch + 1): another label was believed more in \(wrong) of \(judged) train sentences; "
      + "the \(NumberText.grouped(listed.count)) least believed:\n"
    return first + listed.map { "\n" + text($0) }.joined()
  }

  /// Its number and margin, its doubtful labels, its words.
  private static func text(_ suspect: Mistake) -> String {
    let parts = [suspect.classMargin, suspect.tagMargin].compactMap(\.self).min() ?? 0
    var lines = ["sentence \(NumberText.grouped(suspect.number)), margin \(NumberText.fixed(parts, decimals: 2))"]
    if suspect.isClassWrong, let gold = suspect.goldClass, let believed = suspect.predictedClass {
      lines.append("  class \(gold), believed \(believed)")
    }
    for word in suspect.words.indices where suspect.isWrong(word: word) {
      lines.append(
        "  \(suspect.words[word]): \(suspect.goldTags[word] ?? "-"), believed \(suspect.predictedTags[word])")
    }
    return (lines + ["  " + suspect.words.joined(separator: " ")]).joined(separator: "\n") + "\n"
  }
}
