/// A named set of options, each of which can be overridden.
public enum Preset: String, Codable, Hashable, Sendable, CaseIterable {
  /// Cross-entropy for both tasks, with the input, encoder and chance changes that serve small data best.
  case standard
  /// The best figures: a conditional random field over tags besides, and several models whose answers are averaged.
  case accurate
  /// BERT's own shape, so that the encoder opens elsewhere, started so that it learns soon.
  case bert
}

extension RunConfiguration {
  /// A preset's options.
  public init(preset: Preset) {
    self.init()
    self.preset = preset
    swap = 0.3
    tagPrior = Self.defaultTagPrior
    smallBatches = preset != .bert
    switch preset {
    case .standard:
      useSmallDataEncoder()
    case .accurate:
      useSmallDataEncoder()
      tagLoss = .crf
      tagPrior = nil  // the field learns its own
      labelSmoothing = 0.1
      members = 5
      epochs = 14
      leastSteps = 3_800
      keep = 1  // several models make a checkpoint large
    case .bert:
      neighbourHeads = true
      layers = 3
      epochs = 20
    }
  }

  /// Chosen on dev.
  private static let defaultTagPrior = 0.3

  /// What a pretrained encoder is trained with by default: a small rate for it, a larger one for the heads.
  public static var fineTuning: RunConfiguration {
    var configuration = RunConfiguration()
    configuration.learningRate = 1e-3
    configuration.encoderLearningRate = 2e-4
    configuration.lazyEmbeddings = true
    configuration.warmup = 0.1
    configuration.schedule = .linear
    configuration.swap = 0.3
    configuration.tagPrior = defaultTagPrior
    return configuration
  }

  private mutating func useSmallDataEncoder() {
    normalization = .pre
    positions = .relative
    convolution = true
    nGramBuckets = nil
    nGramDropout = 0.3
    unknownWords = true
    lazyEmbeddings = true
    dropout = 0.15
    embeddingDropout = 0.3
    classPrior = 5
    classPriorIsForFew = true
    attentionDropout = 0.05
    headDropout = 0.3
    epochs = 12
    leastSteps = 4_900
  }
}
