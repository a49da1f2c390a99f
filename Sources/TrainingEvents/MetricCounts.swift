/// Correct and total predictions of the tasks: sums, never means, so that they add up over batches.
public struct MetricCounts: Hashable, Sendable {
  /// Sentences whose most likely class is the labelled one, and tokens whose most likely tag is.
  public var correct: PerTask<Int>
  /// Sentences that carry a class, and tokens that carry a tag (label not -100).
  public var total: PerTask<Int>

  public init(correct: PerTask<Int> = PerTask.all(0), total: PerTask<Int> = PerTask.all(0)) {
    self.correct = correct
    self.total = total
  }

  /// Share that is correct, in 0...1; nil where nothing of the task is labelled.
  public func accuracy(_ task: ModelTask) -> Double? {
    total[task] == 0 ? nil : Double(correct[task]) / Double(total[task])
  }

  public static func += (left: inout Self, right: Self) {
    for task in ModelTask.allCases {
      left.correct[task] += right.correct[task]
      left.total[task] += right.total[task]
    }
  }
}

/// `{"correctA":…,"correctB":…,"totalA":…,"totalB":…}`
extension MetricCounts: Codable {
  private struct Stored: Codable {
    var correctA, correctB, totalA, totalB: Int
  }

  public init(from decoder: any Decoder) throws {
    let stored = try Stored(from: decoder)
    self.init(correct: PerTask(stored.correctA, stored.correctB), total: PerTask(stored.totalA, stored.totalB))
  }

  public func encode(to encoder: any Encoder) throws {
    try Stored(correctA: correct.sentence, correctB: correct.words, totalA: total.sentence, totalB: total.words)
      .encode(to: encoder)
  }
}
