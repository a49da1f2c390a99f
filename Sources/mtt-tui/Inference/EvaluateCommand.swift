public import ArgumentParser
import Foundation
public import TextData
import Training

/// `mtt-tui evaluate`: how good a trained model is on labelled sentences.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluate a trained model on labelled sentences.",
    discussion: """
      Accuracies count each class and each word's tag by itself (with a CRF, the largest logit); entities, exact \
      match and the tables of tags use the decoded tags. Entities are compared as seqeval does, in its default mode and strictly (IOB2). Labels that the \
      model does not know count as wrong.

      EXAMPLES:
        mtt-tui evaluate runs/first --data corpora/snips
        mtt-tui evaluate runs/first --data new.conll --errors wrong.html
        mtt-tui evaluate runs/first --split dev --checkpoint last --log-format json
        mtt-tui evaluate runs/first --calibrate --reject-precision 0.95

      The calibration error (ECE, 15 bins) says how far the probabilities that predict prints are from the share of \
      answers that are right. --calibrate makes it small: it fits one temperature a task to the sentences, which may \
      not be those trained on, and keeps it in the checkpoint's folder (calibration.json), where predict finds it; \
      answers stay the same. --reject-precision looks for the probability below which predict --reject should give no \
      class. Both take the dev split unless --split or --data names another.
      """)

  @OptionGroup var model: ModelArguments

  @Option(
    help: ArgumentHelp(
      "Folder of data as for training, or the split itself as a folder or file (default: the run's own data).",
      valueName: "path"),
    completion: .directory)
  var data: String?

  @OptionGroup var form: FormOptions

  @Option(help: ArgumentHelp("Which part of the data (default: test).", valueName: "name"))
  var split: SplitName?

  @Flag(help: "Fit the model's probabilities to these sentences, and keep that with the model.")
  var calibrate = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Find the threshold for predict --reject at which so large a share of the classes answered is right, such as 0.95.",
      valueName: "x"))
  var rejectPrecision: Double?

  @Option(help: ArgumentHelp("text for tables, json for one JSON object.", valueName: "name"))
  var logFormat = DisplayOptions.LogFormat.text

  @Option(
    help: ArgumentHelp(
      "Write every wrong sentence here, the surest mistakes first: text, or a page if the name ends in .html.",
      valueName: "file"),
    completion: .file())
  var errors: String?

  func validate() throws { try check("reject-precision", rejectPrecision, in: 0.01...1) }

  func run() throws {
    signal(SIGPIPE, SIG_IGN)  // a closed pipe is an error of the write that meets it
    let trained = try model.load()
    let source = try source(of: trained)
    let report = try Failures.reporting { () throws(RunFailure) in
      try ModelEvaluator(trained).evaluate(
        source, split: split ?? (calibrate || rejectPrecision != nil ? .dev : .test),
        reading: data == nil ? ReadingOptions(trained.runReading) : form.reading, errors: errors,
        calibrates: calibrate, precision: rejectPrecision)
    }
    for remark in report.remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
    if let rejectPrecision, report.rejection == nil {
      StandardStreams.writeError(
        "mtt-tui: No threshold reaches a precision of \(rejectPrecision) on these sentences.\n")
    }
    switch logFormat {
    case .json: try Failures.output(try Self.json(report))
    case .text: try Failures.output(EvaluationTable.text(report, errors: errors))
    }
  }

  private func source(of model: TrainedModel) throws -> TextData.DataOptions.Source {
    if let data { return .folder(data == "-" ? "/dev/stdin" : data) }
    switch model.runData {
    case .demo: return .demo
    case .folder(let path): return .folder(path)
    case .files(let train, let dev, let test): return .files(train: train, dev: dev, test: test)
    case nil: throw ValidationError("A checkpoint outside its run does not know its data: name them by --data.")
    }
  }

  private static func json(_ report: EvaluationReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }
}

extension SplitName: ExpressibleByArgument {}
