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
  /// Parameters and the optimizer's moments stay as they are.
  public func taskGradients(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?
  ) -> TaskGradients? {
    guard rates.trainsEncoder else { return nil }
    let (a, b) = (gradientSet, secondGradientSet)
    forwardBackward(batch, weightA: weightA, weightB: 0, dropoutKey: dropoutKey, into: a)
    forwardBackward(batch, weightA: 0, weightB: weightB, dropoutKey: dropoutKey, into: b)
    let normA = a.norm(over: rates.encoderRegion, team)
    let normB = b.norm(over: rates.encoderRegion, team)
    let product = a.dot(b, over: rates.encoderRegion, team)
    let norms = normA * normB
    let cosine = norms > 0 && norms.isFinite && product.isFinite ? min(max(product / norms, -1), 1) : nil
    return TaskGradients(normA: normA, normB: normB, cosine: cosine)
  }
}
