import Formatting
internal import RunFolder
internal import RunLog
internal import TextData
internal import TrainingEvents

extension TrainingLoop {
  /// Begins to write a checkpoint of this moment: copies what it holds, the rest happens beside training.
  ///
  /// One that is in flight is waited for first. `best`: set if this is the best model so far.
  /// Returns whether it has begun; whether it reached the disk, `settleCheckpoint` says.
  @discardableResult
  func beginCheckpoint(_ reason: CheckpointReason, best: BestEvaluation?) -> Bool {
    settleCheckpoint()
    isCheckpointDue = false
    lastCheckpointAt = now()
    do throws(RunFolderError) {
      try reclaimFolder()
    } catch {
      couldNotWrite(step: state.step, error.description)
      return false
    }
    do throws(RunFailure) {
      try model.gather(moments: true)
    } catch {
      couldNotWrite(step: state.step, error.description)
      return false
    }
    feed.restoreRecords()
    var saved = state
    saved.elapsed = stopwatch.elapsed
    saved.best = (best ?? state.best)?.weighted(by: state.weights, selection: configuration.selection)
    let records = feed.position
    saved.metricsLength = records.metricsLength
    saved.logIndex = records.logIndex.map { Int($0) }
    let request = CheckpointWriter.Request(
      state: saved, reason: reason, isBest: best != nil, begun: Clock.monotonic())
    writer.begin(request, checkpointing.files(model: model, state: saved, margins: margins))
    unsaved = false
    return true
  }

  /// Makes the run's folder anew where it was deleted under way, and says so.
  private func reclaimFolder() throws(RunFolderError) {
    guard let problem = try folder.reclaim() else { return }
    feed.alert(problem, level: .error, step: state.step)
    // Its checkpoint went with the folder.
    state.best = nil
  }

  /// Forgets the best evaluation where its checkpoint is on disk no longer: later ones are not to be measured by a model
  /// that nobody has.
  func forgetLostBest() {
    // What cannot be made anew now is reported when the checkpoint is written.
    try? reclaimFolder()
    guard let best = state.best, folder.checkpoints.lacks(step: best.step) else { return }
    state.best = nil
    feed.alert(
      "The best checkpoint so far, of step \(best.step), is no longer in \(folder.checkpoints.path): the best is"
        + " chosen anew from here on.", step: state.step)
  }

  /// Writes a checkpoint of this moment and waits until it is on disk.
  ///
  /// Returns whether it is.
  func writeCheckpoint(_ reason: CheckpointReason, best: BestEvaluation?) -> Bool {
    beginCheckpoint(reason, best: best) && settleCheckpoint()
  }

  /// Handles what became of the checkpoint in flight, if there is one, and reports it. After a failure the older
  /// checkpoints are as they were, and another try follows by itself.
  ///
  /// `waiting`: whether to wait for it; else one that is not done yet stays in flight.
  /// Returns false if it could not be written.
  @discardableResult
  func settleCheckpoint(waiting: Bool = true) -> Bool {
    guard let outcome = writer.take(waiting: waiting) else { return true }
    let saved = outcome.request.state
    switch outcome.result {
    case .success(let (path, bytes)):
      state.best = saved.best
      retryAt = nil
      feed.send(
        .checkpointWritten(
          CheckpointRecord(
            step: saved.step, path: path, reason: outcome.request.reason,
            isBest: dataset.dev != nil && saved.best?.step == saved.step, bytes: bytes, seconds: outcome.seconds)))
      return true
    case .failure(let error):
      couldNotWrite(step: saved.step, error.description)
      return false
    }
  }

  private func couldNotWrite(step: Int, _ error: String) {
    unsaved = true
    retryAt = now() + secondsBetweenTries
    let good = lastCheckpointPath.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet"
    feed.alert(
      "The checkpoint of step \(step) could not be written: \(error). Training goes on and tries again by itself;"
        + " \(good).", level: .error, step: state.step)
  }

  /// After a step: a checkpoint if one is due, by steps, by minutes or after a failure. One that falls due while
  /// another is being written comes as soon as that is done, so that no step waits for the disk; an epoch's end writes
  /// its own.
  func writeIntervalCheckpoint() {
    settleCheckpoint(waiting: false)
    let every = configuration.checkpointEvery
    if every > 0, state.step % every == 0 { isCheckpointDue = true }
    let seconds = configuration.checkpointMinutes * 60
    if seconds > 0, now() - lastCheckpointAt >= seconds { isCheckpointDue = true }
    // Steps that were left out may be the sign of weights not worth keeping.
    guard state.batch < stepsPerEpoch, state.skippedInARow == 0, writer.current == nil else { return }
    // After a failure only every so often, lest each step report the same full disk.
    guard retryAt.map({ now() >= $0 }) ?? isCheckpointDue else { return }
    beginCheckpoint(.interval, best: nil)
  }

  /// Absolute path of the newest checkpoint written by this run.
  var lastCheckpointPath: String? { folder.checkpoints.path(of: .last) }

  // MARK: - Endings

  private var resumeAdvice: String {
    let words = lastCheckpointPath == nil ? "Begin again with" : "Go on with"
    return "\(words): mtt-tui --resume \(ShellWord.quoted(folder.path))"
  }

  func finishedOutcome() -> RunOutcome {
    let leftOut = state.step - model.optimizerStep
    guard leftOut < state.step else {
      return RunOutcome(
        exitCode: 76,
        message: "The run has diverged: not one update of its \(state.step) steps could be applied, as every loss or"
          + " gradient was not finite. Lower --learning-rate, and look for numbers in --encoder's weights that are not"
          + " finite.")
    }
    let best = state.best.flatMap { best in
      best.value.isFinite
        ? "; best \(configuration.selection.rawValue) on dev at step \(best.step)" : nil
    }
    let omitted = leftOut == 0 ? "" : "; \(leftOut) of \(state.step) updates were left out, being not finite"
    let path = folder.checkpoints.path(of: .best) ?? lastCheckpointPath ?? folder.path
    let reason =
      state.epoch < configuration.epochs
      ? " of \(configuration.epochs), \(configuration.patience ?? 0) without a better figure" : ""
    return RunOutcome(
      exitCode: 0,
      message:
        "Finished \(state.epoch) \(state.epoch == 1 ? "epoch" : "epochs")\(reason)\(best ?? "")\(omitted). The model is \(path)"
    )
  }

  func stoppedOutcome() -> RunOutcome {
    RunOutcome(
      exitCode: 75,
      message: "Stopped after step \(state.step) of \(configuration.epochs * stepsPerEpoch); checkpoint"
        + " \(lastCheckpointPath ?? folder.path). \(resumeAdvice)")
  }

  func stopNowOutcome() -> RunOutcome {
    settleCheckpoint()
    let from = lastCheckpointPath.map { "the last checkpoint is \($0)" } ?? "no checkpoint was written"
    return RunOutcome(
      exitCode: 75, message: "Stopped at once after step \(state.step); \(from). \(resumeAdvice)")
  }

  func unwrittenOutcome() -> RunOutcome {
    let good = lastCheckpointPath.map { "the last good checkpoint is \($0)" } ?? "no checkpoint was written"
    return RunOutcome(
      exitCode: 73,
      message: "The checkpoint of step \(state.step) could not be written in \(folder.path); \(good)."
        + " Make room or make the folder writable. \(resumeAdvice)")
  }

  /// How a run ends whose step could not be taken, as other processes are lost.
  func lostOutcome(_ failure: RunFailure) -> RunOutcome {
    settleCheckpoint()
    let since = lastCheckpointPath.map { "the checkpoint \($0)" } ?? "the beginning, as no checkpoint was written yet"
    let end = failure.description.hasSuffix(".") ? "" : "."
    return RunOutcome(
      exitCode: failure.exitCode,
      message: "\(failure)\(end) Lost are the steps since \(since). \(resumeAdvice)")
  }
}
