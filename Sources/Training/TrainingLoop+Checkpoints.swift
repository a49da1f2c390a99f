internal import RunFolder
internal import TrainingEvents

extension TrainingLoop {
  /// Writes a checkpoint of this moment. If that fails, an alert tells of it, the older checkpoints stay as they are,
  /// and another try follows by itself.
  ///
  /// `best`: set if this is the best model so far.
  /// Returns whether it is on disk.
  func writeCheckpoint(_ reason: CheckpointReason, best: BestEvaluation?) -> Bool {
    let start = Clock.monotonic()
    var saved = state
    saved.elapsed = stopwatch.elapsed
    saved.metricsLength = feed.metricsLength
    saved.best = best ?? state.best
    feed.synchronize()
    do throws(RunFolderError) {
      let (path, bytes) = try folder.checkpoints.write(
        step: saved.step, files: checkpointing.files(model: model, state: saved))
      if best != nil { try folder.checkpoints.point(.best, at: saved.step) }
      folder.checkpoints.keepNewest(configuration.keep)
      state.best = saved.best
      unsaved = false
      retryAt = nil
      feed.send(
        .checkpointWritten(
          CheckpointRecord(
            step: saved.step, path: path, reason: reason, isBest: saved.best?.step == saved.step, bytes: bytes,
            seconds: Clock.monotonic() - start)))
      return true
    } catch {
      retryAt = Clock.monotonic() + secondsBetweenTries
      let good = lastCheckpointPath.map { "the last good checkpoint is \($0)" } ?? "there is no checkpoint yet"
      feed.alert(
        "The checkpoint of step \(saved.step) could not be written: \(error). Training goes on and tries again by"
          + " itself; \(good).", level: .error, step: saved.step)
      return false
    }
  }

  /// After a step: a checkpoint if one is due, by the interval or after a failure; an epoch's end writes its own.
  func writeIntervalCheckpoint() {
    guard state.batch < stepsPerEpoch else { return }
    let every = configuration.checkpointEvery
    let due = every > 0 && state.step % every == 0
    let retry = retryAt.map { Clock.monotonic() >= $0 } ?? false
    // Steps that were left out may be the sign of weights not worth keeping.
    guard due || retry, state.skippedInARow == 0 else { return }
    _ = writeCheckpoint(.interval, best: nil)
  }

  /// Absolute path of the newest checkpoint written by this run.
  var lastCheckpointPath: String? { folder.checkpoints.path(of: .last) }

  // MARK: - Endings

  private var resumeAdvice: String { "Go on with: mtt-tui --resume \(shellQuoted(folder.path))" }

  func finishedOutcome() -> RunOutcome {
    let best = state.best.flatMap { best in
      best.value.isFinite
        ? "; best \(configuration.selectBy.rawValue) on dev at step \(best.step)" : nil
    }
    let path = folder.checkpoints.path(of: .best) ?? lastCheckpointPath ?? folder.path
    let reason =
      state.epoch < configuration.epochs
      ? " of \(configuration.epochs), \(configuration.patience ?? 0) without a better figure" : ""
    return RunOutcome(
      exitCode: 0, message: "Finished \(state.epoch) epochs\(reason)\(best ?? ""). The model is \(path)")
  }

  func stoppedOutcome() -> RunOutcome {
    RunOutcome(
      exitCode: 75,
      message: "Stopped after step \(state.step) of \(configuration.epochs * stepsPerEpoch); checkpoint"
        + " \(lastCheckpointPath ?? folder.path). \(resumeAdvice)")
  }

  func stopNowOutcome() -> RunOutcome {
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

  /// A path as a shell takes it.
  private func shellQuoted(_ path: String) -> String {
    let plain = path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+,:@%".contains($0)) }
    return plain
      ? path : "'" + path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
