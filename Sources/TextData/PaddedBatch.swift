/// A batch as rows of one length: row-major, `count` × `length`, as models elsewhere and an exported graph take it.
///
/// The program itself computes over packed batches; that padding changes nothing is tested.
public struct PaddedBatch: Sendable, Hashable {
  /// B.
  public var count: Int
  /// L.
  public var length: Int
  /// [B, L]; padding is [PAD].
  public var inputIDs: [Int32] = []
  /// [B, L]; 1 at real tokens, 0 at padding.
  public var attentionMask: [Int32] = []
  /// [B]; -100 without a class.
  public var taskALabels: [Int32]
  /// [B, L]; -100 at padding, [CLS], [SEP] and unlabelled tokens.
  public var taskBLabels: [Int32] = []
  /// [B × L + 1]: position i has the n-gram rows `nGrams[nGramStarts[i]..<nGramStarts[i + 1]]`; both are empty for data
  /// without n-grams.
  public var nGramStarts: [Int32]
  public var nGrams: [Int32]

  /// - Parameter padding: the id of [PAD].
  public init(_ batch: Batch, padding: Int32) {
    (count, length) = (batch.count, batch.length)
    taskALabels = batch.classLabels
    nGramStarts = Array(batch.nGramStarts.prefix(1))
    nGrams = batch.nGrams
    for sentence in 0..<count {
      let tokens = batch.tokens(of: sentence)
      let rest = length - tokens.count
      inputIDs += batch.tokenIDs[tokens] + [Int32](repeating: padding, count: rest)
      attentionMask += [Int32](repeating: 1, count: tokens.count) + [Int32](repeating: 0, count: rest)
      taskBLabels += batch.tagLabels[tokens] + [Int32](repeating: ignoredLabel, count: rest)
      guard !batch.nGramStarts.isEmpty else { continue }
      let ends = batch.nGramStarts[tokens.lowerBound + 1...tokens.upperBound]
      nGramStarts += ends + [Int32](repeating: batch.nGramStarts[tokens.upperBound], count: rest)
    }
  }
}
