internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// An encoder of BERT's kind as Hugging Face saves it: config.json, model.safetensors, and tokenizer.json or vocab.txt.
struct PretrainedEncoder {
  let model: ModelFolder
  var tokenizer: TokenizerFolder { model.tokenizer }
  var shape: ModelConfiguration { model.shape }

  /// What `--encoder` names; reads all but the weights.
  init(reading folder: String) throws(RunFailure) {
    if isThere(folder + "/" + RunManifest.fileName) {
      throw RunFailure(
        exitCode: 65, "\(folder): is a run's folder; name one of its checkpoints, such as \(folder)/checkpoints/best")
    }
    model = try ModelFolder(reading: folder)
    let obstacles = HuggingFaceExport.obstacles(model.shape)
    guard obstacles.isEmpty else {
      throw RunFailure(
        exitCode: 65,
        "\(folder)/\(ModelFolder.configurationFile): the model has a shape of this program's own, not BERT's"
          + " (\(obstacles.joined(separator: ", "))), which cannot be begun with; go on with its run by --resume"
          + " instead")
    }
  }

  /// What a run that was begun with an encoder goes on with: its checkpoint, of as many members as it has.
  init(resuming checkpoint: Checkpoint) throws(RunFailure) { model = try ModelFolder(checkpoint) }

  /// Makes the configuration's shape the encoder's.
  func adopt(_ configuration: inout RunConfiguration) throws(RunFailure) {
    guard configuration.maxLength <= shape.maxPositions else {
      throw RunFailure(
        exitCode: 65,
        "max-length is \(configuration.maxLength), but the encoder in \(model.path) has \(shape.maxPositions) positions;"
          + " choose at most that")
    }
    configuration.encoder = model.path
    configuration.hidden = shape.hiddenSize
    configuration.layers = shape.layerCount
    configuration.heads = shape.headCount
    configuration.intermediate = shape.intermediateSize
    configuration.lowercase = tokenizer.configuration.lowercase
    configuration.tokenizer = tokenizer.configuration.kind == .wordpiece ? .wordpiece : .words
  }

  /// Puts what the run's configuration does not say into a model's shape.
  func complete(_ shape: inout ModelConfiguration) {
    shape.vocabularySize = self.shape.vocabularySize
    shape.maxPositions = self.shape.maxPositions
    shape.typeVocabularySize = self.shape.typeVocabularySize
    shape.layerNormEpsilon = self.shape.layerNormEpsilon
  }

  /// Loads the encoder's weights into every member of a model of its shape; the heads stay as they are.
  ///
  /// Returns sentences for the log.
  func load(into model: some TrainableModel) throws(RunFailure) -> [String] {
    let stored = try StoredTensors(self.model.checkpoint, files: [ModelFolder.weightsFile], naming: Self.ownName)
    let hasPooler = stored.contains { $0.hasPrefix("pooler.") }
    let expected = ModelEnsemble.parameterShapes(shape).filter { name, _ in
      name.hasPrefix("embeddings.") || name.hasPrefix("encoder.") || (hasPooler && name.hasPrefix("pooler."))
    }
    let values = Dictionary(uniqueKeysWithValues: try stored.tensors(expected).map { ($0.name, $0.values) })
    var parameters = model.parameters()
    for index in parameters.indices {
      if let values = values[Self.memberless(parameters[index].name)] { parameters[index].values = values }
    }
    do throws(ModelError) {
      try model.load(parameters: parameters)
    } catch {
      throw RunFailure(exitCode: 65, "\(self.model.path): cannot be loaded: \(error)")
    }
    var remarks = tokenizer.remarks
    if !hasPooler { remarks.append("The encoder has no pooler: it starts out untrained, with the heads.") }
    if let sentence = Self.sentence(leftOut: stored.leftOut) { remarks.append(sentence) }
    return remarks
  }

  /// The name that a tensor of the file has here (no prefix, LayerNorm's weight and bias); nil for one of other heads.
  private static func ownName(_ stored: String) -> String? {
    var name = stored.hasPrefix("bert.") ? String(stored.dropFirst(5)) : stored
    if name.hasSuffix("LayerNorm.gamma") { name = name.dropLast(5) + "weight" }
    if name.hasSuffix("LayerNorm.beta") { name = name.dropLast(4) + "bias" }
    let isForeign = ["cls.", "classifier.", "crf.", "tag_prior.", "class_prior."].contains(where: name.hasPrefix)
    return isForeign || name == "embeddings.position_ids" ? nil : name
  }

  private static func sentence(leftOut names: [String]) -> String? {
    let heads = names.filter { !$0.hasSuffix("embeddings.position_ids") }
    guard !heads.isEmpty else { return nil }
    return "The heads in the encoder's file are not used: \(heads.prefix(4).joined(separator: ", "))"
      + (heads.count > 4 ? " and \(heads.count - 4) more." : ".")
  }

  /// A tensor's name without the number of the member it belongs to.
  private static func memberless(_ name: String) -> String {
    guard name.hasPrefix("member.") else { return name }
    return name.split(separator: ".", maxSplits: 2).last.map(String.init) ?? name
  }
}
