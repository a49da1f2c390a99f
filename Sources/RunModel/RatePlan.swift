public import TrainingEvents

/// The learning rate of steps that are still to come: the run's schedule, as high as steering has set it.
public struct RatePlan: Hashable, Sendable {
  private let schedule: LearningRateSchedule
  private var scale = 1.0

  public var totalSteps: Int { schedule.totalSteps }

  /// Nil for a run of unknown length.
  ///
  /// `earlier`: the plan before a resume, whose steering still holds.
  public init?(_ run: RunDescription, after earlier: RatePlan? = nil) {
    guard run.totalSteps > 0 else { return nil }
    if let earlier { scale = earlier.scale }
    let it = run.configuration
    schedule = LearningRateSchedule(
      peak: it.learningRate, totalSteps: run.totalSteps, warmup: it.warmup, shape: it.schedule)
  }

  public mutating func note(_ record: StepRecord) { set(record.learningRate, at: record.step) }

  public mutating func note(_ change: ParameterChange) {
    if change.parameter == .learningRate { set(change.new, at: change.step.addingReportingOverflow(1).partialValue) }
  }

  private mutating func set(_ rate: Double, at step: Int) {
    guard step > 0, step <= totalSteps else { return }
    let share = rate / schedule.rate(step: step)
    if share.isFinite, share >= 0 { scale = share }
  }

  /// The rate that a step will have.
  public func rate(step: Int) -> Double { schedule.rate(step: max(1, min(step, totalSteps))) * scale }
}

extension RunState {
  /// The learning rate over the whole run in so many columns: what it was, then what it will be; and the column of now.
  public func rates(columns count: Int) -> (values: [Double], now: Int)? {
    guard count > 0, let plan, lastStep != nil || description?.resumedFrom != nil else { return nil }
    let end = Double(max(plan.totalSteps, newestStep))
    let past = learningRate.columns(count, from: 0.5, to: end + 0.5)
    let now = min(count - 1, max(0, Int(Double(max(0, step - 1)) / end * Double(count))))
    let values = (0..<count).map { column in
      if column <= now, past[column].count > 0 { return past[column].mean }
      let middle = ((Double(column) + 0.5) / Double(count) * end).rounded()
      return plan.rate(step: Int(min(max(middle, 1), 1e15)))
    }
    return (values, now)
  }
}
