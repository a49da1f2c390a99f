internal import MultiTaskTransformer
internal import TrainingEvents

/// Bounds of a configuration's numbers: what is outside cannot be trained and is said in a sentence.
enum ConfigurationCheck {
  /// What is wrong first; nil if nothing is.
  static func fault(_ configuration: RunConfiguration) -> String? {
    numberFault(configuration) ?? shapeFault(configuration)
  }

  private static func numberFault(_ it: RunConfiguration) -> String? {
    let counts: [(String, Int, ClosedRange<Int>)] = [
      ("vocabulary-size", it.vocabularySize, 8...100_000_000),
      ("minimum-count", it.minimumCount, 1...1_000_000_000),
      ("max-length", it.maxLength, 3...65_536),
      ("pad-to", it.padTo ?? 3, 3...65_536),
      ("n-gram-buckets", it.nGramBuckets ?? 0, 0...100_000_000),
      ("hidden", it.hidden, 1...65_536),
      ("layers", it.layers, 1...1024),
      ("heads", it.heads, 1...65_536),
      ("intermediate", it.intermediate, 1...1_048_576),
      ("epochs", it.epochs, 1...1_000_000),
      ("batch-size", it.batchSize, 1...1_048_576),
      ("threads", it.threads, 0...4096),
      ("shares", it.shares, 0...4096),
      ("checkpoint-every", it.checkpointEvery, 0...Int.max),
      ("keep", it.keep, 1...1_000_000),
      ("unfreeze-every", it.unfreezeEvery ?? 1, 1...1_000_000),
      ("patience", it.patience ?? 1, 1...1_000_000),
      ("divergence-limit", it.divergenceLimit, 1...1_000_000_000),
    ]
    for (name, value, range) in counts where !range.contains(value) {
      return "\(name) is \(value); it must be from \(range.lowerBound) to \(range.upperBound)"
    }
    let largest = Double(Float.greatestFiniteMagnitude)
    let reals: [(String, Double, ClosedRange<Double>)] = [
      ("checkpoint-minutes", it.checkpointMinutes, 0...525_600),
      ("dropout", it.dropout, 0...0.99),
      ("embedding-dropout", it.embeddingDropout ?? 0, 0...0.99),
      ("attention-dropout", it.attentionDropout ?? 0, 0...0.99),
      ("head-dropout", it.headDropout ?? 0, 0...0.99),
      ("n-gram-dropout", it.nGramDropout, 0...1),
      ("piece-dropout", it.pieceDropout ?? 0, 0...1),
      ("swap", it.swap, 0...1),
      ("word-dropout", it.wordDropout ?? 0, 0...1),
      ("tag-prior", it.tagPrior ?? 0, 0...10),
      ("label-smoothing", it.labelSmoothing, 0...0.99),
      ("learning-rate", it.learningRate, 0...largest),
      ("encoder-learning-rate", it.encoderLearningRate ?? 0, 0...largest),
      ("layer-decay", it.layerDecay, 0...1),
      ("weight-decay", it.weightDecay, 0...largest),
      ("warmup", it.warmup, 0...1),
      ("clip", it.clip, 0...largest),
      ("weight-a", it.weightA, 0...largest),
      ("weight-b", it.weightB, 0...largest),
    ]
    for (name, value, range) in reals where !range.contains(value) {
      let bound = range.upperBound == largest ? "a number from 0 up" : "from \(range.lowerBound) to \(range.upperBound)"
      return "\(name) is \(value); it must be \(bound)"
    }
    return nil
  }

  private static func shapeFault(_ it: RunConfiguration) -> String? {
    guard it.hidden % it.heads == 0 else {
      return "hidden is \(it.hidden), which \(it.heads) heads do not divide; choose a multiple of heads"
    }
    if let padTo = it.padTo, padTo < it.maxLength {
      return "pad-to is \(padTo), less than max-length (\(it.maxLength)); choose at least that"
    }
    if it.encoder != nil {
      let foreign = [
        ("normalization pre", it.normalization != .post), ("positions relative", it.positions != .absolute),
        ("convolution", it.convolution), ("ngram-buckets", it.nGramBuckets != 0),
        ("neighbour-heads", it.neighbourHeads),
      ].filter(\.1).map(\.0)
      if !foreign.isEmpty {
        return "a pretrained encoder has BERT's shape, which has no \(foreign.joined(separator: ", ")); leave that out"
          + " (or choose no preset)"
      }
    }
    if it.pieceDropout ?? 0 > 0, it.encoder == nil, it.tokenizer == .words {
      return "piece-dropout is about WordPiece, and a token is a word here: choose tokenizer wordpiece, or leave it out"
    }
    if it.unfreezeEvery != nil, it.freeze.contains("encoder") {
      return "freeze names the whole encoder, which unfreeze-every would train in time: leave one of them out"
    }
    do throws(FreezeFault) {
      _ = try FrozenParts(it.freeze, layers: it.encoder == nil ? it.layers : 1024)
    } catch {
      return error.sentence
    }
    if it.encoderLearningRate != nil, it.learningRate == 0 {
      return "encoder-learning-rate is given, but learning-rate is 0; give the heads a rate too"
    }
    return nil
  }

  /// A lower bound of a model's bytes while it trains: its large matrices with gradients and two moments, 4 bytes each,
  /// and the scores of steps between tags that decoding keeps beside those that are learned.
  ///
  /// The bounds above keep it far from overflow.
  static func leastBytes(_ shape: ModelConfiguration) -> Int {
    let rows = shape.vocabularySize + shape.maxPositions + shape.nGramBuckets
    let embeddings = rows * shape.hiddenSize
    let layer = 4 * shape.hiddenSize * shape.hiddenSize + 2 * shape.hiddenSize * shape.intermediateSize
    let steps = shape.tagCount * shape.tagCount
    let perMember = 16 * (embeddings + shape.layerCount * layer) + (shape.learnsTransitions ? 20 : 4) * steps
    return shape.members * perMember
  }
}
