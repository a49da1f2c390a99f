internal import TextData

/// How many sentences are evaluated at a time.
enum EvaluationBatch {
  /// Tag logits that are held at once: 16 MiB of them.
  private static let largestLogits = 4 << 20

  /// All rows of a split, shortest first, in batches of the size wanted or smaller ones whose logits fit.
  static func order(_ split: EncodedSplit, wanted: Int, tags: Int) -> BatchOrder {
    let longest = (0..<split.count).reduce(0) { max($0, split.length(of: $1)) }
    return BatchOrder(evaluating: split, batchSize: size(wanted: wanted, longest: longest, tags: tags))
  }

  /// The number wanted, or as many sentences as have no more logits than fit, at least one.
  static func size(wanted: Int, longest: Int, tags: Int) -> Int {
    max(1, min(wanted, largestLogits / max(1, longest * tags)))
  }
}
