import CKernels
import Kernels

/// The transition scores that head B learns, or those that decoding adds to a softmax head's logits.
struct ChainParameters: Sendable {
  /// Offsets of [tags, tags], [tags], [tags].
  let transitions: Int
  let start: Int
  let end: Int
}

/// Scores as the chain's kernels take them: learned ones plus a penalty for what the constraints forbid.
final class ChainScores {
  let tagCount: Int
  private let transitions: FloatBuffer
  private let start: FloatBuffer
  private let end: FloatBuffer
  private let exponentials: FloatBuffer
  private let transposed: FloatBuffer
  /// Whether sums over paths are asked for, or the best path alone.
  private let isForSums: Bool

  init(tagCount: Int, isForSums: Bool) {
    self.tagCount = tagCount
    self.isForSums = isForSums
    let padded = isForSums ? tagCount * mtt_row_stride(tagCount) : 0
    transitions = FloatBuffer(count: tagCount * tagCount)
    start = FloatBuffer(count: tagCount)
    end = FloatBuffer(count: tagCount)
    exponentials = FloatBuffer(count: padded)
    transposed = FloatBuffer(count: padded)
  }

  /// The means of several models' scores.
  convenience init(meanOf all: [ChainScores]) {
    self.init(tagCount: all[0].tagCount, isForSums: all[0].isForSums)
    for scores in all {
      for index in 0..<transitions.count {
        transitions.start[index] += scores.transitions.start[index] / Float(all.count)
      }
      for tag in 0..<tagCount {
        start.start[tag] += scores.start.start[tag] / Float(all.count)
        end.start[tag] += scores.end.start[tag] / Float(all.count)
      }
    }
    makeExponentials()
  }

  private func makeExponentials() {
    if isForSums { mtt_chain_exponentials(transitions.start, tagCount, exponentials.start, transposed.start) }
  }

  var chain: MTTChain {
    MTTChain(
      transitions: transitions.start, start: start.start, end: end.start, exponentials: exponentials.start,
      exponentials_transposed: transposed.start, tags: tagCount)
  }

  /// Takes the learned or given scores (nil: all 0) and adds `penalty` where the constraints forbid a step.
  func update(
    _ parameters: UnsafePointer<Float>, _ stored: ChainParameters?, _ constraints: TagConstraints?, penalty: Float
  ) {
    func take(_ count: Int, _ offset: Int?, into scores: FloatBuffer) {
      if let offset {
        scores.start.update(from: parameters + offset, count: count)
      } else {
        scores.start.update(repeating: 0, count: count)
      }
    }
    take(tagCount * tagCount, stored?.transitions, into: transitions)
    take(tagCount, stored?.start, into: start)
    take(tagCount, stored?.end, into: end)
    for to in constraints?.inside ?? [] {
      start.start[to] += penalty
      for from in 0..<tagCount where constraints?.allows(to, after: from) == false {
        transitions.start[from * tagCount + to] += penalty
      }
    }
    makeExponentials()
  }
}

extension ChainParameters {
  /// What a forbidden step costs while training: dear, yet its gradient stays finite.
  static let trainingPenalty: Float = -15
  /// While decoding: out of the question.
  static let decodingPenalty: Float = -10_000
}
