internal import TrainingEvents

/// The curves of a run by key, in the order in which they came.
///
/// A curve has a place by which it is added to; `subscript` finds it by key.
public struct MetricSeries: Hashable, Sendable {
  public private(set) var keys: [MetricKey] = []
  private var curves: [SmoothedSeries] = []
  private var places: [MetricKey: Int] = [:]

  public init() {}

  public subscript(key: MetricKey) -> SmoothedSeries? { places[key].map { curves[$0] } }

  /// The curve at a place.
  public subscript(place: Int) -> SmoothedSeries { curves[place] }

  /// Where a key's curve is, made where there was none.
  ///
  /// - Parameters:
  ///   - window: steps that its running mean reaches back; nil for a curve without one.
  ///   - depth: the most buckets, as a power of two: what a curve takes in memory, each about 80 bytes.
  public mutating func place(
    of key: MetricKey, window: Int? = nil, depth: Int = SeriesHistory.usualDepth
  ) -> Int {
    if let place = places[key] { return place }
    keys.append(key)
    curves.append(SmoothedSeries(window: window, depth: depth))
    places[key] = curves.count - 1
    return curves.count - 1
  }

  public mutating func append(step: Int, value: Double, at place: Int) {
    curves[place].append(step: step, value: value)
  }

  /// Makes empty curves as coarse as so many steps need.
  mutating func reserve(_ steps: Int) {
    for place in curves.indices { curves[place].reserve(steps) }
  }

  /// Adds a curve's part of a summary.
  mutating func append(_ summary: StepSummary, _ figure: StepFigure, at place: Int) {
    let curve = summary[figure]
    for row in curve.buckets.indices where !curve.buckets[row].isEmpty {
      let first = max(summary.firstStep(ofRow: row), summary.steps.lowerBound)
      let last = min(summary.firstStep(ofRow: row) + summary.span - 1, summary.steps.upperBound)
      curves[place].append(curve.buckets[row], steps: first...max(first, last), last: curve.last[row])
    }
  }

  /// Smooths curves that have a running mean anew.
  mutating func setWindow(_ steps: Int, at place: Int) { curves[place].setWindow(steps) }
}
