/// The best dev figure of a run, and whose it is.
public struct BestEvaluation: Codable, Hashable, Sendable {
  /// The figure that `RunConfiguration.selectBy` names, larger being better: a loss is negative. Minus infinity where the
  /// newest epoch is the best for want of dev.
  public var value: Double
  public var epoch: Int
  public var step: Int
  /// All figures, without those of single labels; nil without dev, and in runs of earlier versions.
  public var record: EvaluationRecord?

  public init(value: Double, epoch: Int, step: Int, record: EvaluationRecord? = nil) {
    self.value = value
    self.epoch = epoch
    self.step = step
    self.record = record
    self.record?.breakdowns = PerTask.all(nil)
  }

  /// Expressed with the weights that the losses have now: what is chosen by loss is compared under one weighting.
  public func weighted(by weights: PerTask<Double>, selection: RunConfiguration.Selection) -> BestEvaluation {
    guard selection == .loss, let record, let loss = weights.weightedSum(of: record.losses) else { return self }
    var best = self
    best.value = -loss
    best.record?.loss = loss
    return best
  }
}
