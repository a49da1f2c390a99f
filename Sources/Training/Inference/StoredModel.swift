internal import MultiTaskTransformer
internal import RunFolder
internal import TextData

/// Reads what a checkpoint says of its model, and finds out whether its files fit each other before anything is built.
enum StoredModel {
  static func configuration(of checkpoint: Checkpoint) throws(RunFolderError) -> ModelConfiguration {
    let path = checkpoint.path + "/" + Checkpointing.configurationFile
    let bytes = try checkpoint.bytes(Checkpointing.configurationFile)
    if try RunJSON.decode(HeadSizes.self, from: bytes, path: path).isEncoderAlone {
      throw malformed(
        path, "is an encoder's without heads, which says nothing of sentences yet: train it on some with --encoder")
    }
    let configuration = try RunJSON.decode(ModelConfiguration.self, from: bytes, path: path)
    let bounds: [(String, Int, ClosedRange<Int>)] = [
      ("vocab_size", configuration.vocabularySize, 4...100_000_000),
      ("hidden_size", configuration.hiddenSize, 1...65_536),
      ("num_hidden_layers", configuration.layerCount, 1...1024),
      ("num_attention_heads", configuration.headCount, 1...65_536),
      ("intermediate_size", configuration.intermediateSize, 1...1_048_576),
      ("max_position_embeddings", configuration.maxPositions, 3...65_536),
      ("type_vocab_size", configuration.typeVocabularySize, 1...1024),
      ("mtt_sentence_class_count", configuration.sentenceClassCount, 1...1_000_000),
      ("mtt_tag_count", configuration.tagCount, 1...10_000),
      ("mtt_ngram_buckets", configuration.nGramBuckets, 0...100_000_000),
      ("mtt_members", configuration.members, 1...1024),
      ("mtt_relative_clip", configuration.relativeClip, 1...65_536),
    ]
    for (name, value, range) in bounds where !range.contains(value) {
      throw malformed(path, "\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)")
    }
    guard configuration.hiddenSize.isMultiple(of: configuration.headCount) else {
      throw malformed(
        path, "hidden_size is \(configuration.hiddenSize), which \(configuration.headCount) heads do not divide")
    }
    return configuration
  }

  /// What only a model with heads has.
  private struct HeadSizes: Decodable {
    var classes: Int?
    var tags: Int?
    var isEncoderAlone: Bool { classes == nil && tags == nil }

    enum CodingKeys: String, CodingKey {
      case classes = "mtt_sentence_class_count"
      case tags = "mtt_tag_count"
    }
  }

  /// Compares the configuration's sizes with the vocabulary, the labels and the tokenizer.
  static func check(
    _ configuration: ModelConfiguration, against encoding: TextEncoding, in checkpoint: Checkpoint
  ) throws(RunFolderError) {
    func compare(_ file: String, _ found: Int, _ noun: String, _ expected: Int) throws(RunFolderError) {
      guard found != expected else { return }
      throw malformed(checkpoint.path + "/" + file, "has \(found) \(noun), but config.json says \(expected)")
    }
    try compare(
      Checkpointing.vocabularyFile, encoding.vocabulary.count, "tokens", configuration.vocabularySize)
    // A task without labels has one output that is never trained.
    try compare(
      Checkpointing.labelsFile, max(1, encoding.sentenceClasses.count), "sentence classes",
      configuration.sentenceClassCount)
    try compare(Checkpointing.labelsFile, max(1, encoding.tags.count), "tags", configuration.tagCount)
    guard 3...configuration.maxPositions ~= encoding.maxLength else {
      throw malformed(
        checkpoint.path + "/" + Checkpointing.tokenizerFile,
        "has a maximum length of \(encoding.maxLength); the model takes from 3 to \(configuration.maxPositions) tokens")
    }
    for labels in [encoding.sentenceClasses, encoding.tags] {
      let distinct = Set(labels.map { Array($0.utf8) })
      guard distinct.count == labels.count else {
        throw malformed(checkpoint.path + "/" + Checkpointing.labelsFile, "names a label twice")
      }
    }
  }

  /// The files with a checkpoint's tensors: an exported folder has the heads in one of their own.
  static func tensorFiles(of checkpoint: Checkpoint) throws(RunFolderError) -> [SafetensorsFile] {
    let file = try checkpoint.tensors(Checkpointing.weightsFile)
    guard isThere(checkpoint.path + "/" + HuggingFaceExport.headsFile) else { return [file] }
    return [file, try checkpoint.tensors(HuggingFaceExport.headsFile)]
  }

  /// Compares the names and shapes of the stored tensors with those that the configuration asks for.
  static func check(
    _ configuration: ModelConfiguration, against files: [SafetensorsFile]
  ) throws(RunFolderError) {
    let names = files.map(\.path).joined(separator: " and ")
    for expected in ModelEnsemble.parameterShapes(configuration) {
      guard let file = files.first(where: { $0.entry(expected.name) != nil }), let entry = file.entry(expected.name)
      else {
        throw malformed(names, "tensor \(expected.name) is missing; its shape is to be \(expected.shape)")
      }
      guard entry.shape == expected.shape else {
        throw malformed(
          file.path, "tensor \(expected.name) has shape \(entry.shape); config.json asks for \(expected.shape)")
      }
    }
  }

  private struct Weights: Decodable {
    var weightA: Double
    var weightB: Double
  }

  /// The weights of the tasks' losses when the checkpoint was written; 1 and 1 where it does not say.
  static func lossWeights(of checkpoint: Checkpoint) -> (a: Double, b: Double) {
    let path = checkpoint.path + "/" + LoopState.fileName
    guard let bytes = try? checkpoint.bytes(LoopState.fileName),
      let weights = try? RunJSON.decode(Weights.self, from: bytes, path: path)
    else { return (1, 1) }
    return (weights.weightA, weights.weightB)
  }

  private static func malformed(_ path: String, _ what: String) -> RunFolderError {
    RunFolderError(kind: .malformed, description: "\(path): \(what)")
  }
}
