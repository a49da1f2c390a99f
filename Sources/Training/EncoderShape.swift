internal import MultiTaskTransformer
internal import RunFolder

/// The shape of an encoder in Hugging Face's form, as its config.json tells it.
struct EncoderShape: Hashable, Sendable {
  var vocabularySize: Int
  var hidden: Int
  var layers: Int
  var heads: Int
  var intermediate: Int
  var maxPositions: Int
  var typeVocabularySize: Int
  var layerNormEpsilon: Double

  /// What is read of the file.
  private struct File: Decodable {
    var modelType: String?
    var activation: String?
    var positions: String?
    var isDecoder: Bool?
    var vocabularySize: Int
    var hiddenSize: Int
    var layerCount: Int
    var headCount: Int
    var intermediateSize: Int
    var maxPositions: Int
    var typeVocabularySize: Int?
    var layerNormEpsilon: Double?

    enum CodingKeys: String, CodingKey {
      case modelType = "model_type"
      case activation = "hidden_act"
      case positions = "position_embedding_type"
      case isDecoder = "is_decoder"
      case vocabularySize = "vocab_size"
      case hiddenSize = "hidden_size"
      case layerCount = "num_hidden_layers"
      case headCount = "num_attention_heads"
      case intermediateSize = "intermediate_size"
      case maxPositions = "max_position_embeddings"
      case typeVocabularySize = "type_vocab_size"
      case layerNormEpsilon = "layer_norm_eps"
    }
  }

  /// Reads a config.json; throws a sentence for an architecture that is not BERT's, or numbers that cannot be.
  init(reading path: String) throws(RunFailure) {
    let bytes: [UInt8]
    do throws(RunFolderError) {
      bytes = try readFile(path, limit: 1 << 20)
    } catch {
      throw RunFailure(error)
    }
    // The model type first: what another architecture's file lacks is no news.
    if let type = Self.modelType(bytes), type != "bert" {
      throw RunFailure(exitCode: 65, "\(path): \(Self.refusal(of: type))")
    }
    let file: File
    do throws(RunFolderError) {
      file = try RunJSON.decode(File.self, from: bytes, path: path)
    } catch {
      throw RunFailure(error)
    }
    if let fault = Self.fault(file) { throw RunFailure(exitCode: 65, "\(path): \(fault)") }
    vocabularySize = file.vocabularySize
    hidden = file.hiddenSize
    layers = file.layerCount
    heads = file.headCount
    intermediate = file.intermediateSize
    maxPositions = file.maxPositions
    typeVocabularySize = file.typeVocabularySize ?? 2
    layerNormEpsilon = file.layerNormEpsilon ?? 1e-12
  }

  private static func modelType(_ bytes: [UInt8]) -> String? {
    struct Only: Decodable {
      var modelType: String?
      enum CodingKeys: String, CodingKey { case modelType = "model_type" }
    }
    return (try? RunJSON.decode(Only.self, from: bytes, path: ""))?.modelType
  }

  private static func refusal(of type: String) -> String {
    type == "mtt"
      ? "the model has a shape of this program's own (not BERT's), which cannot be begun with; go on with its run by"
        + " --resume instead"
      : "the model type is \"\(type)\"; only encoders of BERT's architecture (model_type \"bert\") can be loaded"
  }

  private static func fault(_ file: File) -> String? {
    if let activation = file.activation, activation != "gelu" {
      return "hidden_act is \"\(activation)\"; only \"gelu\" (exact, by the error function) can be computed"
    }
    if let positions = file.positions, positions != "absolute" {
      return "position_embedding_type is \"\(positions)\"; only \"absolute\" can be loaded"
    }
    if file.isDecoder == true { return "is_decoder is true; only encoders can be loaded" }
    let numbers: [(String, Int, ClosedRange<Int>)] = [
      ("vocab_size", file.vocabularySize, 4...10_000_000), ("hidden_size", file.hiddenSize, 1...65_536),
      ("num_hidden_layers", file.layerCount, 1...1024),
      ("num_attention_heads", file.headCount, 1...65_536),
      ("intermediate_size", file.intermediateSize, 1...1_048_576),
      ("max_position_embeddings", file.maxPositions, 3...1_048_576),
      ("type_vocab_size", file.typeVocabularySize ?? 2, 1...1_000_000),
    ]
    for (name, value, range) in numbers where !range.contains(value) {
      return "\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)"
    }
    guard file.hiddenSize % file.headCount == 0 else {
      return "hidden_size is \(file.hiddenSize), which \(file.headCount) heads do not divide"
    }
    let epsilon = file.layerNormEpsilon ?? 1e-12
    return epsilon > 0 && epsilon < 1 ? nil : "layer_norm_eps is \(epsilon); it must lie between 0 and 1"
  }

  /// Puts what the run's configuration does not say into a model's shape.
  func complete(_ shape: inout ModelConfiguration) {
    shape.vocabularySize = vocabularySize
    shape.maxPositions = maxPositions
    shape.typeVocabularySize = typeVocabularySize
    shape.layerNormEpsilon = Float(layerNormEpsilon)
  }
}
