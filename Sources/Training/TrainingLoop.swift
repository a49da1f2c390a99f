internal import MultiTaskTransformer
internal import RunFolder
internal import RunLog
internal import TextData
internal import TrainingEvents

/// The loop itself: epochs of steps, each epoch followed by an evaluation on dev and a checkpoint.
///
/// For the engine's thread. Steering between steps is in `TrainingLoop+Commands.swift`, evaluation in
/// `TrainingLoop+Evaluation.swift`, writing checkpoints in `TrainingLoop+Checkpoints.swift`.
final class TrainingLoop<Model: TrainableModel> {
  /// Steps between two looks at each task's own gradients.
  private static var stepsBetweenSamples: Int { 256 }

  let configuration: RunConfiguration
  let dataset: TextDataset
  let model: Model
  let folder: RunFolder
  let mistakes: MistakeStore
  let feed: EventFeed
  let commands: CommandQueue
  let evaluation: Evaluation
  let checkpointing: Checkpointing
  let schedule: LearningRateSchedule
  let stepsPerEpoch: Int

  /// The step's batch; its storage is used again and again.
  private var batch = Batch()
  private var collator: Collator

  var state: LoopState
  /// How far train's labels were believed so far.
  private(set) var margins: MarginSums
  var stopwatch: Stopwatch
  /// Whether the run ends with this epoch, by command.
  var finishingEpoch = false
  var isPaused = false
  var isEvaluating = false
  /// Whether the run was paused when the present evaluation was asked for, and is to be afterwards.
  var pausesAfterEvaluation = false
  /// Whether this epoch's figures are recorded already: its evaluation was broken off by the process before.
  private var epochIsRecorded: Bool
  private var lossWatch: LossWatch
  /// Whether there is anything that the last checkpoint does not have, the one in flight counted as written.
  var unsaved = true
  let writer: CheckpointWriter
  /// Whether an interval has ended since the last checkpoint.
  var isCheckpointDue = false
  /// When the last checkpoint was begun, or the loop itself, on the monotonic clock.
  var lastCheckpointAt: Double
  /// When to try again after a checkpoint could not be written, on the monotonic clock.
  var retryAt: Double?
  /// Seconds between such tries.
  var secondsBetweenTries = 30.0
  /// Seconds on a clock that never goes back.
  let now: () -> Double

  /// `state` and `margins`: where to begin; the run's start (nil) or a checkpoint's.
  /// `writer`: nil for one that writes into the folder.
  init(
    configuration: RunConfiguration, dataset: TextDataset, model: Model, folder: RunFolder, feed: EventFeed,
    commands: CommandQueue, stepsPerEpoch: Int, state: LoopState, margins: MarginSums? = nil,
    writer: CheckpointWriter? = nil, now: @escaping () -> Double = Clock.monotonic
  ) {
    let records = RunRecorder.paths(in: folder.path)
    self.writer = writer ?? CheckpointWriter(folder.checkpoints, keep: configuration.keep, records: records)
    self.now = now
    lastCheckpointAt = now()
    self.configuration = configuration
    self.dataset = dataset
    self.model = model
    self.folder = folder
    mistakes = MistakeStore(runFolder: folder.path)
    self.feed = feed
    self.commands = commands
    self.stepsPerEpoch = stepsPerEpoch
    self.state = state
    self.margins = margins ?? MarginSums(dataset)
    collator = RunPreparation.collator(configuration, dataset)
    evaluation = Evaluation(dataset)
    checkpointing = Checkpointing(dataset)
    schedule = LearningRateSchedule(
      peak: configuration.learningRate, totalSteps: configuration.epochs * stepsPerEpoch, warmup: configuration.warmup,
      shape: configuration.schedule)
    stopwatch = Stopwatch(before: state.elapsed)
    epochIsRecorded = state.batch == stepsPerEpoch
    lossWatch = LossWatch(labels: PerTask { dataset.labels($0).count })
  }

  /// Trains to the end, or until a command or a failure ends the run earlier.
  func run() -> RunOutcome {
    // Whoever opens the folder next must not find a write of this process in it.
    defer { settleCheckpoint() }
    mistakes.begin(after: state.step)
    let isOver = state.epoch >= configuration.epochs || hasLostPatience
    if !isOver { enter(.running) }
    while state.epoch < configuration.epochs, !hasLostPatience {
      unfreeze()
      let order = BatchOrder(
        dataset.train, batchSize: configuration.batchSize, seed: configuration.seed, epoch: state.epoch)
      while state.batch < order.count {
        if let outcome = takeCommands() { return outcome }
        if let outcome = step(order.rows(ofBatch: state.batch)) { return outcome }
      }
      if let outcome = endEpoch() { return outcome }
    }
    return end(wasOver: isOver)
  }

  /// Begins to train what this epoch is the first to train.
  private func unfreeze() {
    let count = configuration.unfrozenParts(epoch: state.epoch)
    guard count > state.unfreezings?.count ?? 0 else { return }
    let before = state.unfreezings ?? []
    let unfreezings = before + repeatElement(model.optimizerStep, count: count - before.count)
    // The plan was checked before the run began.
    guard let plan = try? RunPreparation.plan(configuration, unfreezings: unfreezings) else { return }
    state.unfreezings = unfreezings
    model.follow(plan)
    guard configuration.frozenNames(epoch: state.epoch) != configuration.frozenNames(epoch: state.epoch - 1) else {
      return
    }
    if let frozen = RunPreparation.frozenSentence(configuration, unfrozen: count, model) {
      feed.log("Epoch \(state.epoch + 1): unfrozen. \(frozen)", step: state.step)
    }
  }

  /// The rate of the next step.
  var learningRate: Double { schedule.rate(step: state.step + 1) * state.learningRateScale }

  /// Trains on one batch.
  ///
  /// Returns how the run ends, if it has diverged.
  private func step(_ rows: ArraySlice<Int32>) -> RunOutcome? {
    let start = stopwatch.elapsed
    collator.collate(dataset.train, rows: rows, padTo: configuration.padTo, epoch: state.epoch, into: &batch)
    let settings = StepSettings(
      epoch: state.epoch, batch: state.batch, weights: state.weights,
      dropoutKey: RunKeys.dropout(seed: configuration.seed, step: state.step + 1), learningRate: learningRate,
      weightDecay: configuration.weightDecay, clip: configuration.clip)
    let sampling = sampleGradients(settings)
    let figures: StepFigures
    do throws(RunFailure) {
      figures = try model.step(batch, settings)
    } catch {
      return lostOutcome(error)
    }
    let applied = figures.isApplied
    if applied { margins.add(figures.margins, of: batch, rows: rows, in: dataset.train) }
    state.step += 1
    state.batch += 1
    state.skippedInARow = applied ? 0 : state.skippedInARow + 1
    unsaved = true
    let end = stopwatch.elapsed
    let record = StepRecord(
      step: state.step, epoch: state.epoch, batch: state.batch, batches: stepsPerEpoch,
      loss: figures.loss, losses: figures.batch.losses, counts: figures.batch.counts,
      learningRate: settings.learningRate, gradientNorm: figures.gradientNorm, sentences: batch.count,
      realTokens: figures.batch.realTokens, seconds: end - start - sampling, elapsed: end,
      applied: applied)
    state.sums.add(record)
    feed.send(record)
    if !applied, let outcome = notFinite(record) { return outcome }
    if let warning = lossWatch.warning(of: record, weights: state.weights) { feed.alert(warning, step: record.step) }
    writeIntervalCheckpoint()
    return nil
  }

  /// Measures, once every few hundred steps, what each task alone asks of the shared encoder.
  ///
  /// Two passes more in so many steps: less than a hundredth of the time. The first step does not wait for them. Returns
  /// the seconds it took.
  private func sampleGradients(_ settings: StepSettings) -> Double {
    guard state.step % Self.stepsBetweenSamples == 1, !dataset.sentenceClasses.isEmpty, !dataset.tags.isEmpty
    else { return 0 }
    let start = Clock.monotonic()
    let gradients = model.taskGradients(batch, settings)
    let seconds = Clock.monotonic() - start
    guard let gradients else { return seconds }
    feed.send(
      .gradientsSampled(
        GradientSample(
          step: state.step, weights: state.weights, norms: gradients.norms, cosine: gradients.cosine,
          seconds: seconds)))
    return seconds
  }

  /// Tells of a step that was left out; ends the run when there were too many in a row.
  private func notFinite(_ record: StepRecord) -> RunOutcome? {
    let number = record.loss.isFinite ? record.gradientNorm : record.loss
    let what = "\(record.loss.isFinite ? "gradient norm" : "loss") is \(number.isNaN ? "not a number" : "infinite")"
    feed.alert(
      "The \(what) in step \(record.step); its update was left out"
        + " (\(state.skippedInARow) in a row, the run ends at \(configuration.divergenceLimit)).",
      level: .error, step: record.step)
    guard state.skippedInARow >= configuration.divergenceLimit else { return nil }
    settleCheckpoint()
    return RunOutcome(
      exitCode: 76,
      message: "The run has diverged: \(state.skippedInARow) steps in a row had a loss or gradient that is not finite."
        + " Lower --learning-rate\(lastCheckpointPath.map { "; the last good checkpoint is \($0)" } ?? "").")
  }

  /// Closes an epoch: its record, the evaluation on dev, a checkpoint.
  ///
  /// Returns how the run ends, if it ends here before its last epoch.
  private func endEpoch() -> RunOutcome? {
    let epoch = state.epoch
    keepSuspects(epoch: epoch)
    if !epochIsRecorded { feed.send(.epochCompleted(state.sums.record(epoch: epoch, step: state.step))) }
    epochIsRecorded = true
    var best: BestEvaluation?
    if let dev = dataset.dev {
      switch evaluateOnDev(dev, epoch: epoch) {
      case .broken(let outcome): return outcome
      case .done(let figures, let seconds):
        enter(runningPhase)
        // Only a model that is on disk can be the best so far.
        settleCheckpoint()
        var record = record(figures, .dev, epoch: epoch, seconds: seconds)
        best = betterThanBefore(figures, record)
        record.isBest = best != nil
        feed.send(.evaluated(record))
      }
    } else {
      // Without dev, the newest epoch is taken for the best.
      best = BestEvaluation(value: -Double.infinity, epoch: epoch, step: state.step)
    }
    state.epoch += 1
    state.batch = 0
    state.sums = EpochSums()
    epochIsRecorded = false
    unsaved = true
    let isLast = state.epoch == configuration.epochs || losesPatience(best: best ?? state.best)
    guard isLast || finishingEpoch else {
      beginCheckpoint(.epoch, best: best)
      return nil
    }
    guard writeCheckpoint(isLast ? .finished : .epoch, best: best) else { return unwrittenOutcome() }
    return isLast ? nil : stoppedOutcome()
  }

  func enter(_ phase: RunPhase) {
    feed.send(.phaseChanged(PhaseChange(phase: phase, step: state.step)))
  }
}
