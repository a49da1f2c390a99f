internal import MultiTaskTransformer
internal import RunFolder
internal import TextData

/// A model on disk: a checkpoint's folder, an exported one, or an encoder as Hugging Face saves one.
///
/// The one reader behind `--resume`, `--encoder`, `evaluate`, `predict` and `export`, so that what one of them writes all
/// others take.
struct ModelFolder {
  static let configurationFile = "config.json"
  static let weightsFile = "model.safetensors"
  /// The heads of an exported model, apart from its encoder.
  static let headsFile = "heads.safetensors"
  static let labelsFile = "labels.json"
  static let vocabularyFile = TokenizerFolder.vocabularyFile
  static let tokenizerFile = TokenizerFolder.configurationFile
  static let tokenizerJSONFile = TokenizerFolder.jsonFile
  /// What using a model reads; the other files of a checkpoint are there to train on.
  static let files = [
    configurationFile, weightsFile, headsFile, labelsFile, vocabularyFile, tokenizerFile, tokenizerJSONFile,
    LoopState.fileName,
  ]

  /// labels.json.
  struct Labels: Codable, Equatable {
    var sentenceClasses: [String]
    var tags: [String]

    enum CodingKeys: String, CodingKey {
      case sentenceClasses = "sentence_classes"
      case tags
    }
  }

  let checkpoint: Checkpoint
  var path: String { checkpoint.path }
  let configuration: StoredConfiguration
  var shape: ModelConfiguration { configuration.shape }
  let tokenizer: TokenizerFolder

  /// Reads all but labels and tensors.
  init(_ checkpoint: Checkpoint) throws(RunFailure) {
    self.checkpoint = checkpoint
    if let reason = Self.missingWeights(checkpoint.path) {
      throw RunFailure(exitCode: 66, "\(checkpoint.path): \(reason)")
    }
    configuration = try StoredConfiguration(reading: checkpoint.path + "/" + Self.configurationFile)
    do throws(DataError) {
      tokenizer = try TokenizerFolder(reading: checkpoint.path)
    } catch {
      throw RunFailure(error)
    }
    // Encoders' tables are often padded to a round number of rows, of which no text becomes one. Words are this program's
    // own, which pads nothing: one that is missing would give all later ones another's row.
    let (found, expected) = (tokenizer.vocabulary.count, configuration.shape.vocabularySize)
    guard tokenizer.configuration.kind == .words ? found == expected : found <= expected else {
      throw RunFailure(
        exitCode: 65,
        "\(checkpoint.path): the tokenizer has \(found) tokens, but config.json a vocab_size of \(expected); they are not of"
          + " one model")
    }
  }

  /// Reads a folder outside any run.
  init(reading path: String) throws(RunFailure) {
    try self.init(
      try RunFailure.converting { () throws(RunFolderError) in
        try Checkpoint.standing(alone: path, verifying: Self.files)
      })
  }

  /// Why there is no file of weights where a model was saved otherwise; nil where it may be there or is just missing.
  private static func missingWeights(_ path: String) -> String? {
    guard !isThere(path + "/" + weightsFile) else { return nil }
    if isThere(path + "/" + weightsFile + ".index.json") {
      return "has its weights in several files; save them as one \(weightsFile) (save_pretrained with a larger"
        + " max_shard_size)"
    }
    if isThere(path + "/pytorch_model.bin") {
      return "has pytorch_model.bin, but no \(weightsFile): load it in transformers and save it again (save_pretrained)"
    }
    return nil
  }

  static func labels(of checkpoint: Checkpoint) throws(RunFailure) -> Labels {
    try RunFailure.converting { () throws(RunFolderError) in
      try RunJSON.decode(Labels.self, from: try checkpoint.bytes(labelsFile), path: checkpoint.path + "/" + labelsFile)
    }
  }

  /// What is needed of tokenizer_config.json besides the tokenizer.
  private struct Lengths: Decodable {
    var longest: Int

    enum CodingKeys: String, CodingKey { case longest = "model_max_length" }
  }

  /// How text is encoded for this model, which must have heads: tokenizer, labels and maximum length, once they fit the
  /// configuration.
  func encoding() throws(RunFailure) -> TextEncoding {
    guard configuration.hasHeads else {
      throw malformed(
        Self.configurationFile,
        "is an encoder's without heads, which says nothing of sentences yet: train it on some with --encoder")
    }
    let labels = try Self.labels(of: checkpoint)
    // A task without labels has one output that is never trained.
    try compare(max(1, labels.sentenceClasses.count), "sentence classes", shape.sentenceClassCount)
    try compare(max(1, labels.tags.count), "tags", shape.tagCount)
    for names in [labels.sentenceClasses, labels.tags] where Set(names.map { Array($0.utf8) }).count < names.count {
      throw malformed(Self.labelsFile, "names a label twice")
    }
    let longest = try RunFailure.converting { () throws(RunFolderError) in
      try RunJSON.decode(
        Lengths.self, from: try checkpoint.bytes(Self.tokenizerFile), path: path + "/" + Self.tokenizerFile
      ).longest
    }
    guard 3...shape.maxPositions ~= longest else {
      throw malformed(
        Self.tokenizerFile,
        "has a maximum length of \(longest); the model takes from 3 to \(shape.maxPositions) tokens")
    }
    var settings = tokenizer.configuration
    settings.nGramBuckets = shape.nGramBuckets
    return TextEncoding(
      tokenizer: settings, vocabulary: tokenizer.vocabulary, sentenceClasses: labels.sentenceClasses,
      tags: labels.tags, maxLength: longest)
  }

  private func compare(_ found: Int, _ noun: String, _ expected: Int) throws(RunFailure) {
    guard found != expected else { return }
    throw malformed(Self.labelsFile, "has \(found) \(noun), but config.json says \(expected)")
  }

  /// The tensors of a model with heads, once they are exactly those of its configuration.
  func tensors() throws(RunFailure) -> StoredTensors {
    var names = [Self.weightsFile]
    if isThere(path + "/" + Self.headsFile) { names.append(Self.headsFile) }
    let stored = try StoredTensors(checkpoint, files: names) { $0 }
    try stored.check(ModelEnsemble.parameterShapes(shape))
    return stored
  }

  /// What was fitted to make its probabilities true; empty where nothing was.
  func temperatures() throws(RunFailure) -> Temperatures {
    let file = Temperatures.fileName
    guard isThere(path + "/" + file) else { return Temperatures() }
    let temperatures = try RunFailure.converting { () throws(RunFolderError) in
      try RunJSON.decode(Temperatures.self, from: try checkpoint.bytes(file), path: path + "/" + file)
    }
    guard temperatures.areInRange else {
      throw malformed(
        file,
        "has a temperature that is not from \(Temperatures.range.lowerBound) to"
          + " \(Temperatures.range.upperBound): remove the file, or fit it anew by evaluate --calibrate")
    }
    return temperatures
  }

  private func malformed(_ file: String, _ what: String) -> RunFailure {
    RunFailure(exitCode: 65, "\(path)/\(file): \(what)")
  }
}
