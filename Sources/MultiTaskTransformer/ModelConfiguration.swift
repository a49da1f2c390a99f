/// The model's shape, in the names of Hugging Face's config.json; what BERT does not have begins with `mtt_`.
public struct ModelConfiguration: Codable, Hashable, Sendable {
  /// Where a sub-layer's LayerNorm stands: after the residual sum, as in BERT, or before the sub-layer.
  public enum Normalization: String, Codable, Hashable, Sendable, CaseIterable {
    case post, pre
  }

  /// How a token's position is encoded: by a learned embedding, as in BERT, or by a learned score for each distance in
  /// attention.
  public enum Positions: String, Codable, Hashable, Sendable, CaseIterable {
    case absolute, relative
  }

  /// What head A reads of the last hidden state: its first token, as in BERT, or the mean of all.
  public enum SentencePooling: String, Codable, Hashable, Sendable, CaseIterable {
    case first, mean
  }

  /// Head B's loss: cross-entropy over tokens or a conditional random field's negative log-likelihood over sentences.
  public enum TagLoss: String, Codable, Hashable, Sendable, CaseIterable {
    case crossEntropy = "cross-entropy"
    case crf
  }

  public var vocabularySize: Int
  public var hiddenSize: Int
  public var layerCount: Int
  public var headCount: Int
  public var intermediateSize: Int
  public var maxPositions: Int
  public var typeVocabularySize: Int
  /// Probability of dropping an element of a sub-layer's output.
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

  public var normalization = Normalization.post
  public var positions = Positions.absolute
  /// Distances beyond this share one score.
  public var relativeClip = 16
  /// Whether each layer has a convolution over a token and its two neighbours between attention and feed-forward.
  public var convolution = false
  /// Rows of the table of hashed character n-grams; 0 for none.
  public var nGramBuckets = 0
  /// Probability of dropping an element of the embeddings; nil for the hidden dropout.
  public var embeddingDropout: Float?
  public var sentencePooling = SentencePooling.first
  /// Share of the sentence loss's target spread over all classes.
  public var labelSmoothing: Float = 0
  public var tagLoss = TagLoss.crossEntropy
  /// Whether head B's probabilities are the marginals of a learned chain over the sentence's tags instead of a softmax
  /// token by token. A conditional random field has such a chain anyway.
  public var tagChain = false
  /// What a `TagPrior`'s log-probabilities are multiplied by when tags are decoded; 0 for none. Where transitions are
  /// learned there is none.
  public var tagPrior: Float = 0
  /// What a `ClassPrior`'s scores are multiplied by before they are added to the class logits; 0 for none.
  public var classPrior: Float = 0
  /// Whether embedding rows move only when a batch uses them (Adam on rows, no weight decay) instead of at every step.
  public var lazyEmbeddings = false
  /// Whether two heads of each layer start by looking at the left and the right neighbour.
  public var neighbourHeads = false
  /// Models trained side by side that answer together.
  public var members = 1

  /// Whether the encoder is BERT's own shape, so that it opens elsewhere.
  public var isBERT: Bool {
    normalization == .post && positions == .absolute && !convolution && nGramBuckets == 0 && members == 1
      && sentencePooling == .first && classPrior == 0
  }

  /// What the names of the tensors with scores for steps between tags begin with; nil where there are none.
  public var chainName: String? {
    learnsTransitions ? "crf" : tagPrior > 0 ? "tag_prior" : nil
  }

  /// Whether scores of steps from tag to tag are learned.
  public var learnsTransitions: Bool { tagLoss == .crf || tagChain }

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
    case normalization = "mtt_normalization"
    case positions = "mtt_positions"
    case relativeClip = "mtt_relative_clip"
    case convolution = "mtt_convolution"
    case nGramBuckets = "mtt_ngram_buckets"
    case embeddingDropout = "mtt_embedding_dropout"
    case sentencePooling = "mtt_sentence_pooling"
    case labelSmoothing = "mtt_label_smoothing"
    case tagLoss = "mtt_tag_loss"
    case tagChain = "mtt_tag_chain"
    case tagPrior = "mtt_tag_prior"
    case classPrior = "mtt_class_prior"
    case lazyEmbeddings = "mtt_lazy_embeddings"
    case neighbourHeads = "mtt_neighbour_heads"
    case members = "mtt_members"
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

extension ModelConfiguration {
  /// Keys may be missing where Hugging Face's BertConfig has a value of its own for them, and those that begin with
  /// `mtt_`: an encoder alone has none of these, and heads of one output then.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    vocabularySize = try container.decode(Int.self, forKey: .vocabularySize)
    hiddenSize = try container.decode(Int.self, forKey: .hiddenSize)
    layerCount = try container.decode(Int.self, forKey: .layerCount)
    headCount = try container.decode(Int.self, forKey: .headCount)
    intermediateSize = try container.decode(Int.self, forKey: .intermediateSize)
    maxPositions = try container.decode(Int.self, forKey: .maxPositions)
    typeVocabularySize = try container.decodeIfPresent(Int.self, forKey: .typeVocabularySize) ?? 2
    hiddenDropout = try container.decodeIfPresent(Float.self, forKey: .hiddenDropout) ?? 0.1
    attentionDropout = try container.decodeIfPresent(Float.self, forKey: .attentionDropout) ?? 0.1
    classifierDropout = try container.decodeIfPresent(Float.self, forKey: .classifierDropout) ?? hiddenDropout
    layerNormEpsilon = try container.decodeIfPresent(Float.self, forKey: .layerNormEpsilon) ?? 1e-12
    initializerRange = try container.decodeIfPresent(Float.self, forKey: .initializerRange) ?? 0.02
    sentenceClassCount = try container.decodeIfPresent(Int.self, forKey: .sentenceClassCount) ?? 1
    tagCount = try container.decodeIfPresent(Int.self, forKey: .tagCount) ?? 1
    func take<Value: Decodable>(_ key: CodingKeys, _ target: inout Value) throws {
      if let value = try container.decodeIfPresent(Value.self, forKey: key) { target = value }
    }
    try take(.normalization, &normalization)
    try take(.positions, &positions)
    try take(.relativeClip, &relativeClip)
    try take(.convolution, &convolution)
    try take(.nGramBuckets, &nGramBuckets)
    embeddingDropout = try container.decodeIfPresent(Float.self, forKey: .embeddingDropout)
    try take(.sentencePooling, &sentencePooling)
    try take(.labelSmoothing, &labelSmoothing)
    try take(.tagLoss, &tagLoss)
    try take(.tagChain, &tagChain)
    try take(.tagPrior, &tagPrior)
    try take(.classPrior, &classPrior)
    try take(.lazyEmbeddings, &lazyEmbeddings)
    try take(.neighbourHeads, &neighbourHeads)
    try take(.members, &members)
  }
}
