import ArgumentParser
import Training

/// `mtt-tui export`: a trained model for other programs.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model in a form that other programs read.",
    discussion: """
      hf: a folder that transformers opens (AutoModel, AutoTokenizer) with both heads in heads.safetensors; for encoders
      of BERT's shape (--encoder, --preset bert). onnx: one graph from token ids to both heads' logits; for any run.
      Either has the tokenizer, the labels and a model card beside it. The best checkpoint is taken, or the last where
      nothing was evaluated.

      EXAMPLES:
        mtt-tui export runs/first --format hf models/first
        mtt-tui export runs/first --checkpoint last --format onnx models/newest
      """)

  @Argument(help: ArgumentHelp("The run's folder, or a checkpoint's.", valueName: "run"), completion: .directory)
  var model: String

  @Option(
    help: ArgumentHelp(
      "The run's checkpoint: best, last, or one by its name or step (default: best).", valueName: "name"))
  var checkpoint: String?

  @Option(help: ArgumentHelp("hf or onnx.", valueName: "name"))
  var format: ModelExport.Format

  @Argument(help: ArgumentHelp("Folder to write; must be new or empty.", valueName: "dir"), completion: .directory)
  var folder: String

  func run() throws {
    let sentence = try Failures.told { () throws(RunFailure) in
      try ModelExport.write(format, of: model, checkpoint: checkpoint, to: folder)
    }
    try Failures.output(sentence + "\n")
  }
}
