internal import Glibc
internal import Kernels

/// How probable train makes a sequence of tags, by itself: a first-order Markov chain over tags, counted.
///
/// A softmax over each token's tags looks at no other token's tag. Decoding with the chain's log-probabilities beside the
/// logits weighs a sequence by what train shows of sequences, without a change to the loss.
public struct TagPrior: Hashable, Sendable {
  /// Tokens that a tag is taken to have been seen with besides its own, where each step is as frequent as its target.
  static let smoothing = 10.0

  public let tagCount: Int
  /// [from, to], row-major: log P(to | from).
  public let transitions: [Float]
  /// [tags]: log P(tag | first).
  public let start: [Float]
  /// [tags]: log P(last | tag).
  public let end: [Float]

  /// - Parameters:
  ///   - steps: [from, to], row-major: how often train has one tag right after another.
  ///   - first: [tags]: how many sentences begin with it.
  ///   - last: [tags]: how many end with it.
  public init(steps: [Int], first: [Int], last: [Int]) {
    precondition(steps.count == first.count * first.count && last.count == first.count, "one size of tag set")
    let tags = first.count
    let counts = (0..<tags).map { tag in (0..<tags).reduce(last[tag]) { $0 + steps[tag * tags + $1] } }
    let tokens = Double(counts.reduce(0, +))
    let sentences = Double(first.reduce(0, +))
    // One more of each, so that nothing is impossible.
    let shares = counts.map { Double($0 + 1) / (tokens + Double(tags)) }
    let lastShare = (sentences + 1) / (tokens + 1)
    func logShare(_ count: Int, of all: Double, chance: Double) -> Float {
      Float(log((Double(count) + Self.smoothing * chance) / (all + Self.smoothing)))
    }
    tagCount = tags
    transitions = (0..<tags * tags).map { index in
      logShare(steps[index], of: Double(counts[index / tags]), chance: shares[index % tags])
    }
    start = (0..<tags).map { logShare(first[$0], of: sentences, chance: shares[$0]) }
    end = (0..<tags).map { logShare(last[$0], of: Double(counts[$0]), chance: lastShare) }
  }
}

extension MultiTaskModel {
  /// Decodes with a prior from now on; for configurations with a `tagPrior`.
  public func take(_ prior: TagPrior) {
    guard let place = layout.prior else { preconditionFailure("the model has no place for a tag prior") }
    precondition(prior.tagCount == configuration.tagCount, "the tag prior is made for another number of tags")
    decodingScoresAreStale = true
    let all = [(place.transitions, prior.transitions), (place.start, prior.start), (place.end, prior.end)]
    for (offset, scores) in all {
      for (index, score) in scores.enumerated() {
        parameterBuffer.start[offset + index] = configuration.tagPrior * score
      }
    }
  }
}
