/// When each step ended, in training seconds, in bounded memory: enough to lay a curve out over time.
public struct StepClock: Hashable, Sendable {
  private static let kept = 4096

  /// Every `stride`-th step, about, and when it ended; both ascend.
  private var steps: [Double] = []
  private var times: [Double] = []
  private var stride = 1.0
  private var latest: (step: Double, seconds: Double)?

  public init() {}

  /// Takes a step's end in. What goes back in step or time is ignored.
  public mutating func append(step: Int, seconds: Double) {
    let place = Double(step)
    guard seconds.isFinite, seconds >= 0, seconds < 1e12, step >= 0, place < 1e15 else { return }
    if let latest, place <= latest.step || seconds < latest.seconds { return }
    latest = (place, seconds)
    if let last = steps.last, place < last + stride { return }
    steps.append(place)
    times.append(seconds)
    guard steps.count >= Self.kept else { return }
    steps = steps.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    times = times.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    stride *= 2
  }

  /// Training seconds at a step's end; beyond what is known, as fast as on average.
  public func seconds(at step: Double) -> Double {
    guard let latest else { return step }
    return Self.along(step, from: steps, to: times, end: (latest.step, latest.seconds))
  }

  /// The step that ended at a time; the inverse of `seconds(at:)`.
  public func step(at seconds: Double) -> Double {
    guard let latest else { return seconds }
    return Self.along(seconds, from: times, to: steps, end: (latest.seconds, latest.step))
  }

  private static func along(
    _ value: Double, from: [Double], to: [Double], end: (from: Double, to: Double)
  ) -> Double {
    guard let first = from.first, end.from > first else { return value }
    func between(_ left: (Double, Double), _ right: (Double, Double)) -> Double {
      let span = right.0 - left.0
      return span > 0 ? left.1 + (value - left.0) / span * (right.1 - left.1) : right.1
    }
    if value <= first || value >= end.from { return between((first, to[0]), end) }
    var (low, high) = (0, from.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if from[middle] <= value { low = middle } else { high = middle }
    }
    return between((from[low], to[low]), low + 1 < from.count ? (from[low + 1], to[low + 1]) : end)
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.steps == right.steps && left.times == right.times && left.latest?.step == right.latest?.step
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(steps) }
}
