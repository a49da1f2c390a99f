internal import Machine
internal import MultiTaskTransformer
import Paths
internal import RunFolder
internal import RunLog
internal import RunOptions
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
  /// Those of the checkpoint that it goes on from; nil for a new run.
  var margins: MarginSums?
  var description: RunDescription
  /// Sentences for the log: what is to be looked at, and what was found in the data and follows from it.
  var remarks: [String]
  var findings: [String]
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

/// Reads the data, makes the folder and the model, and loads the checkpoint of a resumed run.
enum RunPreparation {
  /// - Parameters:
  ///   - loading: asked between stages whether the run is still wanted, and called before the first write.
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
    configuration.source = original.source.absolute(seed: original.seed)
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
    let followed = followData(&configuration, dataset)
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
      findings: dataset.findings + followed, coordinator: coordinator)
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
          productOrder: productOrder(configuration)))
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

  // MARK: - Both

  static func check(_ configuration: RunConfiguration, _ coordinator: Coordinator? = nil) throws(RunFailure) {
    if let fault = configuration.fault { throw RunFailure(exitCode: 65, fault) }
    try coordinator?.check(configuration)
  }

  /// Threads of a process that has its machine for itself, or shares it with the others of a group.
  static func threadCount(_ configuration: RunConfiguration, _ group: RankGroup? = nil) -> Int {
    configuration.threads > 0 ? configuration.threads : max(1, Processors.available / (group?.localCount ?? 1))
  }

  static func stepsPerEpoch(_ configuration: RunConfiguration, _ dataset: TextDataset) -> Int {
    BatchOrder.batchCount(dataset.train, batchSize: configuration.batchSize)
  }

  /// Takes a class prior that is for few sentences alone from a run on many.
  static func limitClassPrior(_ configuration: inout RunConfiguration, _ dataset: TextDataset) {
    guard configuration.classPriorIsForFew == true else { return }
    configuration.classPriorIsForFew = nil
    let isUsed = dataset.train.count <= RunConfiguration.mostClassPriorSentences && dataset.sentenceClasses.count > 1
    if !isUsed { configuration.classPrior = nil }
  }

  /// Makes epochs and batches of a new run, and what else depends on their number, suit its data; returns what there is to
  /// say of it.
  static func followData(_ configuration: inout RunConfiguration, _ dataset: TextDataset) -> [String] {
    let wanted = configuration
    limitClassPrior(&configuration, dataset)
    if configuration.smallBatches == true, configuration.leastSteps != nil {
      let epochs = max(configuration.epochs, RunConfiguration.mostSmallDataEpochs)
      while stepsPerEpoch(configuration, dataset) * epochs < RunConfiguration.leastSmallDataSteps,
        configuration.batchSize / 2 >= RunConfiguration.leastSmallDataBatch
      {
        configuration.batchSize /= 2
      }
    }
    configuration.epochs = epochs(configuration, stepsPerEpoch: stepsPerEpoch(configuration, dataset))
    var findings: [String] = []
    if configuration.batchSize < wanted.batchSize {
      findings.append(
        "Few sentences: \(configuration.batchSize) of them a step instead of \(wanted.batchSize), \(configuration.epochs)"
          + " epochs; --batch-size and --epochs override it.")
    }
    if wanted.classPriorIsForFew == true, let prior = configuration.classPrior {
      findings.append(
        "Few sentences: a logistic regression of words and n-grams counts \(prior) times in the class logits;"
          + " --class-prior overrides it.")
    }
    return findings
  }

  /// The epochs of a new run.
  static func epochs(_ configuration: RunConfiguration, stepsPerEpoch: Int) -> Int {
    let wanted = configuration.leastSteps.map { ($0 + stepsPerEpoch - 1) / max(stepsPerEpoch, 1) } ?? 0
    return max(configuration.epochs, min(wanted, RunConfiguration.mostSmallDataEpochs))
  }

  /// What the log says before the first step.
  static func remarks(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ model: TransformerModel, threads wanted: Int
  ) -> [String] {
    let threads =
      model.threads < wanted
      ? ["The system gave \(model.threads) of \(wanted) threads; the run goes on with these, slower but the same."] : []
    return precision(configuration.precision).remarks + threads + dataset.remarks
  }
}
