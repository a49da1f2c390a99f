/// A batch's tokens, packed: what the encoder computes over. There is no padding.
public struct PackedBatch: Sendable {
  /// B.
  public let sentenceCount: Int
  /// T: real tokens of the whole batch.
  public var tokenCount: Int { tokenIDs.count }
  /// [T].
  let tokenIDs: [Int32]
  /// [T], each token's place in its sentence.
  let positions: [Int32]
  /// [B + 1]: sentence s has tokens `starts[s]..<starts[s + 1]`.
  let starts: [Int32]
  /// [B].
  let classLabels: [Int32]
  /// [T].
  let tagLabels: [Int32]
  /// [T + 1]: token i has the n-gram rows `nGrams[nGramStarts[i]..<nGramStarts[i + 1]]`; empty without n-grams.
  let nGramStarts: [Int32]
  let nGrams: [Int32]
  /// Tokens of the longest sentence.
  let longest: Int
  /// In a part of a batch, the place of its first sentence and token in the whole one; 0 otherwise.
  let firstSentence: Int
  let firstToken: Int

  /// - Parameters:
  ///   - tokenIDs: [T].
  ///   - starts: [B + 1]: sentence s has tokens `starts[s]..<starts[s + 1]`, at least one.
  ///   - classLabels: [B], -100 without a class. Ids of C_a or more are classes not seen in training: they take no part
  ///     in the loss and count as wrong.
  ///   - tagLabels: [T], -100 where there is no tag; C_b or more as above.
  ///   - nGramStarts: [T + 1] and `nGrams`: the n-gram rows of each token; both empty for a model without.
  public init(
    tokenIDs: [Int32], starts: [Int32], classLabels: [Int32], tagLabels: [Int32], nGramStarts: [Int32] = [],
    nGrams: [Int32] = []
  ) {
    precondition(starts.count == classLabels.count + 1, "starts must be [\(classLabels.count + 1)]")
    precondition(starts.last.map { Int($0) } == tokenIDs.count, "starts must end with the number of tokens")
    precondition(tagLabels.count == tokenIDs.count, "tagLabels must be [\(tokenIDs.count)]")
    sentenceCount = classLabels.count
    self.tokenIDs = tokenIDs
    self.starts = starts
    self.classLabels = classLabels
    self.tagLabels = tagLabels
    self.nGramStarts = nGramStarts
    self.nGrams = nGrams
    firstSentence = 0
    firstToken = 0
    var positions: [Int32] = []
    positions.reserveCapacity(tokenIDs.count)
    var longest: Int32 = 0
    for (sentence, (start, end)) in zip(starts, starts.dropFirst()).enumerated() {
      precondition(end > start, "sentence \(sentence) of the batch has no token")
      for position in 0..<end - start { positions.append(position) }
      longest = max(longest, end - start)
    }
    self.positions = positions
    self.longest = Int(longest)
  }

  /// Some sentences of a batch.
  init(_ batch: PackedBatch, sentences: Range<Int>) {
    let tokens = Int(batch.starts[sentences.lowerBound])..<Int(batch.starts[sentences.upperBound])
    let first = batch.starts[sentences.lowerBound]
    sentenceCount = sentences.count
    tokenIDs = Array(batch.tokenIDs[tokens])
    positions = Array(batch.positions[tokens])
    starts = batch.starts[sentences.lowerBound...sentences.upperBound].map { $0 - first }
    classLabels = Array(batch.classLabels[sentences])
    tagLabels = Array(batch.tagLabels[tokens])
    if batch.nGramStarts.isEmpty {
      nGramStarts = []
      nGrams = []
    } else {
      let firstGram = batch.nGramStarts[tokens.lowerBound]
      nGramStarts = batch.nGramStarts[tokens.lowerBound...tokens.upperBound].map { $0 - firstGram }
      nGrams = Array(batch.nGrams[Int(firstGram)..<Int(batch.nGramStarts[tokens.upperBound])])
    }
    longest = sentences.reduce(0) { max($0, batch.tokens(of: $1).count) }
    firstSentence = batch.firstSentence + sentences.lowerBound
    firstToken = batch.firstToken + tokens.lowerBound
  }

  /// The batch in as few runs of whole sentences as there can be with at most `limit` tokens each, of about equally
  /// many; only a sentence longer than that makes a longer one.
  func microBatches(tokens limit: Int) -> [PackedBatch] {
    guard tokenCount > limit else { return [self] }
    let target = (tokenCount - 1) / ((tokenCount - 1) / limit + 1) + 1
    var parts: [PackedBatch] = []
    var first = 0
    while first < sentenceCount {
      var end = first + 1
      let start = Int(starts[first])
      while end < sentenceCount, Int(starts[end]) - start < target, Int(starts[end + 1]) - start <= limit { end += 1 }
      parts.append(PackedBatch(self, sentences: first..<end))
      first = end
    }
    return parts
  }

  func tokens(of sentence: Int) -> Range<Int> { Int(starts[sentence])..<Int(starts[sentence + 1]) }

  /// Token ids, positions, and n-gram starts and rows (nil without) as the kernels take them.
  func withUnsafePointers(
    _ body: (UnsafePointer<Int32>, UnsafePointer<Int32>, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Void
  ) {
    tokenIDs.withUnsafeBufferPointer { ids in
      positions.withUnsafeBufferPointer { positions in
        nGramStarts.withUnsafeBufferPointer { starts in
          nGrams.withUnsafeBufferPointer { grams in
            guard let ids = ids.baseAddress, let positions = positions.baseAddress else { return }
            body(ids, positions, nGramStarts.isEmpty ? nil : starts.baseAddress, grams.baseAddress)
          }
        }
      }
    }
  }

  /// The batch in `count` runs of whole sentences with about equally many tokens each; some may be empty.
  func parts(_ count: Int) -> [PackedBatch] {
    count == 1 ? [self] : shares(count).map { PackedBatch(self, sentences: $0.sentences) }
  }

  /// The same runs as places in the batch.
  func shares(_ count: Int) -> [Share] {
    var shares: [Share] = []
    var sentence = 0
    for index in 0..<count {
      let first = sentence
      let target = tokenCount * (index + 1) / count
      // A sentence belongs to the share in which its middle lies.
      while sentence < sentenceCount, (Int(starts[sentence]) + Int(starts[sentence + 1])) / 2 < target { sentence += 1 }
      if index == count - 1 { sentence = sentenceCount }
      shares.append(
        Share(index: index, sentences: first..<sentence, tokens: Int(starts[first])..<Int(starts[sentence])))
    }
    return shares
  }
}

/// A part of a batch that one worker takes through the model.
struct Share: Sendable {
  let index: Int
  let sentences: Range<Int>
  let tokens: Range<Int>
}
