import Glibc
import MultiTaskTransformer

/// A linear-chain conditional random field in float64, in logarithms throughout.
struct ReferenceChain {
  let tags: Int
  /// [from, to], [tags], [tags]; what the constraints forbid is lowered by a penalty, 15 in training.
  let transitions: [Double]
  let start: [Double]
  let end: [Double]

  /// - Parameter name: what the scores' names begin with.
  init(
    _ parameters: [String: [Double]], _ tags: Int, _ constraints: TagConstraints?, penalty: Double = 15,
    name: String = "crf"
  ) {
    self.tags = tags
    transitions = (parameters["\(name).transitions"] ?? []).enumerated().map { index, score in
      score - (constraints?.allows(index % tags, after: index / tags) == false ? penalty : 0)
    }
    start = (parameters["\(name).start_transitions"] ?? []).enumerated().map { tag, score in
      score - (constraints?.allowsFirst(tag) == false ? penalty : 0)
    }
    end = parameters["\(name).end_transitions"] ?? []
  }

  /// Sum of all sentences' negative log-likelihoods over their labelled tokens, divided by the number of those.
  ///
  /// - Parameter logits: [real tokens, tags].
  func meanLoss(_ logits: [Double], _ batch: SampleBatch) -> Double {
    var (sum, count, token) = (0.0, 0, 0)
    for (row, length) in batch.lengths.enumerated() {
      let labels = batch.sentence(row, length: length).tags
      let chosen = labels.indices.filter { (0..<Int32(tags)).contains(labels[$0]) }
      let emissions = chosen.map { position in
        Array(logits[(token + position) * tags..<(token + position + 1) * tags])
      }
      if !chosen.isEmpty { sum += loss(emissions, path: chosen.map { Int(labels[$0]) }) }
      count += chosen.count
      token += length
    }
    return count == 0 ? 0 : sum / Double(count)
  }

  /// Each labelled token's log-probabilities of its tags, from the chain through these tokens, seen tags or not; other
  /// tokens keep their logits.
  ///
  /// - Parameter logits: [real tokens, tags].
  func logMarginals(_ logits: [Double], _ batch: SampleBatch) -> [Double] {
    var result = logits
    var token = 0
    for (row, length) in batch.lengths.enumerated() {
      let labels = batch.sentence(row, length: length).tags
      let chosen = labels.indices.filter { labels[$0] >= 0 }.map { token + $0 }
      let emissions = chosen.map { Array(logits[$0 * tags..<($0 + 1) * tags]) }
      for (place, values) in zip(chosen, logMarginals(emissions)) {
        result.replaceSubrange(place * tags..<(place + 1) * tags, with: values)
      }
      token += length
    }
    return result
  }

  /// [tokens][tags]: log Σ over the paths through a tag − log Σ over all paths.
  func logMarginals(_ emissions: [[Double]]) -> [[Double]] {
    guard !emissions.isEmpty else { return [] }
    var forward = [(0..<tags).map { start[$0] + emissions[0][$0] }]
    for emission in emissions.dropFirst() {
      let before = forward[forward.count - 1]
      forward.append(
        (0..<tags).map { to in
          emission[to] + logSumExp((0..<tags).map { before[$0] + transitions[$0 * tags + to] })
        })
    }
    var backward = [end]
    for emission in emissions.dropFirst().reversed() {
      let after = backward[0]
      backward.insert(
        (0..<tags).map { from in
          logSumExp((0..<tags).map { transitions[from * tags + $0] + emission[$0] + after[$0] })
        }, at: 0)
    }
    return zip(forward, backward).map { forward, backward in
      let sums = zip(forward, backward).map { $0 + $1 }
      let all = logSumExp(sums)
      return sums.map { $0 - all }
    }
  }

  /// log Σ over all paths exp(score) − score(path).
  func loss(_ emissions: [[Double]], path: [Int]) -> Double {
    var forward = (0..<tags).map { start[$0] + emissions[0][$0] }
    for emission in emissions.dropFirst() {
      forward = (0..<tags).map { to in
        emission[to] + logSumExp((0..<tags).map { forward[$0] + transitions[$0 * tags + to] })
      }
    }
    return logSumExp((0..<tags).map { forward[$0] + end[$0] }) - score(emissions, path: path)
  }

  func score(_ emissions: [[Double]], path: [Int]) -> Double {
    guard let first = path.first, let last = path.last else { return 0 }
    var score = start[first] + end[last]
    for (step, tag) in path.enumerated() {
      score += emissions[step][tag]
      if step > 0 { score += transitions[path[step - 1] * tags + tag] }
    }
    return score
  }

  /// Every path of a length.
  func paths(_ length: Int) -> [[Int]] {
    guard length > 0 else { return [[]] }
    return paths(length - 1).flatMap { path in (0..<tags).map { path + [$0] } }
  }

  private func logSumExp(_ values: [Double]) -> Double {
    let largest = values.max() ?? 0
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
  }
}
