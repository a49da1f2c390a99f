public import TrainingEvents

extension RunState {
  /// The tasks that the data have; all until that is known.
  public var tasks: [ModelTask] {
    guard let description else { return ModelTask.allCases }
    let present = ModelTask.allCases.filter { !description.labels($0).isEmpty }
    return present.isEmpty ? ModelTask.allCases : present
  }

  /// A task label by label, as dev last showed it.
  public func breakdown(_ task: ModelTask) -> TaskBreakdown? { brokenDown?.breakdowns[task] }

  /// The last evaluation that was counted label by label.
  public var brokenDown: EvaluationRecord? { evaluations.last(where: \.isBrokenDown) }
}

extension EvaluationRecord {
  /// Whether it was counted label by label.
  var isBrokenDown: Bool { ModelTask.allCases.contains { breakdowns[$0] != nil } }
}
