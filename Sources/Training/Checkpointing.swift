internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// What a checkpoint of a run holds, and how it is taken in again.
struct Checkpointing {
  static let weightsFile = "model.safetensors"
  static let optimizerFile = "optimizer.safetensors"
  static let vocabularyFile = "vocab.txt"
  static let tokenizerFile = "tokenizer_config.json"
  static let tokenizerJSONFile = "tokenizer.json"
  static let labelsFile = "labels.json"
  static let configurationFile = "config.json"

  /// labels.json.
  private struct Labels: Codable, Equatable {
    var sentenceClasses: [String]
    var tags: [String]

    enum CodingKeys: String, CodingKey {
      case sentenceClasses = "sentence_classes"
      case tags
    }
  }

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
  private let labels: Labels
  private let tokenizer: TokenizerFile

  init(_ dataset: TextDataset) {
    let folder = TokenizerFolder(configuration: dataset.tokenizer, vocabulary: dataset.vocabulary)
    vocabulary = folder.vocabularyFileContent
    tokenizerJSON = folder.jsonFileContent
    labels = Labels(sentenceClasses: dataset.sentenceClasses, tags: dataset.tags)
    let isWordPiece = dataset.tokenizer.kind == .wordpiece
    tokenizer = TokenizerFile(
      kind: dataset.tokenizer.kind, lowercase: dataset.tokenizer.lowercase, maxLength: dataset.maxLength,
      stripAccents: isWordPiece ? dataset.tokenizer.stripAccents : nil,
      separateChinese: isWordPiece ? dataset.tokenizer.separateChinese : nil,
      mask: isWordPiece && dataset.vocabulary.contains("[MASK]") ? "[MASK]" : nil)
  }

  func files(model: some TrainableModel, state: LoopState) -> [CheckpointFile] {
    var state = state
    let (optimizerStep, moments) = model.optimizerState()
    state.optimizerStep = optimizerStep
    return [
      CheckpointFile(name: Self.configurationFile, content: .bytes(model.configurationFile)),
      CheckpointFile(
        name: Self.weightsFile, content: .tensors(model.parameters().map(Self.stored), metadata: ["format": "pt"])),
      CheckpointFile(name: Self.vocabularyFile, content: .bytes(vocabulary)),
      CheckpointFile(name: Self.tokenizerJSONFile, content: .bytes(tokenizerJSON)),
      CheckpointFile(name: Self.tokenizerFile, content: .bytes(RunJSON.encode(tokenizer, pretty: true))),
      CheckpointFile(name: Self.labelsFile, content: .bytes(RunJSON.encode(labels, pretty: true))),
      CheckpointFile(name: Self.optimizerFile, content: .tensors(moments.map(Self.stored), metadata: [:])),
      CheckpointFile(name: LoopState.fileName, content: .bytes(RunJSON.encode(state, pretty: true))),
    ]
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
      try model.load(parameters: try Self.tensors(try checkpoint.tensors(Self.weightsFile)))
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
      throw RunFailure(exitCode: 70, "\(checkpoint.path): cannot be taken in: \(error)")
    }
  }

  /// What a checkpoint keeps of the data, to encode new sentences without them.
  ///
  /// - Parameter nGramBuckets: of the model's configuration.
  static func encoding(of checkpoint: Checkpoint, nGramBuckets: Int) throws(RunFolderError) -> TextEncoding {
    let labels = try RunJSON.decode(
      Labels.self, from: try checkpoint.bytes(labelsFile), path: checkpoint.path + "/" + labelsFile)
    let lengths = try RunJSON.decode(
      Lengths.self, from: try checkpoint.bytes(tokenizerFile), path: checkpoint.path + "/" + tokenizerFile)
    do throws(DataError) {
      var folder = try TokenizerFolder(reading: checkpoint.path)
      folder.configuration.nGramBuckets = nGramBuckets
      return TextEncoding(
        tokenizer: folder.configuration, vocabulary: folder.vocabulary, sentenceClasses: labels.sentenceClasses,
        tags: labels.tags, maxLength: lengths.longest)
    } catch {
      throw RunFolderError(kind: error.kind == .missing ? .missing : .malformed, description: error.description)
    }
  }

  /// What is needed of tokenizer_config.json besides the tokenizer.
  private struct Lengths: Decodable {
    var longest: Int

    enum CodingKeys: String, CodingKey { case longest = "model_max_length" }
  }

  private func compare(_ checkpoint: Checkpoint) throws {
    let advice = "the data have changed since the run began; put them back, or begin a new run"
    guard try checkpoint.bytes(Self.vocabularyFile) == vocabulary else {
      throw RunFailure(
        exitCode: 65, "\(checkpoint.path)/\(Self.vocabularyFile): is not the vocabulary of the data now: \(advice)")
    }
    let path = checkpoint.path + "/" + Self.labelsFile
    guard try RunJSON.decode(Labels.self, from: try checkpoint.bytes(Self.labelsFile), path: path) == labels else {
      throw RunFailure(exitCode: 65, "\(path): are not the labels of the data now: \(advice)")
    }
  }

  private static func stored(_ tensor: NamedTensor) -> StoredTensor {
    StoredTensor(name: tensor.name, shape: tensor.shape, values: .f32(tensor.values))
  }

  static func tensors(_ file: SafetensorsFile) throws(RunFolderError) -> [NamedTensor] {
    var tensors: [NamedTensor] = []
    for entry in file.entries {
      tensors.append(NamedTensor(name: entry.name, shape: entry.shape, values: try file.floats(entry)))
    }
    return tensors
  }
}
