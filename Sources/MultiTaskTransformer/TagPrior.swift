internal import Glibc
internal import Kernels

/// How much likelier training's sentences make each step from tag to tag than the tags' own frequencies do.
///
/// A softmax over each token's tags looks at no other token's tag. Decoding with these scores beside the logits weighs
/// a sequence by what train shows of sequences, without a change to the loss.
public struct TagPrior: Hashable, Sendable {
  /// Tokens that a tag is taken to have been seen with besides its own, where each step is as frequent as its target.
  static let smoothing = 10.0

  public let tagCount: Int
  /// [from, to], row-major: log(P(to | from) / P(to)).
  public let transitions: [Float]
  /// [tags]: log(P(tag | first) / P(tag)).
  public let start: [Float]
  /// [tags]: log(P(last | tag) / P(last)).
  public let end: [Float]

  /// - Parameters:
  ///   - steps: [from, to], row-major: how often train has one tag right after another.
  ///   - first: [tags]: how many sentences begin with it.
  ///   - last: [tags]: how many end with it.
  public init(steps: [Int], first: [Int], last: [Int]) {
    precondition(steps.count == first.count * first.count && last.count == first.count, "one size of tag set")
    let tags = first.count
    let counts = (0..<tags).map { tag in (0..<tags).reduce(last[tag]) { $0 + steps[tag * tags + $1] } }
    let total = Double(counts.reduce(0, +))
    let sentences = Double(first.reduce(0, +))
    /// The log of a share over what chance gives it, both smoothed; 0 where chance gives nothing.
    func score(_ count: Int, of all: Double, chance: Double) -> Float {
      guard chance > 0 else { return 0 }
      return Float(log((Double(count) / chance + Self.smoothing) / (all + Self.smoothing)))
    }
    let shares = counts.map { total > 0 ? Double($0) / total : 0 }
    tagCount = tags
    transitions = (0..<tags * tags).map { index in
      score(steps[index], of: Double(counts[index / tags]), chance: shares[index % tags])
    }
    start = (0..<tags).map { score(first[$0], of: sentences, chance: shares[$0]) }
    end = (0..<tags).map { score(last[$0], of: Double(counts[$0]), chance: total > 0 ? sentences / total : 0) }
  }
}

extension MultiTaskModel {
  /// Decodes with a prior from now on; for configurations with a `tagPrior`.
  public func take(_ prior: TagPrior) {
    guard let place = layout.prior else { preconditionFailure("the model has no place for a tag prior") }
    precondition(prior.tagCount == configuration.tagCount, "the tag prior is made for another number of tags")
    let all = [(place.transitions, prior.transitions), (place.start, prior.start), (place.end, prior.end)]
    for (offset, scores) in all {
      for (index, score) in scores.enumerated() {
        parameterBuffer.start[offset + index] = configuration.tagPrior * score
      }
    }
  }
}
