/// When each step ended, in training seconds, in bounded memory: enough to lay a curve out over time.
struct StepClock: Hashable, Sendable {
  private static let kept = 4096

  private struct Point: Hashable, Sendable {
    var step: Double
    var seconds: Double
  }

  /// Ascending in both; every `stride`-th step, about.
  private var points: [Point] = []
  private var stride = 1.0
  private var latest: Point?

  /// Takes a step's end in. What goes back in step or time is ignored.
  mutating func append(step: Int, seconds: Double) {
    let point = Point(step: Double(step), seconds: seconds)
    guard seconds.isFinite, seconds >= 0, seconds < 1e12, step >= 0, point.step < 1e15 else { return }
    if let latest, point.step <= latest.step || point.seconds < latest.seconds { return }
    latest = point
    if let last = points.last, point.step < last.step + stride { return }
    points.append(point)
    guard points.count >= Self.kept else { return }
    points = points.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
    stride *= 2
  }

  /// Training seconds at a step's end; beyond what is known, as fast as on average.
  func seconds(at step: Double) -> Double { along(step, from: \.step, to: \.seconds) }

  /// The step that ended at a time; the inverse of `seconds(at:)`.
  func step(at seconds: Double) -> Double { along(seconds, from: \.seconds, to: \.step) }

  private func along(_ value: Double, from: KeyPath<Point, Double>, to: KeyPath<Point, Double>) -> Double {
    guard let first = points.first, let latest, latest[keyPath: from] > first[keyPath: from] else { return value }
    func between(_ left: Point, _ right: Point) -> Double {
      let span = right[keyPath: from] - left[keyPath: from]
      guard span > 0 else { return right[keyPath: to] }
      let share = (value - left[keyPath: from]) / span
      return left[keyPath: to] + share * (right[keyPath: to] - left[keyPath: to])
    }
    if value <= first[keyPath: from] || value >= latest[keyPath: from] { return between(first, latest) }
    var (low, high) = (0, points.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if points[middle][keyPath: from] <= value { low = middle } else { high = middle }
    }
    return between(points[low], low + 1 < points.count ? points[low + 1] : latest)
  }
}
