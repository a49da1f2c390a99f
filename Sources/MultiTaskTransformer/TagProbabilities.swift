import CKernels
internal import Glibc

extension MultiTaskModel {
  /// How likely each tag of each token is: with a learned chain its marginals over all legal sequences, without
  /// one the softmax of the token's logits.
  ///
  /// - Parameters:
  ///   - logits: [tokens, C_b], as `BatchPredictions.logits.words` of the last `predict`.
  ///   - tokens: the first tokens of one sentence's words, in order.
  ///   - scores: the chain's, as decoding uses them.
  /// - Returns: [tokens.count, C_b], each row summing to 1.
  func tagProbabilities(_ logits: [Float], tokens: [Int32], with scores: ChainScores) -> [Double] {
    let tags = configuration.tagCount
    var weights: [Double] = []
    weights.reserveCapacity(tokens.count * tags)
    for token in tokens {
      let row = logits[Int(token) * tags..<(Int(token) + 1) * tags]
      let largest = row.max() ?? 0
      weights += row.map { exp(Double($0 - largest)) }
    }
    guard layout.chain != nil, !tokens.isEmpty else { return normalized(weights, tags) }
    return marginals(weights, scores.chain, tags) ?? normalized(weights, tags)
  }

  /// Forward-backward in probabilities scaled to a sum of 1 at each token; nil where every sequence vanishes.
  private func marginals(_ weights: [Double], _ chain: MTTChain, _ tags: Int) -> [Double]? {
    let length = weights.count / tags
    let steps = (0..<tags * tags).map { exp(Double(chain.transitions[$0])) }
    var forward = weights
    for tag in 0..<tags { forward[tag] *= exp(Double(chain.start[tag])) }
    guard scale(&forward, 0..<tags) else { return nil }
    for token in 1..<max(length, 1) {
      let (before, now) = ((token - 1) * tags, token * tags)
      for tag in 0..<tags {
        var sum = 0.0
        for from in 0..<tags { sum += forward[before + from] * steps[from * tags + tag] }
        forward[now + tag] *= sum
      }
      guard scale(&forward, now..<now + tags) else { return nil }
    }
    var backward = [Double](repeating: 0, count: weights.count)
    for tag in 0..<tags { backward[(length - 1) * tags + tag] = exp(Double(chain.end[tag])) }
    for token in stride(from: length - 2, through: 0, by: -1) {
      let (now, next) = (token * tags, (token + 1) * tags)
      for tag in 0..<tags {
        var sum = 0.0
        for to in 0..<tags { sum += steps[tag * tags + to] * weights[next + to] * backward[next + to] }
        backward[now + tag] = sum
      }
      guard scale(&backward, now..<now + tags) else { return nil }
    }
    for index in forward.indices { forward[index] *= backward[index] }
    for token in 0..<length {
      guard scale(&forward, token * tags..<(token + 1) * tags) else { return nil }
    }
    return forward
  }

  private func normalized(_ weights: [Double], _ tags: Int) -> [Double] {
    var weights = weights
    for start in stride(from: 0, to: weights.count, by: tags) { _ = scale(&weights, start..<start + tags) }
    return weights
  }

  /// Scales a row to a sum of 1; false where that cannot be done.
  private func scale(_ values: inout [Double], _ row: Range<Int>) -> Bool {
    let sum = values[row].reduce(0, +)
    guard sum > 0, sum.isFinite else { return false }
    for index in row { values[index] /= sum }
    return true
  }
}

extension ModelEnsemble {
  /// How likely each tag of each token is; see `MultiTaskModel.tagProbabilities`.
  ///
  /// - Parameters:
  ///   - logits: [tokens, C_b], as `BatchPredictions.logits.words` of the last `predict`.
  ///   - tokens: the first tokens of one sentence's words, in order.
  public func tagProbabilities(_ logits: [Float], tokens: [Int32]) -> [Double] {
    members[0].tagProbabilities(logits, tokens: tokens, with: decodingScores)
  }
}
