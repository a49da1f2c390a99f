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

  init(tagCount: Int) {
    self.tagCount = tagCount
    let padded = tagCount * mtt_row_stride(tagCount)
    transitions = FloatBuffer(count: tagCount * tagCount)
    start = FloatBuffer(count: tagCount)
    end = FloatBuffer(count: tagCount)
    exponentials = FloatBuffer(count: padded)
    transposed = FloatBuffer(count: padded)
  }

  /// The means of several models' scores.
  convenience init(meanOf all: [ChainScores]) {
    self.init(tagCount: all[0].tagCount)
    for scores in all {
      for index in 0..<transitions.count {
        transitions.start[index] += scores.transitions.start[index] / Float(all.count)
      }
      for tag in 0..<tagCount {
        start.start[tag] += scores.start.start[tag] / Float(all.count)
        end.start[tag] += scores.end.start[tag] / Float(all.count)
      }
    }
    mtt_chain_exponentials(transitions.start, tagCount, exponentials.start, transposed.start)
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
    for index in 0..<tagCount * tagCount {
      let score = stored.map { parameters[$0.transitions + index] } ?? 0
      transitions.start[index] = score + (constraints?.allowed[index] == false ? penalty : 0)
    }
    for tag in 0..<tagCount {
      let score = stored.map { parameters[$0.start + tag] } ?? 0
      start.start[tag] = score + (constraints?.allowedFirst[tag] == false ? penalty : 0)
      end.start[tag] = stored.map { parameters[$0.end + tag] } ?? 0
    }
    mtt_chain_exponentials(transitions.start, tagCount, exponentials.start, transposed.start)
  }
}

extension ChainParameters {
  /// What a forbidden step costs while training: dear, yet its gradient stays finite.
  static let trainingPenalty: Float = -15
  /// While decoding: out of the question.
  static let decodingPenalty: Float = -10_000
}
