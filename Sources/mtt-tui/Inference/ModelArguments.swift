import ArgumentParser
import Training

/// Which trained model to use, and how.
struct ModelArguments: ParsableArguments {
  @Argument(
    help: ArgumentHelp("A run's folder, a checkpoint's, or one exported with --format hf.", valueName: "run"),
    completion: .directory)
  var run: String

  @Option(
    help: ArgumentHelp(
      "The run's checkpoint: best, last, or one by its name or step (default: best).", valueName: "name"))
  var checkpoint: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Worker threads; 0 for one a core.", valueName: "n"))
  var threads = 0

  func validate() throws {
    try check("threads", threads)
  }

  /// Loads the model; its failure is reported on standard error and ends the process with its exit code.
  func load() throws -> TrainedModel {
    try Failures.reporting { () throws(RunFailure) in
      try TrainedModel(run, checkpoint: checkpoint, threads: threads)
    }
  }
}
