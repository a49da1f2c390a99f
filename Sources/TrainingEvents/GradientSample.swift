/// What each task alone asks of the encoder that both share, measured on the batch of one step.
public struct GradientSample: Codable, Hashable, Sendable {
  /// Completed steps when it was measured: it describes the step after.
  public var step: Int
  // Under the names that files have.
  private var weightA, weightB, normA, normB: Double
  /// What the losses were multiplied by.
  public var weights: PerTask<Double> { PerTask(weightA, weightB) }
  /// Euclidean norms of the weighted losses' gradients on the encoder's parameters.
  public var norms: PerTask<Double> { PerTask(normA, normB) }
  /// Cosine of the angle between the two, in -1...1; nil where one of them is zero or not finite.
  public var cosine: Double?
  /// What measuring took.
  public var seconds: Double

  public init(step: Int, weights: PerTask<Double>, norms: PerTask<Double>, cosine: Double?, seconds: Double) {
    self.step = step
    (weightA, weightB) = (weights.sentence, weights.words)
    (normA, normB) = (norms.sentence, norms.words)
    self.cosine = cosine
    self.seconds = seconds
  }
}
