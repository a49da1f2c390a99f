import ArgumentParser
import Glibc
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

  @Option(help: ArgumentHelp("Worker threads; 0 for one a core.", valueName: "n"))
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

/// Failures of the commands that use a trained model.
enum Failures {
  /// Runs `body`; its failure goes to standard error as a sentence and becomes the exit code.
  static func reporting<Result>(_ body: () throws(RunFailure) -> Result) throws -> Result {
    do throws(RunFailure) {
      return try body()
    } catch {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(error.exitCode)
    }
  }

  /// Writes a result to standard output. A reader that has gone ends the process quietly, a full disk with exit code 73.
  static func output(_ text: String) throws {
    if StandardStreams.writeOutput(text) { return }
    let code = errno
    if code == EPIPE { throw ExitCode.success }
    StandardStreams.writeError("mtt-tui: standard output: cannot be written: \(String(cString: strerror(code)))\n")
    throw ExitCode(73)
  }
}
