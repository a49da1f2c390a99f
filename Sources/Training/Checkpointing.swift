internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// What a checkpoint of a run holds, and how it is loaded again.
struct Checkpointing {
  static let optimizerFile = "optimizer.safetensors"

  /// tokenizer_config.json: how text becomes tokens of the vocabulary.
  private struct TokenizerFile: Codable, Equatable {
    var kind: TokenizerConfiguration.Kind
    var lowercase: Bool
    var maxLength: Int
    var stripAccents: Bool?
    var separateChinese: Bool?
    /// What opens tokenizer.json elsewhere.
    var tokenizerClass = "PreTrainedTokenizerFast"
    var cls = SpecialToken.cls.rawValue
    var sep = SpecialToken.sep.rawValue
    var pad = SpecialToken.pad.rawValue
    var unknown = SpecialToken.unknown.rawValue
    var mask: String?

    enum CodingKeys: String, CodingKey {
      case kind = "mtt_tokenizer"
      case lowercase = "do_lower_case"
      case maxLength = "model_max_length"
      case stripAccents = "strip_accents"
      case separateChinese = "tokenize_chinese_chars"
      case tokenizerClass = "tokenizer_class"
      case cls = "cls_token"
      case sep = "sep_token"
      case pad = "pad_token"
      case unknown = "unk_token"
      case mask = "mask_token"
    }
  }

  private let vocabulary: [UInt8]
  private let tokenizerJSON: [UInt8]
  private let labels: ModelFolder.Labels
  private let tokenizer: TokenizerFile
  private let padTokenID: Int

  init(_ dataset: TextDataset) {
    let folder = TokenizerFolder(configuration: dataset.tokenizer, vocabulary: dataset.vocabulary)
    vocabulary = folder.vocabularyFileContent
    tokenizerJSON = folder.jsonFileContent
    labels = ModelFolder.Labels(sentenceClasses: dataset.sentenceClasses, tags: dataset.tags)
    padTokenID = Int(dataset.encoding.makeTokenizer().special.pad)
    let isWordPiece = dataset.tokenizer.kind == .wordpiece
    tokenizer = TokenizerFile(
      kind: dataset.tokenizer.kind, lowercase: dataset.tokenizer.lowercase, maxLength: dataset.maxLength,
      stripAccents: isWordPiece ? dataset.tokenizer.stripAccents : nil,
      separateChinese: isWordPiece ? dataset.tokenizer.separateChinese : nil,
      mask: isWordPiece && dataset.vocabulary.contains("[MASK]") ? "[MASK]" : nil)
  }

  func files(model: some TrainableModel, state: LoopState, margins: MarginSums) -> [CheckpointFile] {
    var state = state
    let (optimizerStep, moments) = model.optimizerState()
    state.optimizerStep = optimizerStep
    return [
      CheckpointFile(
        name: ModelFolder.configurationFile, content: .bytes(model.configurationFile(padTokenID: padTokenID))),
      CheckpointFile(
        name: ModelFolder.weightsFile,
        content: .tensors(model.parameters().map(Self.stored), metadata: ["format": "pt"])),
      CheckpointFile(name: ModelFolder.vocabularyFile, content: .bytes(vocabulary)),
      CheckpointFile(name: ModelFolder.tokenizerJSONFile, content: .bytes(tokenizerJSON)),
      CheckpointFile(name: ModelFolder.tokenizerFile, content: .bytes(RunJSON.encode(tokenizer, pretty: true))),
      CheckpointFile(name: ModelFolder.labelsFile, content: .bytes(RunJSON.encode(labels, pretty: true))),
      CheckpointFile(name: Self.optimizerFile, content: .tensors(moments.map(Self.stored), metadata: [:])),
      CheckpointFile(name: LoopState.fileName, content: .bytes(RunJSON.encode(state, pretty: true))), margins.file,
    ]
  }

  /// Loads the weights alone.
  static func loadWeights(of checkpoint: Checkpoint, into model: some TrainableModel) throws {
    try model.load(parameters: try StoredTensors(checkpoint, files: [ModelFolder.weightsFile]) { $0 }.all())
  }

  /// Takes a checkpoint into a model and gives the loop's state.
  ///
  /// Throws a sentence if the data's vocabulary or labels are not the checkpoint's, or anything does not fit.
  func restore(
    _ checkpoint: Checkpoint, into model: some TrainableModel, stepsPerEpoch: Int, of configuration: RunConfiguration
  ) throws(RunFailure) -> LoopState {
    do {
      try compare(checkpoint)
      let path = checkpoint.path + "/" + LoopState.fileName
      let state = try RunJSON.decode(LoopState.self, from: try checkpoint.bytes(LoopState.fileName), path: path)
      if let fault = state.fault(stepsPerEpoch: stepsPerEpoch) {
        throw RunFailure(exitCode: 65, "\(path): does not fit this run: \(fault)")
      }
      guard state.step == checkpoint.step else {
        throw RunFailure(exitCode: 65, "\(path): is of step \(state.step), its checkpoint of step \(checkpoint.step)")
      }
      if let unfreezings = state.unfreezings {
        model.follow(try RunPreparation.plan(configuration, unfreezings: unfreezings))
      }
      try Self.loadWeights(of: checkpoint, into: model)
      try model.load(
        optimizerStep: state.optimizerStep, moments: try Self.tensors(try checkpoint.tensors(Self.optimizerFile)))
      return state
    } catch let error as RunFolderError {
      throw RunFailure(error)
    } catch let error as ModelError {
      throw RunFailure(exitCode: 65, "\(checkpoint.path): does not fit this run's model: \(error)")
    } catch let failure as RunFailure {
      throw failure
    } catch {
      throw RunFailure(exitCode: 70, "\(checkpoint.path): cannot be loaded: \(error)")
    }
  }

  private func compare(_ checkpoint: Checkpoint) throws {
    let advice = "the data have changed since the run began; put them back, or begin a new run"
    guard try checkpoint.bytes(ModelFolder.vocabularyFile) == vocabulary else {
      throw RunFailure(
        exitCode: 65,
        "\(checkpoint.path)/\(ModelFolder.vocabularyFile): is not the vocabulary of the data now: \(advice)")
    }
    guard try ModelFolder.labels(of: checkpoint) == labels else {
      throw RunFailure(
        exitCode: 65, "\(checkpoint.path)/\(ModelFolder.labelsFile): are not the labels of the data now: \(advice)")
    }
  }

  private static func stored(_ tensor: NamedTensor) -> StoredTensor {
    StoredTensor(name: tensor.name, shape: tensor.shape, values: .f32(tensor.values))
  }

  private static func tensors(_ file: SafetensorsFile) throws(RunFolderError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for entry in file.entries {
      tensors.append(NamedTensor(name: entry.name, shape: entry.shape, values: try file.floats(entry)))
    }
    return tensors
  }
}
