/// Which steps get a line in `metrics.jsonl`. The run's log has every step; the lines are for people and scripts.
public struct MetricsThinning: Hashable, Sendable {
  /// Steps up to here all get one, where nobody says otherwise.
  static let first = 10_000

  /// A line every so many steps; nil for as many lines in each power of ten: every step up to 10,000, every tenth up to
  /// 100,000, every hundredth up to 1,000,000, and so on.
  public var every: Int?

  public init(every: Int? = nil) { self.every = every }

  public func keeps(_ step: Int) -> Bool {
    if let every { return step % max(1, every) == 0 }
    var stride = 1
    while step > Self.first * stride, stride < 1 << 40 { stride *= 10 }
    return step % stride == 0
  }
}
