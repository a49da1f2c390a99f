import TrainingEvents

/// One line for the normal screen, once the dashboard is gone: where the run lies and how good it got.
struct RunSummary {
  private var run: RunDescription?
  private var best: EvaluationRecord?
  private var lastStep = 0

  mutating func note(_ event: TrainingEvent) {
    switch event {
    case .runStarted(let description):
      run = description
      best = description.best?.record
    case .stepsCompleted(let steps): lastStep = steps.last?.step ?? lastStep
    case .evaluated(let evaluation) where evaluation.split == .dev && evaluation.isBest: best = evaluation
    default: break
    }
  }

  /// Nil for a run that never started.
  var line: String? {
    guard let run else { return nil }
    var parts = ["\(run.name): step \(max(lastStep, run.startStep)) of \(run.totalSteps)"]
    if let best {
      let figures = [
        ("AccA=", best.counts.accuracyA), ("AccB=", best.counts.accuracyB), ("exact match ", best.exactMatch),
      ].compactMap { name, value in value.map { name + Format.fixed($0) } }
      parts.append("best dev at step \(best.step): \(figures.joined(separator: ", "))")
    }
    parts.append(run.directory)
    return parts.joined(separator: " · ")
  }
}
