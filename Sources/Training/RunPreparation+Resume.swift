internal import MultiTaskTransformer
internal import RunFolder
internal import RunLog
internal import TextData
internal import TrainingEvents

extension RunPreparation {
  /// Takes an old run up where its newest checkpoint stands.
  static func resume(
    _ directory: String, epochs: Int?, threads: Int?, acceptsChangedData: Bool, _ loading: Loading,
    _ coordinator: Coordinator?
  ) throws(RunFailure) -> PreparedRun {
    do {
      let folder = try RunFolder.open(directory)
      var manifest = folder.manifest
      if let epochs { manifest.configuration.epochs = epochs }
      if let threads { manifest.configuration.threads = threads }
      let threads = threadCount(manifest.configuration, coordinator?.group)
      if manifest.configuration.shares == 0 {
        manifest.configuration.shares = threadCount(manifest.configuration)
      }
      var configuration = manifest.configuration
      try check(configuration, coordinator)
      let (checkpoint, damaged) = try folder.checkpoints.openNewest()
      // A checkpoint holds all of the encoder: its folder may have gone since.
      let encoder = try configuration.encoder.map { (folder) throws(RunFailure) in
        if let checkpoint { return try PretrainedEncoder(resuming: checkpoint) }
        return try PretrainedEncoder(reading: folder)
      }
      try loading.check()
      let (dataset, changes) = try load(
        &manifest, checkpoint, encoder, acceptsChangedData: acceptsChangedData, loading, coordinator, in: folder.path)
      let selection = BestSelection(resuming: configuration, dataset)
      configuration.selectBy = selection.chosen
      manifest.configuration.selectBy = selection.chosen
      let model = try makeModel(configuration, dataset, encoder, threads: threads)
      var state = LoopState(configuration)
      var margins = MarginSums(dataset)
      if let checkpoint {
        state = try Checkpointing(dataset).restore(
          checkpoint, into: model, stepsPerEpoch: stepsPerEpoch(configuration, dataset), of: configuration)
        if let epochs, epochs < state.epoch {
          throw RunFailure(
            exitCode: 64,
            "\(directory): --epochs \(epochs) is less than the \(state.epoch) epochs that it has trained; go on with"
              + " --epochs \(state.epoch + 1) or more")
        }
        // Other data have other sentences.
        if changes.isEmpty { try margins.restore(checkpoint) }
      } else {
        _ = try encoder?.load(into: model)
      }
      if selection.isReplaced { state.best = nil }
      let losses = machineRemarks(manifest) + forgetLostBest(&state, folder)
      try coordinator?.begin(configuration, dataset, model, unfreezings: state.unfreezings ?? [])
      try loading.commit()
      let recorder = try begin(folder, manifest, state, checkpoint)
      return PreparedRun(
        configuration: configuration, dataset: dataset, model: model, folder: folder, recorder: recorder, state: state,
        margins: margins,
        description: describe(folder, configuration, dataset, model, state, from: checkpoint),
        remarks: damaged + changes.map { "\($0) since the run began; it goes on with what is there now, as asked." }
          + losses + selection.remarks + remarks(configuration, dataset, model, threads: threads),
        findings: dataset.findings, coordinator: coordinator)
    } catch let failure as RunFailure {
      throw failure
    } catch let error as RunFolderError {
      throw RunFailure(error)
    } catch let error as DataError {
      throw RunFailure(error)
    } catch {
      throw RunFailure(exitCode: 70, "\(directory): cannot be resumed: \(error)")
    }
  }

  /// The data, and what of their files is not as it was, as beginnings of sentences; `manifest` learns of it.
  private static func load(
    _ manifest: inout RunManifest, _ checkpoint: Checkpoint?, _ encoder: PretrainedEncoder?, acceptsChangedData: Bool,
    _ loading: Loading, _ coordinator: Coordinator?, in path: String
  ) throws -> (TextDataset, changes: [String]) {
    // The model keeps its vocabulary: words that only changed files have are unknown ones.
    let kept = manifest.hasChangedData == true ? try checkpoint.map { try TokenizerFolder(reading: $0.path) } : nil
    var dataset = try load(manifest.configuration, tokenizer: kept ?? encoder?.tokenizer, coordinator)
    try loading.check()
    let changes = changes(manifest.fingerprints, dataset.fingerprints)
    guard let first = changes.first else { return (dataset, []) }
    guard acceptsChangedData else {
      throw RunFailure(
        exitCode: 65,
        "\(first) since the run in \(path) began; put it back, or go on with what is there now by"
          + " --accept-changed-data, or begin a new run")
    }
    manifest.fingerprints = dataset.fingerprints
    manifest.hasChangedData = true
    if kept == nil, let checkpoint {
      let tokenizer = try TokenizerFolder(reading: checkpoint.path)
      dataset = try load(manifest.configuration, tokenizer: tokenizer, coordinator)
    }
    return (dataset, changes)
  }

  /// Where the best checkpoint is gone, there is none so far; says so.
  private static func forgetLostBest(_ state: inout LoopState, _ folder: RunFolder) -> [String] {
    guard let best = state.best, folder.checkpoints.lacks(step: best.step) else { return [] }
    state.best = nil
    return [
      "The best checkpoint so far, of step \(best.step), is no longer there: the best is chosen anew from here on."
    ]
  }

  /// The first writes into the folder of a run that goes on.
  private static func begin(
    _ folder: RunFolder, _ manifest: RunManifest, _ state: LoopState, _ checkpoint: Checkpoint?
  ) throws(RunFolderError) -> RunRecorder {
    if let checkpoint { try folder.checkpoints.point(.last, at: checkpoint.step) }
    if let best = state.best { try folder.checkpoints.point(.best, at: best.step) }
    if manifest != folder.manifest { try folder.write(manifest) }
    // Without a checkpoint it begins anew, and so do its records.
    let recorder = try RunRecorder(
      folder: folder.path, position: checkpoint == nil ? RecordPosition() : state.records,
      thinning: MetricsThinning(every: manifest.configuration.metricsEvery))
    folder.begin()
    return recorder
  }

  /// What keeps a resumed run from being the undisturbed one bit for bit.
  private static func machineRemarks(_ manifest: RunManifest) -> [String] {
    let effect = "its sums are rounded otherwise, so it is not bit for bit the run it would have been."
    if let before = manifest.instructionSet, before != MultiTaskModel.instructionSet {
      return [
        "The run began with this program's \(before) instructions and goes on with \(MultiTaskModel.instructionSet): "
          + effect
      ]
    }
    let order = productOrder(manifest.configuration)
    guard manifest.productOrder != order else { return [] }
    return ["The run began with version \(manifest.version), which adds up matrix products in another order: " + effect]
  }

  /// The data files that are not as they were, as beginnings of sentences.
  private static func changes(_ before: [String: String], _ now: [String: String]) -> [String] {
    Set(before.keys).union(now.keys).sorted().filter { before[$0] != now[$0] }.map { path in
      "\(path): has \(now[path] == nil ? "gone" : before[path] == nil ? "come" : "changed")"
    }
  }
}
