import TrainingEvents

/// The plain lines of `--no-ui`.
struct TextReport {
  /// The run that the lines are about; nil before it has begun.
  private var run: RunDescription?

  mutating func note(_ event: TrainingEvent) {
    if case .runStarted(let run) = event { self.run = run }
  }

  /// What goes to standard output: a line at each epoch's end and one for each evaluation on dev or test.
  func lines(for event: TrainingEvent) -> [String] {
    switch event {
    case .epochCompleted(let epoch):
      // An epoch without an applied update has nothing to count, but its tasks are there.
      let missing = Double.nan
      return [
        line(
          "Epoch", epoch.epoch, loss: epoch.averageLoss,
          PerTask { run?.labels($0).isEmpty == true ? nil : epoch.counts.accuracy($0) ?? missing })
      ]
    case .evaluated(let evaluation):
      return [
        line(
          Self.name(of: evaluation.split), evaluation.epoch, loss: evaluation.loss,
          PerTask { evaluation.counts.accuracy($0) })
      ]
    default: return []
    }
  }

  /// What goes to standard error: log lines, alerts and checkpoints.
  static func remark(for event: TrainingEvent) -> String? {
    switch event {
    case .log(let line), .alert(let line):
      switch line.level {
      case .info: line.text
      case .warning: "warning: \(line.text)"
      case .error: "error: \(line.text)"
      }
    case .checkpointWritten(let checkpoint):
      "Checkpoint at step \(checkpoint.step)\(checkpoint.isBest ? ", the best so far" : ""): \(checkpoint.path)"
    case .parameterChanged(let change):
      "\(change.parameter.rawValue) is \(change.new) (was \(change.old)) from step \(change.step + 1) on"
    default: nil
    }
  }

  /// A line with those of the figures that exist.
  private func line(_ what: String, _ number: Int, loss: Double?, _ accuracies: PerTask<Double?>) -> String {
    let all = [("Loss", loss)] + ModelTask.allCases.map { ("Acc" + $0.rawValue, accuracies[$0]) }
    let figures = all.compactMap { name, value in
      value.map { "\(name)=\(Format.fixed($0))" }
    }
    return "\(what) \(number): " + figures.joined(separator: ", ")
  }

  private static func name(of split: DataSplit) -> String {
    switch split {
    case .train: "Train"
    case .dev: "Dev"
    case .test: "Test"
    }
  }
}
