internal import TextData
internal import TrainingEvents

extension TrainingLoop {
  /// Does what was asked since the last step or batch of an evaluation; while paused, sleeps until something is asked.
  ///
  /// Returns how the run ends, if it was asked to end now.
  func takeCommands() -> RunOutcome? {
    while true {
      guard let command = isPaused ? commands.takeWaiting() : commands.take() else { return nil }
      switch command {
      case .pause:
        if !isPaused { beginPause() }
        isPaused = true
        enter(.paused)
      case .resume:
        endPause()
        enter(runningPhase)
      case .checkpoint:
        beginCheckpoint(.requested, best: nil)
        // While asleep nobody would hear what became of it.
        if isPaused { settleCheckpoint() }
      case .evaluate:
        if let outcome = evaluateNow() { return outcome }
      case .setLearningRate(let rate):
        setLearningRate(rate)
      case .setLossWeight(let task, let weight):
        setLossWeight(task, weight)
      case .remark(let line):
        feed.send(.log(line))
      case .stop(let mode):
        if let outcome = stop(mode) { return outcome }
        endPause()
      }
    }
  }

  /// The phase of what is going on when nothing is asked.
  var runningPhase: RunPhase { finishingEpoch ? .stopping : isEvaluating ? .evaluating : .running }

  private func beginPause() {
    enter(.pausing)
    stopwatch.stop()
    settleCheckpoint()
    // Nothing else will bring the lines so far to the disk while paused.
    feed.synchronize()
  }

  private func endPause() {
    stopwatch.start()
    isPaused = false
    pausesAfterEvaluation = false
  }

  /// Evaluation counts as training time, even while paused.
  private func evaluateNow() -> RunOutcome? {
    guard let dev = dataset.dev else {
      feed.alert("There is no dev split to evaluate on.", step: state.step)
      return nil
    }
    guard !isEvaluating else {
      feed.log("An evaluation is under way already.", step: state.step)
      return nil
    }
    pausesAfterEvaluation = isPaused
    isPaused = false
    stopwatch.start()
    switch evaluateOnDev(dev, epoch: state.epoch) {
    case .broken(let outcome): return outcome
    case .done(let figures, let seconds):
      feed.send(.evaluated(record(figures, .dev, epoch: state.epoch, seconds: seconds)))
    }
    isPaused = pausesAfterEvaluation
    pausesAfterEvaluation = false
    if isPaused { stopwatch.stop() }
    enter(isPaused ? .paused : runningPhase)
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
    guard rate.isFinite, rate >= 0 else {
      feed.alert("The learning rate cannot be set to \(rate): it must be a number from 0 up.", step: state.step)
      return
    }
    guard base > 0 else {
      feed.alert("The learning rate cannot be set any more: the schedule has come to its end.", step: state.step)
      return
    }
    let old = learningRate
    state.learningRateScale = rate / base
    changed(.learningRate, from: old, to: rate)
  }

  private func setLossWeight(_ task: ModelTask, _ weight: Double) {
    guard weight.isFinite, weight >= 0 else {
      feed.alert("A loss weight cannot be set to \(weight): it must be a number from 0 up.", step: state.step)
      return
    }
    guard !dataset.labels(task).isEmpty else {
      feed.alert(
        "The loss weight of task \(task.rawValue) is not set: the data have no such labels.", step: state.step)
      return
    }
    let learned = ModelTask.allCases.filter { !dataset.labels($0).isEmpty }
    guard weight > 0 || learned.contains(where: { $0 != task && state.weights[$0] > 0 }) else {
      feed.alert(
        "The loss weight of task \(task.rawValue) cannot be set to 0: nothing would be learned.", step: state.step)
      return
    }
    let old = state.weights[task]
    state.weights[task] = weight
    changed(.weight(task), from: old, to: weight)
  }

  private func changed(_ parameter: SteeredParameter, from old: Double, to new: Double) {
    unsaved = true
    feed.send(.parameterChanged(ParameterChange(parameter: parameter, old: old, new: new, step: state.step)))
  }
}
