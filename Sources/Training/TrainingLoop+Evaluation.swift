internal import RunFolder
internal import TextData
internal import TrainingEvents

/// What became of an evaluation.
enum EvaluationResult {
  case done(EvaluationFigures, seconds: Double)
  /// A command ended the run before its last batch.
  case broken(RunOutcome)
}

extension TrainingLoop {
  /// Most sentences evaluated between two looks at the commands.
  private static var largestEvaluationBatch: Int { 64 }

  /// Evaluates on dev, and keeps what is wrong in the run's folder, where dashboards find it once the evaluation is
  /// announced.
  func evaluateOnDev(_ dev: EncodedSplit, epoch: Int) -> EvaluationResult {
    var collector = MistakeCollector()
    let result = evaluate(dev) { [dataset] row, confidence, mistake in
      collector.add(confidence: confidence) { mistake(dataset.devWords(of: row)) }
    }
    guard case .done(let figures, _) = result else { return result }
    do {
      try mistakes.write(collector.mistakes(epoch: epoch, step: state.step, judged: figures.judged))
    } catch {
      feed.alert("The wrong sentences of this evaluation are not kept: \(error)", step: state.step)
    }
    return result
  }

  /// Keeps the sentences of train that were believed least in the run's folder, where dashboards find them once the
  /// epoch's end is announced.
  func keepSuspects(epoch: Int) {
    let suspects = SuspectFinder(dataset).suspects(margins, epoch: epoch, step: state.step)
    guard suspects.judged > 0 else { return }
    do {
      try mistakes.write(suspects: suspects)
    } catch {
      feed.alert("The suspects of this epoch are not kept: \(error)", step: state.step)
    }
  }

  /// Evaluates on a split, in the phase `evaluating`, doing between batches what is asked.
  ///
  /// - Parameter note: hears of each wrong sentence; see `Evaluation.figures`.
  func evaluate(
    _ split: EncodedSplit, note: ((Int, Double, ([String]) -> Mistake) -> Void)? = nil
  ) -> EvaluationResult {
    isEvaluating = true
    defer { isEvaluating = false }
    enter(.evaluating)
    do throws(RunFailure) {
      try model.gather(moments: false)
    } catch {
      return .broken(lostOutcome(error))
    }
    let start = Clock.monotonic()
    var ending: RunOutcome?
    let figures = evaluation.figures(
      of: model, on: split, batchSize: min(configuration.batchSize, Self.largestEvaluationBatch), note: note
    ) {
      ending = takeCommands()
      return ending != nil
    }
    guard let figures else { return .broken(ending ?? stopNowOutcome()) }
    return .done(figures, seconds: Clock.monotonic() - start)
  }

  /// The event of an evaluation; whether it is the best is left open.
  func record(_ figures: EvaluationFigures, _ split: DataSplit, epoch: Int, seconds: Double) -> EvaluationRecord {
    EvaluationRecord(
      split: split, epoch: epoch, step: state.step, loss: state.weights.weightedSum(of: figures.losses),
      losses: figures.losses, counts: figures.counts, exactMatch: figures.exactMatch,
      entityPrecision: figures.entities?.precision, entityRecall: figures.entities?.recall,
      entityF1: figures.entities?.f1, seconds: seconds, isBest: false, breakdowns: figures.breakdowns)
  }

  /// Set if these figures are better than those of the best checkpoint on disk, with the losses weighted as they are now.
  func betterThanBefore(_ figures: EvaluationFigures, _ record: EvaluationRecord) -> BestEvaluation? {
    forgetLostBest()
    let selection = configuration.selection
    let before = state.best?.weighted(by: state.weights, selection: selection).value ?? -.infinity
    guard let value = figures.value(selection, weights: state.weights), value.isFinite, value > before else {
      return nil
    }
    var record = record
    record.isBest = true
    return BestEvaluation(value: value, epoch: record.epoch, step: record.step, record: record)
  }

  /// Whether so many epochs have gone by without a better dev figure that the run ends: judged at an epoch's end from
  /// the state alone, so that a resumed run ends where the undisturbed one does.
  var hasLostPatience: Bool {
    state.batch == 0 && losesPatience(best: writer.current?.state.best ?? state.best)
  }

  func losesPatience(best: BestEvaluation?) -> Bool {
    guard let patience = configuration.patience, let best, dataset.dev != nil else { return false }
    return state.epoch - 1 - best.epoch >= patience
  }

  /// How a run ends whose epochs are done: with the best model's figures on test, where there are test sentences.
  ///
  /// - Parameter wasOver: a resume found nothing to train. Test is evaluated then too: the last checkpoint is older than
  ///   that evaluation's record, which the resume has cut off or the process before did not come to.
  func end(wasOver: Bool) -> RunOutcome {
    var outcome = finishedOutcome()
    if wasOver, outcome.exitCode == 0, state.epoch >= configuration.epochs {
      outcome.message =
        "All \(configuration.epochs) epochs are done already; train on with --epochs \(state.epoch + 1) or more."
    }
    guard outcome.exitCode == 0, let test = dataset.test, takeBestModel() else { return outcome }
    let epoch = state.best?.epoch ?? state.epoch - 1
    let step = state.best?.step ?? state.step
    switch evaluate(test) {
    case .broken:
      return RunOutcome(
        exitCode: outcome.exitCode, message: outcome.message + "; its evaluation on test was broken off")
    case .done(let figures, let seconds):
      var record = record(figures, .test, epoch: epoch, seconds: seconds)
      record.step = step
      feed.send(.evaluated(record))
      return outcome
    }
  }

  /// Loads the best checkpoint's weights, unless they are the model's own; false, with an alert, where that fails. For the
  /// run's end.
  private func takeBestModel() -> Bool {
    guard let best = state.best, best.step != state.step else { return true }
    do {
      try Checkpointing.loadWeights(of: try folder.checkpoints.open(step: best.step), into: model)
      return true
    } catch {
      feed.alert("The best model cannot be evaluated on test: \(error)", step: state.step)
      return false
    }
  }
}
