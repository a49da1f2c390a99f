internal import Machine
internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
public import TrainingEvents

/// A model as a run left it, with everything that belongs to it: vocabulary, lower-casing, n-grams, maximum length,
/// labels and decoding. For one thread.
public final class TrainedModel {
  /// Absolute path of the checkpoint's folder.
  public let path: String
  /// Which checkpoint it is, in words: `checkpoint step-0004499 (best) of runs/first`.
  public let origin: String
  /// The checkpoint folder's name.
  public let checkpointName: String
  /// Completed steps of the run; nil outside a run.
  public let step: Int?
  public var sentenceClasses: [String] { encoding.sentenceClasses }
  public var tags: [String] { encoding.tags }
  public var parameterCount: Int { model.parameterCount }
  /// The data that the run was trained on, where it says so.
  public let runData: RunData?
  /// What the run knows of the form of its data.
  public let runReading: RunConfiguration.Reading?
  /// Sentences on what is not as the run or the folder says.
  public let remarks: [String]

  /// What its probabilities are made true by; empty where nothing was fitted.
  let temperatures: Temperatures
  let encoding: TextEncoding
  let model: TransformerModel
  /// Weights of the tasks' losses.
  let weights: PerTask<Double>

  /// Where a run's data lie.
  public enum RunData: Hashable, Sendable {
    case demo
    case folder(String)
    case files(train: [String], dev: [String], test: [String])
  }

  /// Loads a run's checkpoint, or the folder of a checkpoint or of an export for `transformers`.
  ///
  /// - Parameters:
  ///   - path: a run's folder, or one that `ModelFolder` reads.
  ///   - checkpoint: `best`, `last`, `step-0000400` or `400`; nil for the best, or the last where no best was chosen.
  ///   - threads: worker threads; 0 for one a core.
  public convenience init(_ path: String, checkpoint: String? = nil, threads: Int = 0) throws(RunFailure) {
    try self.init(
      location: try RunFailure.converting { () throws(RunFolderError) in
        try CheckpointLocation.find(path, named: checkpoint)
      }, threads: threads)
  }

  private init(location: CheckpointLocation, threads: Int) throws(RunFailure) {
    let checkpoint = location.checkpoint
    path = checkpoint.path
    origin = location.description
    checkpointName = location.name
    step = location.run == nil ? nil : checkpoint.step
    runData = location.run?.configuration.data
    runReading = location.run?.configuration.reading
    let folder = try ModelFolder(checkpoint)
    encoding = try folder.encoding()
    temperatures = try folder.temperatures()
    let tensors = try folder.tensors()
    let precision = RunPreparation.precision(location.run?.configuration.precision == "bf16" ? .bf16 : .f32)
    remarks = folder.tokenizer.remarks + precision.remarks
    let threads = threads > 0 ? threads : Processors.available
    let ensemble = ModelEnsemble(
      configuration: folder.shape, tagConstraints: RunPreparation.tagConstraints(encoding.tags), seed: 0,
      threads: threads, shares: threads, precision: precision.used, purpose: .inference)
    try ensemble.fill { (name, values) throws(RunFailure) in try tensors.read(name, into: values) }
    model = TransformerModel(ensemble)
    weights = try RunFailure.converting { () throws(RunFolderError) in try Self.lossWeights(of: checkpoint) }
  }

  private struct LossWeights: Decodable {
    var weightA: Double
    var weightB: Double
  }

  /// The weights of the tasks' losses when the checkpoint was written; 1 and 1 for an export, which has none.
  private static func lossWeights(of checkpoint: Checkpoint) throws(RunFolderError) -> PerTask<Double> {
    let path = checkpoint.path + "/" + LoopState.fileName
    guard isThere(path) else { return PerTask.all(1) }
    let weights = try RunJSON.decode(LossWeights.self, from: checkpoint.bytes(LoopState.fileName), path: path)
    return PerTask(weights.weightA, weights.weightB)
  }

  /// All rows of a split in batches.
  func order(_ split: EncodedSplit) -> BatchOrder {
    EvaluationBatch.order(split, wanted: 32, tags: encoding.tags.count)
  }

  /// What the model says of a batch; throws a sentence where that is nothing, because logits are no finite numbers.
  func answers(_ batch: Batch) throws(RunFailure) -> BatchAnswers {
    let answers = model.answers(batch)
    guard answers.unanswered.isEmpty else {
      throw RunFailure(
        exitCode: 65,
        "\(path): the model's logits are no finite numbers, so it says nothing of these sentences: its weights have grown"
          + " out of bounds; take an earlier checkpoint by --checkpoint")
    }
    return answers
  }
}
