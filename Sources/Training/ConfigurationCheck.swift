internal import MultiTaskTransformer
internal import TrainingEvents

/// Bounds of a configuration's numbers: what is outside cannot be trained and is said in a sentence.
enum ConfigurationCheck {
  /// What is wrong first; nil if nothing is.
  static func fault(_ configuration: RunConfiguration) -> String? {
    NumberOption.all.lazy.compactMap { $0.fault(in: configuration) }.first ?? shapeFault(configuration)
  }

  private static func shapeFault(_ it: RunConfiguration) -> String? {
    guard it.hidden % it.heads == 0 else {
      return "hidden is \(it.hidden), which \(it.heads) heads do not divide; choose a multiple of heads"
    }
    if let parts = it.parts, parts.nonzeroBitCount != 1 {
      return "parts is \(parts), but must be a power of two, such as 1, 2, 4 or 8"
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
