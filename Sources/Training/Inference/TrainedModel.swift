internal import MultiTaskTransformer
internal import RunFolder
public import TextData
internal import TrainingEvents

/// Why a trained model cannot be had, or an answer not be given.
public struct InferenceFailure: Error, CustomStringConvertible, Hashable, Sendable {
  /// 65 bad data; 66 no such input; 73 cannot write.
  public var exitCode: Int32
  /// A sentence: which file, what was found, what to do.
  public var description: String

  public init(exitCode: Int32, _ description: String) {
    self.exitCode = exitCode
    self.description = description
  }

  init(_ error: RunFolderError) { self.init(exitCode: error.exitCode, error.description) }

  public init(_ error: DataError) {
    switch error.kind {
    case .missing: self.init(exitCode: 66, error.description)
    case .malformed: self.init(exitCode: 65, error.description)
    case .unwritable: self.init(exitCode: 73, error.description)
    }
  }
}

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

  let encoding: TextEncoding
  let model: TransformerModel
  /// Weights of the tasks' losses.
  let weights: (a: Double, b: Double)

  /// Where a run's data lie.
  public enum RunData: Hashable, Sendable {
    case demo
    case folder(String)
    case files(train: [String], dev: [String], test: [String])
  }

  /// Loads a run's checkpoint, or the folder of a checkpoint or of an export for `transformers`.
  ///
  /// - Parameters:
  ///   - path: a run's folder, or one with `config.json`, `model.safetensors` (and `heads.safetensors` where it was
  ///     exported), `vocab.txt`, `labels.json` and `tokenizer_config.json`.
  ///   - checkpoint: `best`, `last`, `step-0000400` or `400`; nil for the best, or the last where no best was chosen.
  ///   - threads: worker threads; 0 for one a core.
  public convenience init(_ path: String, checkpoint: String? = nil, threads: Int = 0) throws(InferenceFailure) {
    do throws(RunFolderError) {
      try self.init(location: try CheckpointLocation.find(path, named: checkpoint), threads: threads)
    } catch {
      throw InferenceFailure(error)
    }
  }

  private init(location: CheckpointLocation, threads: Int) throws(RunFolderError) {
    let checkpoint = location.checkpoint
    path = checkpoint.path
    origin = location.description
    checkpointName = location.name
    step = location.run == nil ? nil : checkpoint.step
    runData = location.run?.configuration.data
    let configuration = try StoredModel.configuration(of: checkpoint)
    encoding = try Checkpointing.encoding(of: checkpoint, nGramBuckets: configuration.nGramBuckets)
    try StoredModel.check(configuration, against: encoding, in: checkpoint)
    let files = try StoredModel.tensorFiles(of: checkpoint)
    try StoredModel.check(configuration, against: files)
    let threads = threads > 0 ? threads : Processors.available
    let wanted: MatmulPrecision = location.run?.configuration.precision == "bf16" ? .bf16 : .f32
    let transformer = ModelEnsemble(
      configuration: configuration, tagConstraints: RunPreparation.tagConstraints(encoding.tags), seed: 0,
      threads: threads, shares: threads, precision: wanted)
    model = TransformerModel(transformer)
    var tensors: [NamedTensor] = []
    for file in files { tensors += try Checkpointing.tensors(file) }
    do throws(ModelError) {
      try model.load(parameters: tensors)
    } catch {
      throw RunFolderError(kind: .malformed, description: "\(path): \(error)")
    }
    weights = StoredModel.lossWeights(of: checkpoint)
  }
}
