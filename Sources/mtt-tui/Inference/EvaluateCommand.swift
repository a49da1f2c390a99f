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
      """)

  @OptionGroup var model: ModelArguments

  @Option(
    help: ArgumentHelp(
      "Folder of data as for training, or the split itself as a folder or file (default: the run's own data).",
      valueName: "path"),
    completion: .directory)
  var data: String?

  @OptionGroup var form: FormOptions

  @Option(help: ArgumentHelp("Which part of the data.", valueName: "name"))
  var split = SplitName.test

  @Option(help: ArgumentHelp("text for tables, json for one JSON object.", valueName: "name"))
  var logFormat = DisplayOptions.LogFormat.text

  @Option(
    help: ArgumentHelp(
      "Write every wrong sentence here, the surest mistakes first: text, or a page if the name ends in .html.",
      valueName: "file"),
    completion: .file())
  var errors: String?

  func run() throws {
    signal(SIGPIPE, SIG_IGN)  // a closed pipe is an error of the write that meets it
    let trained = try model.load()
    let source = try source(of: trained)
    let report = try Failures.told { () throws(RunFailure) in
      try ModelEvaluator(trained).evaluate(
        source, split: split, reading: data == nil ? ReadingOptions(trained.runReading) : form.reading, errors: errors)
    }
    for remark in report.remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
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
