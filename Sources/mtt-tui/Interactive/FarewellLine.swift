import RunModel
import TrainingEvents

/// One line for the normal screen, once the dashboard is gone: where the run lies and how good it got.
enum FarewellLine {
  /// Nil for a run that never started.
  static func text(_ state: RunState) -> String? {
    guard let run = state.description else { return nil }
    var parts = ["\(run.name): step \(max(state.step, run.startStep)) of \(run.totalSteps)"]
    if let best = state.best {
      let accuracies = ModelTask.allCases.map { ("Acc\($0.rawValue)=", best.counts.accuracy($0)) }
      let figures = (accuracies + [("exact match ", best.exactMatch)])
        .compactMap { name, value in value.map { name + Format.fixed($0) } }
      parts.append("best dev at step \(best.step): \(figures.joined(separator: ", "))")
    }
    parts.append(run.directory)
    return parts.joined(separator: " · ")
  }
}
