internal import TrainingEvents

/// Sums over the batches of an epoch so far: the mission's figures are made of them at its end.
///
/// Batches whose update was left out (loss or gradient not finite) take no part.
struct EpochSums: Codable, Hashable, Sendable {
  var loss = 0.0
  var lossA = 0.0
  var lossB = 0.0
  var counts = MetricCounts()
  var batches = 0
  /// Training seconds of the epoch.
  var seconds = 0.0

  mutating func add(_ step: StepRecord) {
    seconds += step.seconds
    guard step.applied else { return }
    loss += step.loss
    lossA += step.lossA
    lossB += step.lossB
    counts += step.counts
    batches += 1
  }

  /// The epoch's record: losses are the batches' sum over their number, NaN if there was none.
  func record(epoch: Int, step: Int) -> EpochRecord {
    let count = Double(batches)
    return EpochRecord(
      epoch: epoch, step: step, averageLoss: loss / count, averageLossA: lossA / count, averageLossB: lossB / count,
      counts: counts, seconds: seconds)
  }
}

/// The best dev figure of a run, and whose it is.
struct BestEvaluation: Codable, Hashable, Sendable {
  var value: Double
  var epoch: Int
  var step: Int
}

/// Where a run stands between two steps: with the weights and the optimizer's moments, all that an exact resume needs.
///
/// Random choices and the data's order are no part of it: they are functions of the seed and the step or epoch.
struct LoopState: Codable, Hashable, Sendable {
  static let fileName = "state.json"

  /// Completed steps.
  var step = 0
  /// The epoch the next step belongs to, from 0.
  var epoch = 0
  /// Batches of that epoch already done.
  var batch = 0
  var sums = EpochSums()
  /// What the schedule's rate is multiplied by: 1 until the learning rate is steered.
  var learningRateScale = 1.0
  var weightA: Double
  var weightB: Double
  /// The best so far among checkpoints that are on disk.
  var best: BestEvaluation?
  /// Steps in a row whose update was left out.
  var skippedInARow = 0
  /// Training seconds.
  var elapsed = 0.0
  var optimizerStep = 0
  /// With gradual unfreezing: optimizer steps done when each part began to be trained, in their order.
  var unfreezings: [Int]?
  /// Bytes of `metrics.jsonl` that tell of the steps done.
  var metricsLength = 0

  init(_ configuration: RunConfiguration) {
    weightA = configuration.weightA
    weightB = configuration.weightB
  }

  /// What is wrong with a state read from disk, as the end of a sentence; nil if nothing.
  func fault(stepsPerEpoch: Int) -> String? {
    let (before, overflow) = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
    guard step >= 0, epoch >= 0, batch >= 0, batch < stepsPerEpoch, !overflow, before + batch == step else {
      return "step \(step) is not batch \(batch) of epoch \(epoch) with \(stepsPerEpoch) steps an epoch: there are more"
        + " or fewer sentences than when it was written, which makes it another run"
    }
    guard learningRateScale.isFinite, weightA.isFinite, weightB.isFinite, elapsed.isFinite, elapsed >= 0 else {
      return "a number in it is not finite"
    }
    guard unfreezings?.allSatisfy({ 0...optimizerStep ~= $0 }) != false else {
      return "a part was unfrozen at a step that is not yet done"
    }
    guard optimizerStep >= 0, metricsLength >= 0, skippedInARow >= 0 else { return "a count in it is negative" }
    return nil
  }
}
