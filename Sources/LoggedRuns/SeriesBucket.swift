/// One or more points of a curve that follow one another: their extremes, mean and last value, and how many were not
/// finite. 40 bytes.
public struct SeriesBucket: Hashable, Sendable, BitwiseCopyable {
  /// The last point's step.
  public var step: Int64
  /// When the last point was written, in seconds since 1970; NaN where the log does not say.
  public var time: Double
  /// Meaningless where `count` is 0.
  public var minimum: Float
  public var maximum: Float
  public var mean: Float
  public var last: Float
  /// Finite values, and others.
  public var count: UInt32
  public var broken: UInt32

  public init(step: Int64, time: Double, value: Double) {
    self.step = step
    self.time = time
    let single = SeriesBucket.single(value)
    (minimum, maximum, mean, last) = (single, single, single, single)
    (count, broken) = value.isFinite ? (1, 0) : (0, 1)
  }

  /// Several points, the last of them at a step; `nil` for the values where none is finite.
  public init(
    step: Int64, time: Double, values: (minimum: Double, maximum: Double, mean: Double, last: Double)?, count: Int,
    broken: Int
  ) {
    self.step = step
    self.time = time
    minimum = Self.single(values?.minimum ?? 0)
    maximum = Self.single(values?.maximum ?? 0)
    mean = Self.single(values?.mean ?? 0)
    last = Self.single(values?.last ?? 0)
    self.count = values == nil ? 0 : UInt32(clamping: count)
    self.broken = UInt32(clamping: broken)
  }

  /// All points of both; `next` follows this one.
  public func joined(with next: SeriesBucket) -> SeriesBucket {
    var joined = next
    joined.broken = broken &+ next.broken
    if next.time.isNaN { joined.time = time }
    guard count > 0 else { return joined }
    guard next.count > 0 else {
      (joined.minimum, joined.maximum, joined.mean, joined.last) = (minimum, maximum, mean, last)
      joined.count = count
      return joined
    }
    joined.minimum = min(minimum, next.minimum)
    joined.maximum = max(maximum, next.maximum)
    joined.count = count &+ next.count
    let share = Double(next.count) / Double(joined.count)
    joined.mean = Float(Double(mean) + (Double(next.mean) - Double(mean)) * share)
    return joined
  }

  /// A value in single precision; one beyond its range becomes the largest there is.
  static func single(_ value: Double) -> Float {
    guard value.isFinite else { return 0 }
    let limit = Float.greatestFiniteMagnitude
    return min(max(Float(value), -limit), limit)
  }
}
