import Kernels
public import TrainingEvents

/// What each task alone asks of the encoder that both share.
public struct TaskGradients: Hashable, Sendable {
  /// Euclidean norms of the weighted losses' gradients on the encoder's parameters, embedding tables included, heads and
  /// pooler not.
  public var norms: PerTask<Double>
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
    _ batch: PackedBatch, weights: PerTask<Float>, dropoutKey: UInt64?
  ) -> TaskGradients? {
    guard rates.trainsEncoder else { return nil }
    let sets = PerTask(gradientSet, secondGradientSet)
    let sample = batch.parts(parts).first { $0.sentenceCount > 0 } ?? batch
    for task in ModelTask.allCases {
      _ = makeGradients(
        sample, parts: 0..<1, of: 1, weights: weights.only(task), dropoutKey: dropoutKey, into: sets[task])
    }
    let norms = sets.map { $0.norm(over: rates.encoderRegion, team) }
    let dot = sets.sentence.dot(sets.words, over: rates.encoderRegion, team)
    let product = norms.sentence * norms.words
    let cosine = product > 0 && product.isFinite && dot.isFinite ? min(max(dot / product, -1), 1) : nil
    return TaskGradients(norms: norms, cosine: cosine)
  }
}

extension PerTask<Float> {
  /// The same for one task, 0 for the other.
  func only(_ task: ModelTask) -> PerTask<Float> { PerTask { $0 == task ? self[task] : 0 } }
}
