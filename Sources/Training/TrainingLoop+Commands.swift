internal import TextData
internal import TrainingEvents

extension TrainingLoop {
  /// Does what was asked since the last step; while paused, sleeps until something is asked.
  ///
  /// Returns how the run ends, if it was asked to end now.
  func takeCommands() -> RunOutcome? {
    var paused = false
    while true {
      guard let command = paused ? commands.takeWaiting() : commands.take() else { return nil }
      switch command {
      case .pause:
        if !paused { beginPause() }
        paused = true
        enter(.paused)
      case .resume:
        if paused { stopwatch.start() }
        paused = false
        enter(runningPhase)
      case .checkpoint:
        beginCheckpoint(.requested, best: nil)
        // While asleep nobody would hear what became of it.
        if paused { settleCheckpoint() }
      case .evaluate:
        if let outcome = evaluateNow(paused: paused) { return outcome }
      case .setLearningRate(let rate):
        setLearningRate(rate)
      case .setLossWeight(let task, let weight):
        setLossWeight(task, weight)
      case .stop(let mode):
        if let outcome = stop(mode) { return outcome }
        if paused { stopwatch.start() }
        paused = false
      }
    }
  }

  /// The phase between steps.
  private var runningPhase: RunPhase { finishingEpoch ? .stopping : .running }

  private func beginPause() {
    enter(.pausing)
    stopwatch.stop()
    settleCheckpoint()
    // Nothing else will bring the lines so far to the disk while paused.
    feed.synchronize()
  }

  /// Evaluation counts as training time, even while paused.
  private func evaluateNow(paused: Bool) -> RunOutcome? {
    guard dataset.dev != nil else {
      feed.alert("There is no dev split to evaluate on.", step: state.step)
      return nil
    }
    stopwatch.start()
    guard let figures = evaluateOnDev() else { return stopNowOutcome() }
    feed.send(.evaluated(record(figures, epoch: state.epoch, isBest: false)))
    if paused { stopwatch.stop() }
    enter(paused ? .paused : runningPhase)
    return nil
  }

  /// Returns how the run ends; nil if it goes on to the epoch's end first.
  private func stop(_ mode: StopMode) -> RunOutcome? {
    enter(.stopping)
    switch mode {
    case .stopNow: return stopNowOutcome()
    case .saveAndStop: return saveAndStop()
    case .finishEpoch:
      // Exactly at an epoch's end there is nothing left to finish.
      if state.batch == 0 && state.step > 0 { return saveAndStop() }
      finishingEpoch = true
      return nil
    }
  }

  private func saveAndStop() -> RunOutcome {
    settleCheckpoint()
    if unsaved || lastCheckpointPath == nil, !writeCheckpoint(.stopping, best: nil) { return unwrittenOutcome() }
    return stoppedOutcome()
  }

  // MARK: - Steering

  private func setLearningRate(_ rate: Double) {
    let base = schedule.rate(step: state.step + 1)
    guard rate.isFinite, rate >= 0, base > 0 else {
      feed.alert("The learning rate cannot be set to \(rate): it must be a number from 0 up.", step: state.step)
      return
    }
    let old = learningRate
    state.learningRateScale = rate / base
    changed(.learningRate, from: old, to: rate)
  }

  private func setLossWeight(_ task: TrainingCommand.Task, _ weight: Double) {
    guard weight.isFinite, weight >= 0 else {
      feed.alert("A loss weight cannot be set to \(weight): it must be a number from 0 up.", step: state.step)
      return
    }
    switch task {
    case .sentenceClassification:
      let old = state.weightA
      state.weightA = weight
      changed(.weightA, from: old, to: weight)
    case .tokenTagging:
      let old = state.weightB
      state.weightB = weight
      changed(.weightB, from: old, to: weight)
    }
  }

  private func changed(_ parameter: SteeredParameter, from old: Double, to new: Double) {
    unsaved = true
    feed.send(.parameterChanged(ParameterChange(parameter: parameter, old: old, new: new, step: state.step)))
  }
}
