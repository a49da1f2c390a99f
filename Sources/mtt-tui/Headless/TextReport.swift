import TrainingEvents

/// The plain lines of `--no-ui`.
enum TextReport {
  /// What goes to standard output: a line at each epoch's end and one for each evaluation on dev or test.
  static func lines(for event: TrainingEvent) -> [String] {
    switch event {
    case .epochCompleted(let epoch):
      [line("Epoch", epoch.epoch, loss: epoch.averageLoss, counts: epoch.counts)]
    case .evaluated(let evaluation):
      [line(name(of: evaluation.split), evaluation.epoch, loss: evaluation.loss, counts: evaluation.counts)]
    default: []
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

  private static func line(_ what: String, _ epoch: Int, loss: Double, counts: MetricCounts) -> String {
    "\(what) \(epoch): Loss=\(Format.fixed(loss)), AccA=\(Format.fixed(counts.accuracyA)), "
      + "AccB=\(Format.fixed(counts.accuracyB))"
  }

  private static func name(of split: DataSplit) -> String {
    switch split {
    case .train: "Train"
    case .dev: "Dev"
    case .test: "Test"
    }
  }
}
