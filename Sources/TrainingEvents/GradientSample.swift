/// What each task alone asks of the encoder that both share, measured on the batch of one step.
public struct GradientSample: Codable, Hashable, Sendable {
  /// Completed steps when it was measured: it tells of the step after.
  public var step: Int
  public var weightA: Double
  public var weightB: Double
  /// Euclidean norms of the gradients of weightA × lossA and weightB × lossB on the encoder's parameters.
  public var normA: Double
  public var normB: Double
  /// Cosine of the angle between the two, in -1...1; nil where one of them is zero or not finite.
  public var cosine: Double?
  /// What measuring took.
  public var seconds: Double

  public init(
    step: Int, weightA: Double, weightB: Double, normA: Double, normB: Double, cosine: Double?, seconds: Double
  ) {
    self.step = step
    self.weightA = weightA
    self.weightB = weightB
    self.normA = normA
    self.normB = normB
    self.cosine = cosine
    self.seconds = seconds
  }
}
