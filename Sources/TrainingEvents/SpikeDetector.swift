internal import Glibc

/// Tells gradient norms that stand out from those before them: by orders of magnitude, as they are spread. Late in a run
/// most are tiny and some are not, and that is no news.
public struct SpikeDetector: Hashable, Sendable {
  /// How many standard deviations above the mean a norm's logarithm has to be, how many times as large at least, and
  /// after how many steps.
  private static let deviations = 4.0
  private static let factor = 5.0
  private static let warmup = 50
  /// About as many steps as this are remembered.
  private static let reach = 100.0

  package var mean = 0.0
  package var variance = 0.0
  package var count = 0

  public init() {}

  public mutating func isSpike(_ norm: Double) -> Bool {
    guard norm.isFinite, norm >= 0 else { return false }
    let place = log(max(norm, 1e-30))
    let usual = Self.deviations * max(variance, 0.04).squareRoot()
    let isSpike = count >= Self.warmup && place > mean + max(usual, log(Self.factor))
    count += 1
    // A spike moves the mean no further than the largest norm that is none.
    let clamped = count > Self.warmup ? min(max(place, mean - usual), mean + usual) : place
    let share = max(1 / Double(count), 1 / Self.reach)
    let step = clamped - mean
    mean += share * step
    variance = (1 - share) * (variance + share * step * step)
    return isSpike
  }
}
