/// The model's shape, in the names of Hugging Face's config.json.
public struct ModelConfiguration: Codable, Hashable, Sendable {
  public var vocabularySize: Int
  public var hiddenSize: Int
  public var layerCount: Int
  public var headCount: Int
  public var intermediateSize: Int
  public var maxPositions: Int
  public var typeVocabularySize: Int
  /// Probability of dropping an element of the embeddings' and both sub-layers' outputs.
  public var hiddenDropout: Float
  /// Probability of dropping an attention weight.
  public var attentionDropout: Float
  /// Probability of dropping an element of either head's input.
  public var classifierDropout: Float
  public var layerNormEpsilon: Float
  /// Standard deviation of the initial weights.
  public var initializerRange: Float
  /// C_a: classes of a sentence.
  public var sentenceClassCount: Int
  /// C_b: tags of a token.
  public var tagCount: Int

  enum CodingKeys: String, CodingKey {
    case vocabularySize = "vocab_size"
    case hiddenSize = "hidden_size"
    case layerCount = "num_hidden_layers"
    case headCount = "num_attention_heads"
    case intermediateSize = "intermediate_size"
    case maxPositions = "max_position_embeddings"
    case typeVocabularySize = "type_vocab_size"
    case hiddenDropout = "hidden_dropout_prob"
    case attentionDropout = "attention_probs_dropout_prob"
    case classifierDropout = "classifier_dropout"
    case layerNormEpsilon = "layer_norm_eps"
    case initializerRange = "initializer_range"
    case sentenceClassCount = "mtt_sentence_class_count"
    case tagCount = "mtt_tag_count"
  }

  public init(
    vocabularySize: Int, hiddenSize: Int = 128, layerCount: Int = 2, headCount: Int = 4, intermediateSize: Int = 512,
    maxPositions: Int = 512, typeVocabularySize: Int = 2, hiddenDropout: Float = 0.1, attentionDropout: Float = 0.1,
    classifierDropout: Float = 0.1, layerNormEpsilon: Float = 1e-12, initializerRange: Float? = nil,
    sentenceClassCount: Int, tagCount: Int
  ) {
    precondition(hiddenSize % headCount == 0, "the hidden size must be a multiple of the number of heads")
    self.vocabularySize = vocabularySize
    self.hiddenSize = hiddenSize
    self.layerCount = layerCount
    self.headCount = headCount
    self.intermediateSize = intermediateSize
    self.maxPositions = maxPositions
    self.typeVocabularySize = typeVocabularySize
    self.hiddenDropout = hiddenDropout
    self.attentionDropout = attentionDropout
    self.classifierDropout = classifierDropout
    self.layerNormEpsilon = layerNormEpsilon
    // BERT's 0.02 is made for a hidden size of 768: narrow models trained from scratch learn sooner from a wider start.
    self.initializerRange = initializerRange ?? (hiddenSize < 256 ? 0.05 : 0.02)
    self.sentenceClassCount = sentenceClassCount
    self.tagCount = tagCount
  }
}
