import ArgumentParser
import Paths
import RunFolder
import Training
import TrainingEvents

/// `mtt-tui train --folds N`: one recipe trained N times, each time without another part of the data, on which that
/// model is then tested.
///
/// The runs follow one another in this process and are runs like any: `attach` shows the present one, `view` all.
@MainActor
struct FoldTraining {
  private let plan: FoldPlan
  private let folder: String
  private let format: DisplayOptions.LogFormat

  /// Begins, or goes on; the exit code.
  static func run(_ options: TrainOptions) async -> Int32 {
    do throws(RunFolderError) {
      return try await FoldTraining(options).run()
    } catch {
      StandardStreams.writeError("mtt-tui: \(error)\n")
      return error.exitCode
    }
  }

  private init(_ options: TrainOptions) throws(RunFolderError) {
    format = options.display.logFormat ?? .text
    if let resumed = options.run.resume {
      folder = absolutePath(resumed)
      plan = try FoldPlan.read(folder)
    } else {
      let configuration = options.configuration
      plan = FoldPlan(options.run.folds ?? 0, of: configuration)
      let name = configuration.name ?? Self.dataName(plan.configuration.source)
      folder = try plan.write(to: configuration.runDirectory, name: "\(name)-folds")
    }
  }

  private static func dataName(_ source: RunConfiguration.Source) -> String {
    guard case .files(let train, _, _) = source else { return "demo" }
    return train.first?.split(separator: "/").last.map(String.init) ?? "data"
  }

  private func run() async throws(RunFolderError) -> Int32 {
    for number in 1...plan.count {
      let own = FoldPlan.folder(ofFold: number, in: folder)
      guard let start = try start(ofFold: number, in: own) else {
        say("Fold \(number) of \(plan.count) is trained already: \(own)")
        continue
      }
      say("Fold \(number) of \(plan.count): \(own)")
      let code = await TrainCommand.trainInLines(start, format: format)
      guard code == 0 else {
        say("The folds end with fold \(number) of \(plan.count); go on with --resume \(folder)")
        return code
      }
    }
    var figures: [EvaluationRecord?] = []
    for number in 1...plan.count {
      figures.append(
        try RunMetrics.lastEvaluation(on: .test, ofRunIn: FoldPlan.folder(ofFold: number, in: folder)))
    }
    let table = FoldTable(folds: figures)
    guard StandardStreams.writeOutput(format == .json ? table.json(folder: folder) : table.text) else { return 73 }
    return 0
  }

  /// What is to be done for a fold; nil where its run is finished.
  private func start(ofFold number: Int, in own: String) throws(RunFolderError) -> TrainingEngine.Start? {
    guard isThere(own + "/" + RunManifest.fileName) else {
      return .new(plan.configuration(ofFold: number, in: folder))
    }
    let overview = try RunOverview(folder: own)
    if overview.state == .finished, !overview.isLive { return nil }
    return .resume(directory: own, epochs: nil, threads: nil)
  }

  private func say(_ sentence: String) { StandardStreams.writeError("mtt-tui: \(sentence)\n") }
}
