/// The steps that fall into one stretch of a curve: their extremes are kept exactly.
public struct Bucket: Hashable, Sendable {
  public var minimum = Double.infinity
  public var maximum = -Double.infinity
  public var sum = 0.0
  private var finite: UInt32 = 0
  private var notFinite: UInt32 = 0

  public init() {}

  /// Values that were finite.
  public var count: Int {
    get { Int(finite) }
    set { finite = UInt32(clamping: newValue) }
  }

  /// Values that were NaN or infinite.
  public var broken: Int {
    get { Int(notFinite) }
    set { notFinite = UInt32(clamping: newValue) }
  }

  public var isEmpty: Bool { count == 0 && broken == 0 }
  /// Mean of the finite values; meaningless where there are none.
  public var mean: Double { sum / Double(max(1, count)) }

  public mutating func add(_ value: Double) {
    guard value.isFinite else { return broken += 1 }
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    sum += value
    count += 1
  }

  public mutating func merge(_ other: Bucket) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    count += other.count
    broken += other.broken
  }
}
