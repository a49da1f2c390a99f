public import LoggedRuns

/// A part of a curve as fine as its log has it.
public struct CurveDetail: Hashable, Sendable {
  public var steps: ClosedRange<Int64>
  public var buckets: [SeriesBucket]

  public init(steps: ClosedRange<Int64>, buckets: [SeriesBucket]) {
    self.steps = steps
    self.buckets = buckets
  }

  /// A curve with this part in its place.
  func inserted(into curve: [SeriesBucket]) -> [SeriesBucket] {
    let start = curve.firstIndex { $0.step >= steps.lowerBound } ?? curve.count
    let end = curve[start...].firstIndex { $0.step > steps.upperBound } ?? curve.count
    return curve[..<start] + buckets + curve[end...]
  }
}

/// A curve of one metric of one run, laid out over an axis.
public struct Curve: Sendable {
  /// What a curve shows within one column of a chart.
  public struct Column: Hashable, Sendable {
    public var minimum = Double.infinity
    public var maximum = -Double.infinity
    /// The last value, smoothed where asked for.
    public var last = Double.nan
    public var count = 0
    public var broken = 0
    /// Where the last value stands among the curve's points.
    fileprivate var place = -1

    public init() {}
  }

  public let run: String
  public let metric: String
  /// Those that have a place, the run's own where all have one.
  private let buckets: [SeriesBucket]
  /// Ascending, but where a log's times go back.
  private let places: [Double]
  private let isAscending: Bool
  /// Whether every point has a place.
  private let isWhole: Bool
  /// The smoothed value at each, NaN where nothing finite came yet; empty where nothing is smoothed.
  private let smooth: [Double]
  /// The lowest and the highest value of all, and of those above 0; nil where there are none.
  private typealias Extremes = (all: ClosedRange<Double>?, positive: ClosedRange<Double>?)
  /// Those of the whole curve, of smoothed values where something is smoothed.
  private let extremes: Extremes

  /// `smoothing`: the weight of the past a point, in 0..<1; 0 for none. `detail`: a part that is known finer.
  public init(
    _ run: LoggedRun, _ metric: String, _ mapping: AxisMapping, smoothing: Double, detail: CurveDetail? = nil
  ) {
    let known = run.metric(metric)?.buckets ?? []
    self.init(detail?.inserted(into: known) ?? known, of: run.id, metric, mapping, smoothing)
  }

  /// What a later attempt replaced.
  public init(replaced buckets: [SeriesBucket], of run: String, _ metric: String, _ mapping: AxisMapping) {
    self.init(buckets, of: run, metric, mapping, 0)
  }

  private init(_ all: [SeriesBucket], of run: String, _ metric: String, _ mapping: AxisMapping, _ smoothing: Double) {
    (self.run, self.metric) = (run, metric)
    (buckets, places, smooth) = Self.laidOut(all, mapping, smoothing)
    isWhole = buckets.count == all.count
    isAscending = Self.isAscending(places)
    extremes = Self.extremes(buckets[...], smooth[...])
  }

  private init(_ curve: Curve, smooth: [Double]) {
    (run, metric, buckets, places) = (curve.run, curve.metric, curve.buckets, curve.places)
    (isWhole, isAscending) = (curve.isWhole, curve.isAscending)
    self.smooth = smooth
    extremes = Self.extremes(buckets[...], smooth[...])
  }

  /// The same curve smoothed otherwise; nil where points without a place count too.
  public func smoothed(_ smoothing: Double) -> Curve? {
    isWhole ? Curve(self, smooth: smoothing > 0 ? Self.smoothed(buckets, smoothing) : []) : nil
  }

  private static func isAscending(_ places: [Double]) -> Bool { !zip(places, places.dropFirst()).contains { $0 > $1 } }

  /// Smoothing goes over all points there are, not over those shown, so that it stays the same at every zoom.
  private static func laidOut(
    _ buckets: [SeriesBucket], _ mapping: AxisMapping, _ smoothing: Double
  ) -> (buckets: [SeriesBucket], places: [Double], smooth: [Double]) {
    let places = mapping.places(of: buckets)
    let smooth = smoothing > 0 ? smoothed(buckets, smoothing) : []
    guard !mapping.keepsOrder, !places.allSatisfy(\.isFinite) else { return (buckets, places, smooth) }
    let kept = places.indices.filter { places[$0].isFinite }
    return (kept.map { buckets[$0] }, kept.map { places[$0] }, smooth.isEmpty ? [] : kept.map { smooth[$0] })
  }

  private static func smoothed(_ buckets: [SeriesBucket], _ smoothing: Double) -> [Double] {
    var (sum, weight) = (0.0, 0.0)
    // Most buckets have as many points as the one before.
    var (count, keep) = (1, smoothing)
    return buckets.map { bucket in
      if bucket.count > 0 {
        if Int(bucket.count) != count { (count, keep) = (Int(bucket.count), power(smoothing, Int(bucket.count))) }
        sum = sum * keep + Double(bucket.mean) * (1 - keep)
        weight = weight * keep + (1 - keep)
      }
      return weight > 0 ? sum / weight : .nan
    }
  }

  private func value(_ index: Int) -> Double { smooth.isEmpty ? Double(buckets[index].last) : smooth[index] }

  /// The steps of a run's curve within a range of an axis that its log has finer than the run keeps them; nil where what
  /// is kept is as fine as the log, or finer than `count` columns show.
  public static func hiddenSteps(
    of buckets: [SeriesBucket], _ mapping: AxisMapping, over range: ClosedRange<Double>, columns count: Int
  ) -> ClosedRange<Int64>? {
    let first: Int
    let end: Int
    if mapping.keepsOrder {
      first = firstIndex(below: buckets.count) { mapping.place(buckets[$0]) >= range.lowerBound }
      end = firstIndex(below: buckets.count) { mapping.place(buckets[$0]) > range.upperBound }
    } else {
      first = buckets.firstIndex { mapping.place($0) >= range.lowerBound } ?? buckets.count
      end = buckets[first...].firstIndex { mapping.place($0) > range.upperBound } ?? buckets.count
    }
    // A bucket lies at its last point: the first that is shown may have points before the range, the next one in it.
    let shown = buckets[first..<max(first, min(end + 1, buckets.count))]
    guard let last = shown.last, shown.count < count, shown.contains(where: { $0.count + $0.broken > 1 }) else {
      return nil
    }
    let lowest = first > 0 ? buckets[first - 1].step + 1 : Int64.min
    return min(lowest, last.step)...last.step
  }

  private static func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, left) = (1.0, base, exponent)
    while left > 0 {
      if left & 1 == 1 { result *= factor }
      factor *= factor
      left >>= 1
    }
    return result
  }

  public var isEmpty: Bool { places.isEmpty }

  /// The places of its first and last point.
  public var extent: ClosedRange<Double>? {
    guard let first = places.first, let last = places.last, first <= last else { return nil }
    return first...last
  }

  /// The curve in `count` columns of a range.
  public func columns(_ count: Int, over range: ClosedRange<Double>) -> [Column] {
    var columns = Array(repeating: Column(), count: max(0, count))
    let (low, high) = (range.lowerBound, range.upperBound)
    guard count > 0, high > low else { return columns }
    let scale = Double(count - 1) / (high - low)
    // Neighbours mostly share a column, which is written once it is whole.
    var (open, column) = (0, Column())
    buckets.withUnsafeBufferPointer { buckets in
      for index in indices(in: range) where isAscending || range.contains(places[index]) {
        let place = Int((places[index] - low) * scale + 0.5)
        if place != open {
          columns[open] = column
          (open, column) = (place, columns[place])
        }
        column.broken += Int(buckets[index].broken)
        guard buckets[index].count > 0 else { continue }
        column.count += Int(buckets[index].count)
        column.minimum = min(column.minimum, Double(buckets[index].minimum))
        column.maximum = max(column.maximum, Double(buckets[index].maximum))
        column.place = index
      }
    }
    columns[open] = column
    return valued(columns)
  }

  /// The columns of the same curve smoothed otherwise, with this one's values.
  public func valued(_ columns: [Column]) -> [Column] {
    var columns = columns
    for index in columns.indices where columns[index].place >= 0 { columns[index].last = value(columns[index].place) }
    return columns
  }

  /// The buckets that lie in a range, and others where they are in no order.
  private func indices(in range: ClosedRange<Double>) -> Range<Int> {
    guard isAscending else { return places.indices }
    let start = Self.firstIndex(below: places.count) { places[$0] >= range.lowerBound }
    return start..<max(start, Self.firstIndex(below: places.count) { places[$0] > range.upperBound })
  }

  /// The first of some indices that are behind all others, of which `isBehind` is false; the count where there is none.
  private static func firstIndex(below count: Int, _ isBehind: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The lowest and the highest value in a range, or of those above 0 in it, smoothed ones where something is smoothed; nil
  /// where there are none.
  public func extremes(over range: ClosedRange<Double>, positive: Bool) -> ClosedRange<Double>? {
    let shown = indices(in: range)
    var found = extremes
    if !isAscending {
      let kept = shown.filter { range.contains(places[$0]) }
      found = Self.extremes(kept.map { buckets[$0] }[...], smooth.isEmpty ? [] : kept.map { smooth[$0] }[...])
    } else if shown != places.indices {
      found = Self.extremes(buckets[shown], smooth.isEmpty ? [] : smooth[shown])
    }
    return positive ? found.positive : found.all
  }

  private static func extremes(_ buckets: ArraySlice<SeriesBucket>, _ smooth: ArraySlice<Double>) -> Extremes {
    let nothing = (low: Double.infinity, high: -Double.infinity)
    var (all, positive) = (nothing, nothing)
    for index in buckets.indices where buckets[index].count > 0 {
      let low = smooth.isEmpty ? Double(buckets[index].minimum) : smooth[index]
      let high = smooth.isEmpty ? Double(buckets[index].maximum) : low
      all = (min(all.low, low), max(all.high, high))
      if low > 0 { positive = (min(positive.low, low), max(positive.high, high)) }
    }
    func range(_ found: (low: Double, high: Double)) -> ClosedRange<Double>? {
      found.low <= found.high ? found.low...found.high : nil
    }
    return (range(all), range(positive))
  }

  /// The last point at or before a place, else the first one.
  public func point(at place: Double) -> (step: Int64, value: Double, smooth: Double)? {
    let index = max(0, Self.firstIndex(below: places.count) { places[$0] > place } - 1)
    guard index < places.count else { return nil }
    let bucket = buckets[index]
    return (bucket.step, bucket.count > 0 ? Double(bucket.last) : .nan, value(index))
  }

  /// Where a step lies.
  public func place(ofStep step: Int64) -> Double? {
    let index = Self.firstIndex(below: buckets.count) { buckets[$0].step >= step }
    return index < places.count ? places[index] : nil
  }
}
