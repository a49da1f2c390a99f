internal import MultiTaskTransformer
internal import RunFolder

/// What a config.json says: BERT's keys as Hugging Face names them, and this program's `mtt_` ones where there are heads
/// or a shape that BERT does not have.
struct StoredConfiguration {
  /// With heads of one output each where there are none.
  let shape: ModelConfiguration
  /// Whether it is a model that answers, not an encoder alone.
  let hasHeads: Bool

  /// What is not part of a shape.
  private struct Facts: Decodable {
    var activation: String?
    var positions: String?
    var isDecoder: Bool?
    var classCount: Int?
    var tagCount: Int?

    enum CodingKeys: String, CodingKey {
      case activation = "hidden_act"
      case positions = "position_embedding_type"
      case isDecoder = "is_decoder"
      case classCount = "mtt_sentence_class_count"
      case tagCount = "mtt_tag_count"
    }
  }

  private struct ModelType: Decodable {
    var name: String?

    enum CodingKeys: String, CodingKey { case name = "model_type" }
  }

  /// Reads a config.json; throws a sentence for an architecture that cannot be computed here, or numbers that cannot be.
  init(reading path: String) throws(RunFailure) {
    func malformed(_ what: String) -> RunFailure { RunFailure(exitCode: 65, "\(path): \(what)") }
    let bytes = try RunFailure.converting { () throws(RunFolderError) in try readFile(path, limit: 64 << 20) }
    func decoded<Value: Decodable>(_ type: Value.Type) throws(RunFailure) -> Value {
      try RunFailure.converting { () throws(RunFolderError) in try RunJSON.decode(type, from: bytes, path: path) }
    }
    // The model type first: what another architecture's file lacks is no news.
    let type = try decoded(ModelType.self).name
    if let type, type != "bert", type != "mtt" {
      throw malformed(
        "the model type is \"\(type)\"; only encoders of BERT's architecture (model_type \"bert\") can be loaded")
    }
    let facts = try decoded(Facts.self)
    if let fault = Self.fault(facts, isOwn: type == "mtt") { throw malformed(fault) }
    shape = try decoded(ModelConfiguration.self)
    hasHeads = facts.classCount != nil && facts.tagCount != nil
    if let fault = Self.fault(shape) { throw malformed(fault) }
  }

  private static func fault(_ facts: Facts, isOwn: Bool) -> String? {
    if let activation = facts.activation, activation != "gelu" {
      return "hidden_act is \"\(activation)\"; only \"gelu\" (exact, by the error function) can be computed"
    }
    if let positions = facts.positions, positions != "absolute", !isOwn {
      return "position_embedding_type is \"\(positions)\"; only \"absolute\" can be loaded"
    }
    if facts.isDecoder == true { return "is_decoder is true; only encoders can be loaded" }
    if (facts.classCount == nil) != (facts.tagCount == nil) {
      return "has the size of one head (mtt_sentence_class_count, mtt_tag_count) but not of the other"
    }
    return nil
  }

  /// Bounds at least as wide as training's, so that whatever was trained can be used.
  private static func fault(_ shape: ModelConfiguration) -> String? {
    let counts: [(String, Int, ClosedRange<Int>)] = [
      ("vocab_size", shape.vocabularySize, 4...100_000_000),
      ("hidden_size", shape.hiddenSize, 1...65_536),
      ("num_hidden_layers", shape.layerCount, 1...1024),
      ("num_attention_heads", shape.headCount, 1...65_536),
      ("intermediate_size", shape.intermediateSize, 1...1_048_576),
      ("max_position_embeddings", shape.maxPositions, 3...1_048_576),
      ("type_vocab_size", shape.typeVocabularySize, 1...1_000_000),
      ("mtt_sentence_class_count", shape.sentenceClassCount, 1...100_000_000),
      ("mtt_tag_count", shape.tagCount, 1...10_000),
      ("mtt_ngram_buckets", shape.nGramBuckets, 0...100_000_000),
      ("mtt_members", shape.members, 1...1024),
      ("mtt_relative_clip", shape.relativeClip, 1...65_536),
    ]
    for (name, value, range) in counts where !range.contains(value) {
      return "\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)"
    }
    guard shape.hiddenSize.isMultiple(of: shape.headCount) else {
      return "hidden_size is \(shape.hiddenSize), which \(shape.headCount) heads do not divide"
    }
    let epsilon = shape.layerNormEpsilon
    guard epsilon > 0, epsilon < 1 else { return "layer_norm_eps is \(epsilon); it must lie between 0 and 1" }
    for (name, value) in [("mtt_tag_prior", shape.tagPrior), ("mtt_class_prior", shape.classPrior)] {
      guard value >= 0, value.isFinite else { return "\(name) is \(value); it must be a number from 0 up" }
    }
    return nil
  }
}
