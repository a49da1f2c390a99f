import ArgumentParser
import Training

/// What `mtt-tui export` writes: a model, or the points of a run's curves.
enum ExportFormat: String, CaseIterable, ExpressibleByArgument {
  case hf, onnx, csv, jsonl, tensorboard
}

/// `mtt-tui export`: a trained model, or the points of a run's curves, for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model, or a run's curves, in a form that other programs read.",
    discussion: """
      hf: a folder that transformers opens (AutoModel, AutoTokenizer) with both heads in heads.safetensors; for encoders \
      of BERT's shape (--encoder, --preset bert). onnx: one graph from token ids to both heads' logits; for any run. \
      Either has the tokenizer, the labels and a model card beside it. The best checkpoint is taken, or the last where \
      nothing was evaluated.

      csv, jsonl: every point of the run's curves, into a new file or '-' for standard output. tensorboard: an event file \
      in a folder. These take the logs of other programs too, as 'mtt-tui view' does.

      EXAMPLES:
        mtt-tui export runs/first --format hf models/first
        mtt-tui export runs/first --checkpoint last --format onnx models/newest
        mtt-tui export runs/first --format csv curves.csv
      """)

  @Argument(
    help: ArgumentHelp("The run's folder, or a checkpoint's; a log, for its curves.", valueName: "run"),
    completion: .directory)
  var model: String

  @Option(
    help: ArgumentHelp(
      "The run's checkpoint: best, last, or one by its name or step (default: best).", valueName: "name"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("hf or onnx for a model; csv, jsonl or tensorboard for curves.", valueName: "name"))
  var format: ExportFormat

  @Argument(
    help: ArgumentHelp("What to write: a folder, new or empty, or a new file.", valueName: "path"),
    completion: .directory)
  var folder: String

  func run() throws {
    guard let format = ModelExport.Format(rawValue: format.rawValue) else { return try exportCurves() }
    let sentence = try Failures.reporting { () throws(RunFailure) in
      try ModelExport.write(format, of: model, checkpoint: checkpoint, to: folder)
    }
    try Failures.output(sentence + "\n")
  }

  private func exportCurves() throws {
    guard let format = LogExport.Format(rawValue: format.rawValue) else { return }
    if checkpoint != nil { throw ValidationError("--checkpoint is for models; curves are the whole run's.") }
    let count = try Failures.reporting { () throws(RunFailure) in try LogExport.write(format, of: model, to: folder) }
    if folder != "-" { try Failures.output("\(folder): \(count) points\n") }
  }
}
