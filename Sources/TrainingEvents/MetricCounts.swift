/// Correct and total predictions of both tasks: sums, never means, so that they add up over batches.
public struct MetricCounts: Codable, Hashable, Sendable {
  /// Sentences whose most likely class is the labelled one.
  public var correctA: Int
  /// Sentences that carry a class.
  public var totalA: Int
  /// Tokens whose most likely tag is the labelled one.
  public var correctB: Int
  /// Tokens that carry a tag (label not -100).
  public var totalB: Int

  public init(correctA: Int = 0, totalA: Int = 0, correctB: Int = 0, totalB: Int = 0) {
    self.correctA = correctA
    self.totalA = totalA
    self.correctB = correctB
    self.totalB = totalB
  }

  /// Share of labelled sentences classified correctly, in 0...1; nil where there are none.
  public var accuracyA: Double? { totalA == 0 ? nil : Double(correctA) / Double(totalA) }

  /// Share of labelled tokens tagged correctly, in 0...1; nil where there are none.
  public var accuracyB: Double? { totalB == 0 ? nil : Double(correctB) / Double(totalB) }

  public static func += (left: inout Self, right: Self) {
    left.correctA += right.correctA
    left.totalA += right.totalA
    left.correctB += right.correctB
    left.totalB += right.totalB
  }
}
