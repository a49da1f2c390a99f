public import TrainingEvents

/// What charts show of an evaluation: a value without references, of which a frame may look at thousands.
public struct EvaluationPoint: Hashable, Sendable {
  public let step: Int
  public let epoch: Int
  public let loss: Double?
  public let losses: PerTask<Double?>
  public let counts: MetricCounts

  public init(_ record: EvaluationRecord) {
    (step, epoch, loss, losses, counts) = (record.step, record.epoch, record.loss, record.losses, record.counts)
  }
}
