public import TrainingEvents

/// One of a model's two tasks: a class for the sentence, and a tag for each word.
public enum RunTask: String, Hashable, Sendable, CaseIterable {
  case a = "A"
  case b = "B"

  /// The share that is right, in 0...1; nil where nothing of the task is labelled.
  public func accuracy(_ counts: MetricCounts) -> Double? {
    self == .a ? counts.accuracyA : counts.accuracyB
  }

  public func loss(_ record: EvaluationRecord) -> Double? { self == .a ? record.lossA : record.lossB }

  public func breakdown(_ record: EvaluationRecord) -> TaskBreakdown? {
    self == .a ? record.breakdownA : record.breakdownB
  }

  /// How many labels the task has in a run's data.
  public func labels(_ run: RunDescription) -> Int { self == .a ? run.sentenceClasses.count : run.tags.count }
}

extension RunState {
  /// The tasks that the data have; both until that is known.
  public var tasks: [RunTask] {
    guard let description else { return RunTask.allCases }
    let present = RunTask.allCases.filter { $0.labels(description) > 0 }
    return present.isEmpty ? RunTask.allCases : present
  }

  public func series(_ task: RunTask) -> SmoothedSeries { task == .a ? taskA : taskB }

  /// A task label by label, as dev last showed it.
  public func breakdown(_ task: RunTask) -> TaskBreakdown? { brokenDown.flatMap { task.breakdown($0) } }

  /// The last evaluation that was counted label by label.
  public var brokenDown: EvaluationRecord? {
    evaluations.last { $0.breakdownA != nil || $0.breakdownB != nil }
  }
}
