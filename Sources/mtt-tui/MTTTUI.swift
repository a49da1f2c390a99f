import ArgumentParser
import Distributed
import Foundation
import Glibc
import HelpTopics
import Training
import TrainingEvents

/// The program: its commands, and `train` when none is named.
@main
struct MTTTUI: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mtt-tui",
    abstract: "Train a model that classifies a sentence and tags its words, and watch it learn in the terminal.",
    discussion: """
      Without a command it trains; with no options at all on a demo corpus that is built in.

      EXAMPLES:
        mtt-tui                                  watch the demo corpus being learned
        mtt-tui --data corpora/snips --epochs 5  train on a folder
        mtt-tui --train a.conll --dev b.conll    train on single files
        mtt-tui --no-ui --data corpora/snips     plain lines, no dashboard
        mtt-tui --resume runs/first              go on with an earlier run
        mtt-tui attach runs/first                watch a run that is being trained
        mtt-tui view runs/first                  look at any run, live or not
        mtt-tui view runs lightning_logs         compare runs, and logs of others

      Every option of training: mtt-tui train --help
      The manual: mtt-tui help TOPIC, with topics \
      \(HelpTopic.all.map(\.name).joined(separator: ", ")).
      """,
    version: Program.version,
    subcommands: [
      TrainCommand.self, AttachCommand.self, RunsCommand.self, ViewCommand.self, ExportCommand.self,
      EvaluateCommand.self, SuspectsCommand.self, PredictCommand.self, ImportCommand.self, BenchCommand.self,
      ThemesCommand.self, HelpCommand.self, EngineCommand.self,
    ],
    defaultSubcommand: TrainCommand.self)

  static func main() async {
    SignalSources.unblockAll()
    StandardStreams.open()
    if let problem = RuntimeNeeds.problem() {
      StandardStreams.writeError("mtt-tui: \(problem)\n")
      Glibc.exit(70)
    }
    if let problem = Instructions.problem {
      StandardStreams.writeError("mtt-tui: \(problem)\n")
      Glibc.exit(64)
    }
    let arguments = Array(Arguments.all.dropFirst())
    // One of several processes is enough to say what is wrong with the command line of all.
    if Launcher(environment: ProcessInfo.processInfo.environment).map({ $0.rank > 0 }) ?? false {
      do {
        _ = try parseAsRoot(arguments)
      } catch {
        Glibc.exit(exitCode(for: error).rawValue)
      }
    }
    await main(arguments)
  }
}
