internal import RunLog
internal import TrainingEvents

/// Sums over the batches of an epoch so far: its figures are made of them at its end.
///
/// Batches whose update was left out (loss or gradient not finite) take no part.
struct EpochSums: Codable, Hashable, Sendable {
  var loss = 0.0
  // Under the names that files have.
  private var lossA = 0.0
  private var lossB = 0.0
  var counts = MetricCounts()
  var batches = 0
  private var batchesA: Int? = 0
  private var batchesB: Int? = 0
  /// Training seconds of the epoch.
  var seconds = 0.0

  var losses: PerTask<Double> {
    get { PerTask(lossA, lossB) }
    set { (lossA, lossB) = (newValue.sentence, newValue.words) }
  }

  /// Of the batches, the ones with a sentence that has a class, and with a word that has a tag; nil, as earlier versions
  /// wrote it, for all.
  private var lossBatches: PerTask<Int?> {
    get { PerTask(batchesA, batchesB) }
    set { (batchesA, batchesB) = (newValue.sentence, newValue.words) }
  }

  mutating func add(_ step: StepRecord) {
    seconds += step.seconds
    guard step.applied else { return }
    loss += step.loss
    for task in ModelTask.allCases {
      guard let loss = step.losses[task] else { continue }
      losses[task] += loss
      lossBatches[task] = lossBatches[task].map { $0 + 1 }
    }
    counts += step.counts
    batches += 1
  }

  /// The epoch's record: losses are the batches' sum over their number.
  func record(epoch: Int, step: Int) -> EpochRecord {
    func mean(_ sum: Double, _ count: Int) -> Double? { count == 0 ? nil : sum / Double(count) }
    return EpochRecord(
      epoch: epoch, step: step, averageLoss: mean(loss, batches) ?? .nan,
      averageLosses: PerTask { mean(losses[$0], lossBatches[$0] ?? batches) }, counts: counts, seconds: seconds)
  }
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
  /// Batches of that epoch already done; all of them where a checkpoint was written during the evaluation at its end.
  var batch = 0
  var sums = EpochSums()
  /// What the schedule's rate is multiplied by: 1 until the learning rate is steered.
  var learningRateScale = 1.0
  // Under the names that files have.
  private var weightA: Double
  private var weightB: Double
  /// The best so far among checkpoints that are on disk.
  var best: BestEvaluation?
  /// Steps in a row whose update was left out.
  var skippedInARow = 0
  /// Training seconds.
  var elapsed = 0.0
  var optimizerStep = 0
  /// With gradual unfreezing: optimizer steps done when each part began to be trained, in their order.
  var unfreezings: [Int]?
  /// Bytes of `metrics.jsonl` that describe the steps done.
  var metricsLength = 0
  /// The last event in `run.log` that describes them; nil, as in runs of earlier versions, where there was no log.
  var logIndex: Int?

  /// Where the run's records stand, for a run that has a checkpoint.
  var records: RecordPosition {
    RecordPosition(metricsLength: metricsLength, logIndex: logIndex.map { UInt64($0) }, step: step)
  }

  /// What each task's loss is multiplied by.
  var weights: PerTask<Double> {
    get { PerTask(weightA, weightB) }
    set { (weightA, weightB) = (newValue.sentence, newValue.words) }
  }

  init(_ configuration: RunConfiguration) {
    weightA = configuration.weightA
    weightB = configuration.weightB
  }

  /// What is wrong with a state read from disk, as the end of a sentence; nil if nothing.
  func fault(stepsPerEpoch: Int) -> String? {
    let (before, overflow) = epoch.multipliedReportingOverflow(by: stepsPerEpoch)
    guard step >= 0, epoch >= 0, batch >= 0, batch <= stepsPerEpoch, !overflow, before + batch == step else {
      return "step \(step) is not batch \(batch) of epoch \(epoch) with \(stepsPerEpoch) steps an epoch: there are more"
        + " or fewer sentences than when it was written, which makes it another run"
    }
    guard learningRateScale.isFinite, weightA.isFinite, weightB.isFinite, elapsed.isFinite, elapsed >= 0 else {
      return "a number in it is not finite"
    }
    guard unfreezings?.allSatisfy({ 0...optimizerStep ~= $0 }) != false else {
      return "a part was unfrozen at a step that is not yet done"
    }
    guard optimizerStep >= 0, metricsLength >= 0, logIndex ?? 0 >= 0, skippedInARow >= 0 else {
      return "a count in it is negative"
    }
    return nil
  }
}
