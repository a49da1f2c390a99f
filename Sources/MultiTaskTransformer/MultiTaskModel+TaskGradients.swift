import Kernels

/// What each task alone asks of the encoder that both share.
public struct TaskGradients: Hashable, Sendable {
  /// Euclidean norms of the gradients of weightA × lossA and weightB × lossB on the encoder's parameters, embedding
  /// tables included, heads and pooler not.
  public var normA: Double
  public var normB: Double
  /// Cosine of the angle between the two; nil where one of them is zero or not finite.
  public var cosine: Double?
}

extension MultiTaskModel {
  /// Goes twice over a batch, once for each task, and compares what both leave on the encoder; nil where all of the
  /// encoder is frozen.
  ///
  /// Where a batch is cut into parts it is one of them, the first that has sentences: a sample, which one process can take
  /// by itself. Parameters and the optimizer's moments stay as they are.
  public func taskGradients(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?
  ) -> TaskGradients? {
    guard rates.trainsEncoder else { return nil }
    let (a, b) = (gradientSet, secondGradientSet)
    let sample = batch.parts(parts).first { $0.sentenceCount > 0 } ?? batch
    func gradients(_ weightA: Float, _ weightB: Float, into set: GradientSet) {
      _ = makeGradients(
        sample, parts: 0..<1, of: 1, weightA: weightA, weightB: weightB, dropoutKey: dropoutKey, into: set)
    }
    gradients(weightA, 0, into: a)
    gradients(0, weightB, into: b)
    let normA = a.norm(over: rates.encoderRegion, team)
    let normB = b.norm(over: rates.encoderRegion, team)
    let product = a.dot(b, over: rates.encoderRegion, team)
    let norms = normA * normB
    let cosine = norms > 0 && norms.isFinite && product.isFinite ? min(max(product / norms, -1), 1) : nil
    return TaskGradients(normA: normA, normB: normB, cosine: cosine)
  }
}
