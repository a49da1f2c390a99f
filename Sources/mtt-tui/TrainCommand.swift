import ArgumentParser
import Dashboard
import Training
import TrainingEvents

/// `mtt-tui train`: a new run or the rest of an old one, on the dashboard or as plain lines.
struct TrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model (the default command).",
    discussion: """
      Keys in the dashboard: p or space pauses and resumes, c writes a checkpoint, q asks how to stop, ? shows all.

      EXIT CODES:
        0   done                            73  cannot write
        64  wrong usage                     75  stopped early; the message says
        65  bad data                            how to go on
        66  no such input                   76  diverged
        70  internal error                  128+n  ended by signal n, once a
                                                   checkpoint is safe

      EXAMPLES:
        mtt-tui train --data corpora/snips --hidden 256 --layers 4 --epochs 10
        mtt-tui train --no-ui --log-format json --run-dir runs/first > metrics.jsonl
        mtt-tui train --resume runs/first --epochs 20
      """)

  @OptionGroup var options: TrainOptions

  @MainActor
  func run() async throws {
    let options: TrainOptions
    do {
      options = try TrainOptions.resolve(arguments: Self.ownArguments(CommandLine.arguments))
    } catch let error as ConfigurationError {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      throw ExitCode(error.exitCode)
    }
    let start: TrainingEngine.Start =
      if let folder = options.run.resume {
        .resume(directory: folder, epochs: options.optimization.epochs, threads: options.loop.threads)
      } else {
        .new(options.configuration)
      }
    throw ExitCode(try await Self.train(start, display: options.display))
  }

  /// What follows the program's name and the command's.
  static func ownArguments(_ arguments: [String]) -> [String] {
    let rest = Array(arguments.dropFirst())
    return rest.first == configuration.commandName ? Array(rest.dropFirst()) : rest
  }

  /// Runs the session to its end and returns the exit code.
  @MainActor
  private static func train(_ start: TrainingEngine.Start, display: DisplayOptions) async throws -> Int32 {
    let headless = HeadlessSession(format: display.logFormat ?? .text)
    return await headless.run(TrainingEngine(start))
  }
}
