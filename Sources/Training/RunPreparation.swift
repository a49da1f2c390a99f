internal import Machine
internal import MultiTaskTransformer
import Paths
internal import RunFolder
internal import RunLog
internal import TextData
internal import TrainingEvents

/// A run ready to train.
struct PreparedRun {
  var configuration: RunConfiguration
  var dataset: TextDataset
  var model: TransformerModel
  var folder: RunFolder
  var recorder: RunRecorder
  var state: LoopState
  var description: RunDescription
  /// Sentences for the log.
  var remarks: [String]
  /// The other processes that train it; nil for a run of this process alone.
  var coordinator: Coordinator?

  /// What is not trained for now; nil where all is.
  var frozen: String? {
    RunPreparation.frozenSentence(configuration, unfrozen: state.unfreezings?.count ?? 0, model)
  }

  /// What is trained on what, in a line.
  var summary: String {
    let from = description.resumedFrom.map { ", resumed from \($0)" } ?? ""
    return
      "\(description.trainSentences) sentences of \(description.dataName), \(description.parameterCount) parameters,"
      + " \(description.totalSteps) steps, \(description.threads) thread\(description.threads == 1 ? "" : "s")\(from)"
      + (coordinator.map { "; \($0.summary)" } ?? "")
  }
}

/// Reads the data, makes the folder and the model, and takes in the checkpoint of a resumed run.
enum RunPreparation {
  /// - Parameters:
  ///   - loading: asked between stages whether the run is still wanted, and told before the first write.
  ///   - ranks: the processes to train with; nil for none.
  ///   - commands: where a wish of theirs goes.
  static func prepare(
    _ start: TrainingEngine.Start, _ loading: Loading = Loading(), _ ranks: RankGroup? = nil,
    _ commands: CommandQueue = CommandQueue()
  ) throws(RunFailure) -> PreparedRun {
    let coordinator = try ranks.map { (group) throws(RunFailure) in try Coordinator(group, loading, commands) }
    return switch start {
    case .new(let configuration): try new(configuration, loading, coordinator)
    case .resume(let directory, let epochs, let threads, let acceptsChangedData):
      try resume(
        directory, epochs: epochs, threads: threads, acceptsChangedData: acceptsChangedData, loading, coordinator)
    }
  }

  // MARK: - A new run

  private static func new(
    _ original: RunConfiguration, _ loading: Loading, _ coordinator: Coordinator?
  ) throws(RunFailure) -> PreparedRun {
    var configuration = original
    if let coordinator { configuration = coordinator.completed(configuration) }
    configuration.source = absolute(original.source, seed: original.seed)
    try check(configuration, coordinator)
    let threads = threadCount(configuration, coordinator?.group)
    if configuration.shares == 0 { configuration.shares = threadCount(configuration) }
    let now = Clock.sinceEpoch()
    // Checked before the data are read; looked at again when the folder is made.
    if let directory = configuration.runDirectory {
      configuration.runDirectory = try inFolder { () throws(RunFolderError) in
        try RunFolder.check(directory: directory)
      }
    }
    let encoder = try configuration.encoder.map { (folder) throws(RunFailure) in
      try PretrainedEncoder(reading: absolutePath(folder))
    }
    try encoder?.adopt(&configuration)
    try loading.check()
    let dataset = try load(configuration, tokenizer: encoder?.tokenizer, coordinator)
    try loading.check()
    let selection = try BestSelection(configuration, dataset)
    configuration.selectBy = selection.chosen
    configuration.nGramBuckets = dataset.tokenizer.nGramBuckets
    configuration.epochs = epochs(configuration, stepsPerEpoch: stepsPerEpoch(configuration, dataset))
    let name = configuration.name ?? dataset.name
    let model = try makeModel(configuration, dataset, encoder, threads: threads)
    let encoderRemarks = try encoder?.load(into: model) ?? []
    try coordinator?.begin(configuration, dataset, model)
    try loading.commit()
    let (folder, recorder) = try inFolder { () throws(RunFolderError) in
      try makeFolder(&configuration, name: name, now: now, dataset)
    }
    let state = LoopState(configuration)
    return PreparedRun(
      configuration: configuration, dataset: dataset, model: model, folder: folder, recorder: recorder, state: state,
      description: describe(folder, configuration, dataset, model, state, from: nil),
      remarks: encoderRemarks + selection.remarks + remarks(configuration, dataset, model, threads: threads),
      coordinator: coordinator)
  }

  /// The folder that was asked for, or one of the run's own; `configuration` learns which.
  private static func makeFolder(
    _ configuration: inout RunConfiguration, name: String, now: Double, _ dataset: TextDataset
  ) throws(RunFolderError) -> (RunFolder, RunRecorder) {
    let claimed = configuration.runDirectory == nil ? try RunFolder.claim(name: name, now: now) : nil
    let path = claimed ?? configuration.runDirectory ?? ""
    configuration.runDirectory = path
    do throws(RunFolderError) {
      let folder = try RunFolder.create(
        at: path,
        manifest: RunManifest(
          version: Program.version, name: name, created: now, configuration: configuration,
          fingerprints: dataset.fingerprints, instructionSet: MultiTaskModel.instructionSet,
          productOrder: MultiTaskModel.productOrder))
      return (folder, try RunRecorder(folder: path, thinning: MetricsThinning(every: configuration.metricsEvery)))
    } catch {
      if let claimed { RunFolder.abandon(claimed: claimed) }
      throw error
    }
  }

  private static func inFolder<Value>(
    _ body: () throws(RunFolderError) -> Value
  ) throws(RunFailure) -> Value {
    do throws(RunFolderError) {
      return try body()
    } catch {
      throw RunFailure(error)
    }
  }

  // MARK: - An old run

  private static func resume(
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
      // The model keeps its vocabulary: words that only changed files have are unknown ones.
      let kept = manifest.hasChangedData == true ? try checkpoint.map { try TokenizerFolder(reading: $0.path) } : nil
      try loading.check()
      var dataset = try load(configuration, tokenizer: kept ?? encoder?.tokenizer, coordinator)
      try loading.check()
      let changes = changes(manifest.fingerprints, dataset.fingerprints)
      if let first = changes.first, !acceptsChangedData {
        throw RunFailure(
          exitCode: 65,
          "\(first) since the run in \(folder.path) began; put it back, or go on with what is there now by"
            + " --accept-changed-data, or begin a new run")
      }
      if !changes.isEmpty {
        manifest.fingerprints = dataset.fingerprints
        manifest.hasChangedData = true
        if kept == nil, let checkpoint {
          dataset = try load(configuration, tokenizer: try TokenizerFolder(reading: checkpoint.path), coordinator)
        }
      }
      let selection = BestSelection(resuming: configuration, dataset)
      configuration.selectBy = selection.chosen
      manifest.configuration.selectBy = selection.chosen
      let model = try makeModel(configuration, dataset, encoder, threads: threads)
      var state = LoopState(configuration)
      if checkpoint == nil { _ = try encoder?.load(into: model) }
      if let checkpoint {
        state = try Checkpointing(dataset).restore(
          checkpoint, into: model, stepsPerEpoch: stepsPerEpoch(configuration, dataset), of: configuration)
      }
      if selection.isReplaced { state.best = nil }
      var losses = machineRemarks(manifest)
      if let best = state.best, folder.checkpoints.lacks(step: best.step) {
        losses.append(
          "The best checkpoint so far, of step \(best.step), is no longer there: the best is chosen anew from here on.")
        state.best = nil
      }
      try coordinator?.begin(configuration, dataset, model, unfreezings: state.unfreezings ?? [])
      try loading.commit()
      if let checkpoint { try folder.checkpoints.point(.last, at: checkpoint.step) }
      if let best = state.best { try folder.checkpoints.point(.best, at: best.step) }
      if manifest != folder.manifest { try folder.write(manifest) }
      // Without a checkpoint it begins anew, and so do its records.
      let recorder = try RunRecorder(
        folder: folder.path, position: checkpoint == nil ? RecordPosition() : state.records,
        thinning: MetricsThinning(every: configuration.metricsEvery))
      folder.begin()
      return PreparedRun(
        configuration: configuration, dataset: dataset, model: model, folder: folder, recorder: recorder, state: state,
        description: describe(folder, configuration, dataset, model, state, from: checkpoint),
        remarks: damaged + changes.map { "\($0) since the run began; it goes on with what is there now, as asked." }
          + losses + selection.remarks + remarks(configuration, dataset, model, threads: threads),
        coordinator: coordinator)
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

  /// What keeps a resumed run from being the undisturbed one bit for bit.
  private static func machineRemarks(_ manifest: RunManifest) -> [String] {
    let effect = "its sums are rounded otherwise, so it is not bit for bit the run it would have been."
    if let before = manifest.instructionSet, before != MultiTaskModel.instructionSet {
      return [
        "The run began with this program's \(before) instructions and goes on with \(MultiTaskModel.instructionSet): "
          + effect
      ]
    }
    guard manifest.productOrder != MultiTaskModel.productOrder else { return [] }
    return ["The run began with version \(manifest.version), which adds up matrix products in another order: " + effect]
  }

  /// The data files that are not as they were, as beginnings of sentences.
  private static func changes(_ before: [String: String], _ now: [String: String]) -> [String] {
    Set(before.keys).union(now.keys).sorted().filter { before[$0] != now[$0] }.map { path in
      "\(path): has \(now[path] == nil ? "gone" : before[path] == nil ? "come" : "changed")"
    }
  }

  // MARK: - Both

  static func check(_ configuration: RunConfiguration, _ coordinator: Coordinator? = nil) throws(RunFailure) {
    if let fault = ConfigurationCheck.fault(configuration) { throw RunFailure(exitCode: 65, fault) }
    try coordinator?.check(configuration)
  }

  /// Reads the data, and has the other processes read theirs meanwhile; they must be the same.
  private static func load(
    _ configuration: RunConfiguration, tokenizer: TokenizerFolder?, _ coordinator: Coordinator?
  ) throws(RunFailure) -> TextDataset {
    try coordinator?.announce(configuration, tokenizer)
    let dataset = try load(configuration, tokenizer: tokenizer)
    try coordinator?.compare(dataset)
    return dataset
  }

  /// The configuration's data, with at least one sentence to train on.
  ///
  /// - Parameter tokenizer: a pretrained encoder's, in place of one made from train.
  static func load(
    _ configuration: RunConfiguration, tokenizer: TokenizerFolder? = nil
  ) throws(RunFailure) -> TextDataset {
    let source: DataOptions.Source =
      switch configuration.source {
      case .demo: .demo
      case .folder(let path): .folder(path)
      case .files(let train, let dev, let test): .files(train: train, dev: dev, test: test)
      }
    do throws(DataError) {
      var options = DataOptions(
        source: source, lowercase: configuration.lowercase, minimumCount: configuration.minimumCount,
        maxLength: configuration.maxLength, nGramBuckets: configuration.nGramBuckets)
      options.tokenizer = configuration.tokenizer == .wordpiece ? .wordpiece : .words
      options.vocabularySize = configuration.vocabularySize
      options.pretrained = tokenizer
      options.reading = ReadingOptions(configuration.reading)
      let dataset = try TextDataset.load(options)
      guard dataset.train.count > 0 else {
        throw DataError(kind: .malformed, description: "\(dataset.name): has no sentence to train on")
      }
      return dataset
    } catch {
      throw RunFailure(error)
    }
  }

  /// The source with its paths absolute, so that a resume finds it from anywhere.
  ///
  /// A share of train's sentences is written with the seed that chooses them.
  private static func absolute(_ source: RunConfiguration.Source, seed: UInt64) -> RunConfiguration.Source {
    func absolute(_ path: String) -> String {
      guard var share = HeldOutShare(path) else { return absolutePath(path) }
      if share.wantsSeed { share.seed = seed }
      return share.description
    }
    switch source {
    case .demo: return .demo
    case .folder(let path): return .folder(absolutePath(path))
    case .files(let train, let dev, let test):
      return .files(train: train.map(absolute), dev: dev.map(absolute), test: test.map(absolute))
    }
  }

  /// Threads of a process that has its machine for itself, or shares it with the others of a group.
  static func threadCount(_ configuration: RunConfiguration, _ group: RankGroup? = nil) -> Int {
    configuration.threads > 0 ? configuration.threads : max(1, Processors.available / (group?.localCount ?? 1))
  }

  static func stepsPerEpoch(_ configuration: RunConfiguration, _ dataset: TextDataset) -> Int {
    BatchOrder.batchCount(dataset.train, batchSize: configuration.batchSize)
  }

  /// The epochs of a new run.
  static func epochs(_ configuration: RunConfiguration, stepsPerEpoch: Int) -> Int {
    let wanted = configuration.leastSteps.map { ($0 + stepsPerEpoch - 1) / max(stepsPerEpoch, 1) } ?? 0
    return max(configuration.epochs, min(wanted, RunConfiguration.mostSmallDataEpochs))
  }

  static func makeModel(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ encoder: PretrainedEncoder?, threads: Int
  ) throws(RunFailure) -> TransformerModel {
    var shape = shape(configuration, dataset)
    encoder?.complete(&shape)
    return try makeModel(configuration, dataset, shape, threads: threads)
  }

  static func makeModel(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ shape: ModelConfiguration, threads: Int
  ) throws(RunFailure) -> TransformerModel {
    let plan = try plan(configuration)
    let needed = ConfigurationCheck.leastBytes(shape)
    guard needed <= Processors.memory else {
      throw RunFailure(
        exitCode: 65,
        "The model needs at least \(needed >> 20) MiB and this process may use \(Processors.memory >> 20): choose a smaller"
          + " hidden, layers or intermediate")
    }
    let model = TransformerModel(
      ModelEnsemble(
        configuration: shape, tagConstraints: tagConstraints(dataset.tags), seed: configuration.seed, threads: threads,
        shares: configuration.shares, parts: configuration.parts ?? 1,
        precision: precision(configuration.precision).used, plan: plan))
    if shape.tagPrior > 0 {
      let seen = dataset.train.tagTransitions(tagCount: dataset.tags.count)
      model.take(TagPrior(steps: seen.steps, first: seen.first, last: seen.last))
    }
    model.sentenceClassWeights = ClassWeights(configuration, dataset).values
    return model
  }

  /// What is trained, and how fast.
  ///
  /// - Parameter unfreezings: with gradual unfreezing, the optimizer steps done when each part so far began.
  static func plan(
    _ configuration: RunConfiguration, unfreezings: [Int] = []
  ) throws(RunFailure) -> TrainingPlan {
    do throws(FreezeFault) {
      let frozen = try configuration.frozen(unfrozen: unfreezings.count)
      var plan = TrainingPlan()
      plan.frozenEmbeddings = frozen.embeddings
      plan.frozenLayers = frozen.layers
      for (place, steps) in unfreezings.enumerated() {
        let layer = configuration.layers - 1 - place
        if layer >= 0 { plan.stepsBeforeLayers[layer] = steps } else { plan.stepsBeforeEmbeddings = steps }
      }
      if let rate = configuration.encoderLearningRate { plan.encoderRate = rate / configuration.learningRate }
      plan.layerDecay = configuration.layerDecay
      plan.optimizer = configuration.optimizer == .muon ? .muon : .adamW
      return plan
    } catch {
      throw RunFailure(exitCode: 65, error.sentence)
    }
  }

  /// What the log says before the first step.
  private static func remarks(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ model: TransformerModel, threads wanted: Int
  ) -> [String] {
    let threads =
      model.threads < wanted
      ? ["The system gave \(model.threads) of \(wanted) threads; the run goes on with these, slower but the same."] : []
    return precision(configuration.precision).remarks + threads + dataset.remarks
  }

  /// What is not trained now; nil where all is and was from the start.
  static func frozenSentence(
    _ configuration: RunConfiguration, unfrozen: Int, _ model: some TrainableModel
  ) -> String? {
    guard !configuration.freeze.isEmpty || configuration.unfreezeEvery != nil else { return nil }
    let names = (try? configuration.frozen(unfrozen: unfrozen))?.names(layers: configuration.layers) ?? []
    return "Frozen: \(names.isEmpty ? "nothing" : names.joined(separator: ", ")); \(model.trainedCount) of"
      + " \(model.parameterCount) parameters are trained."
  }

  /// The number format of the products, and a sentence where it is not the one asked for.
  static func precision(_ wanted: RunConfiguration.Precision) -> (used: MatmulPrecision, remarks: [String]) {
    switch wanted {
    case .f32: (.f32, [])
    case .bf16 where MultiTaskModel.supportsBFloat16: (.bf16, [])
    case .bf16: (.f32, ["This processor does not multiply bfloat16 numbers; float32 is used instead."])
    }
  }

  /// The shape of the model that a configuration asks for on its data.
  static func shape(_ configuration: RunConfiguration, _ dataset: TextDataset) -> ModelConfiguration {
    let dropout = Float(configuration.dropout)
    var shape = ModelConfiguration(
      vocabularySize: dataset.vocabulary.count, hiddenSize: configuration.hidden, layerCount: configuration.layers,
      headCount: configuration.heads, intermediateSize: configuration.intermediate,
      maxPositions: configuration.maxLength, hiddenDropout: dropout,
      attentionDropout: configuration.attentionDropout.map { Float($0) } ?? dropout,
      classifierDropout: configuration.headDropout.map { Float($0) } ?? dropout,
      sentenceClassCount: max(1, dataset.sentenceClasses.count),
      tagCount: max(1, dataset.tags.count))
    shape.normalization = configuration.normalization == .pre ? .pre : .post
    shape.positions = configuration.positions == .relative ? .relative : .absolute
    shape.convolution = configuration.convolution
    shape.nGramBuckets = dataset.tokenizer.nGramBuckets
    shape.embeddingDropout = configuration.embeddingDropout.map { Float($0) }
    shape.labelSmoothing = Float(configuration.labelSmoothing)
    shape.tagLoss = configuration.tagLoss == .crf ? .crf : .crossEntropy
    shape.tagChain = configuration.tagChain ?? false
    if !shape.learnsTransitions, tagConstraints(dataset.tags) != nil {
      shape.tagPrior = Float(configuration.tagPrior ?? 0)
    }
    shape.lazyEmbeddings = configuration.lazyEmbeddings
    shape.neighbourHeads = configuration.neighbourHeads
    shape.members = configuration.members
    return shape
  }

  /// What makes batches of training sentences, changed by chance where the configuration says so.
  static func collator(_ configuration: RunConfiguration, _ dataset: TextDataset) -> Collator {
    let changes = Augmentation.Options(
      swap: configuration.swap, wordDropout: configuration.wordDropout ?? 0, unknownWords: configuration.unknownWords,
      nGramDropout: configuration.nGramDropout,
      pieceDropout: configuration.pieceDropout ?? 0)
    return Collator(
      augmentation: changes.isNone
        ? nil : Augmentation(dataset, options: changes, seed: configuration.seed))
  }

  /// What BIO allows; nil where the tags are no entity tags.
  static func tagConstraints(_ tags: [String]) -> TagConstraints? {
    guard !tags.isEmpty, tags.allSatisfy(Tag.isEntityTag) else { return nil }
    return TagConstraints(
      tags.map(Tag.init).map { tag in
        switch tag.prefix {
        case .begin: .begins(tag.type)
        case .inside: .continues(tag.type)
        default: .other
        }
      })
  }

  private static func describe(
    _ folder: RunFolder, _ configuration: RunConfiguration, _ dataset: TextDataset, _ model: TransformerModel,
    _ state: LoopState, from checkpoint: Checkpoint?
  ) -> RunDescription {
    let steps = stepsPerEpoch(configuration, dataset)
    return RunDescription(
      name: folder.manifest.name, directory: folder.path, configuration: configuration, dataName: dataset.name,
      trainSentences: dataset.train.count, devSentences: dataset.dev?.count ?? 0,
      testSentences: dataset.test?.count ?? 0, sentenceClasses: dataset.sentenceClasses, tags: dataset.tags,
      vocabularySize: dataset.vocabulary.count, parameterCount: model.parameterCount, stepsPerEpoch: steps,
      totalSteps: configuration.epochs * steps, startStep: state.step, resumedFrom: checkpoint?.name,
      secondsBefore: state.elapsed, best: state.best, threads: model.threads,
      lossDescription: lossDescription(configuration, dataset, state))
  }

  private static func lossDescription(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ state: LoopState
  ) -> String {
    func term(_ weight: Double, _ name: String) -> String { weight == 1 ? name : "\(weight) × \(name)" }
    let changes = [
      configuration.labelSmoothing > 0 ? "label smoothing \(configuration.labelSmoothing)" : "",
      ClassWeights(configuration, dataset).description,
    ].filter { !$0.isEmpty }
    let tags =
      switch configuration.tagLoss {
      case .crossEntropy:
        "cross-entropy over tokens, label -100 ignored"
          + (configuration.tagChain == true ? ", of the marginals of a learned chain over the tags" : "")
      case .crf: "negative log-likelihood of a conditional random field over tags, per token"
      }
    let details = changes.isEmpty ? "" : " (\(changes.joined(separator: "; ")))"
    let (hasClasses, hasTags) = (!dataset.sentenceClasses.isEmpty, !dataset.tags.isEmpty)
    let terms = (hasClasses ? [term(state.weights.sentence, "loss_a")] : []) + (hasTags ? [term(state.weights.words, "loss_b")] : [])
    let missing = hasClasses && hasTags ? "" : ", for train has no \(hasTags ? "classes" : "tags")"
    return "loss = \(terms.joined(separator: " + "))\(missing)"
      + (hasClasses ? "; loss_a: cross-entropy over sentences\(details)" : "") + (hasTags ? "; loss_b: \(tags)" : "")
      + (configuration.freeze.isEmpty ? "" : "; frozen: \(configuration.freeze.joined(separator: ", "))")
      + (configuration.unfreezeEvery.map {
        "; the encoder begins frozen, one part more is trained every \($0) epochs, the top layer first"
      } ?? "")
  }
}
