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

    public init() {}
  }

  public let run: String
  public let metric: String
  /// Ascending, each with its bucket and the smoothed value there; NaN where nothing finite came yet.
  private let points: [(place: Double, bucket: SeriesBucket, smooth: Double)]

  /// `smoothing`: the weight of the past a point, in 0..<1; 0 for none. `detail`: a part that is known finer.
  public init(
    _ run: LoggedRun, _ metric: String, _ mapping: AxisMapping, smoothing: Double, detail: CurveDetail? = nil
  ) {
    self.run = run.id
    self.metric = metric
    let buckets = run.metric(metric)?.buckets ?? []
    points = Self.points(detail?.inserted(into: buckets) ?? buckets, mapping, smoothing)
  }

  /// What a later attempt replaced.
  public init(replaced buckets: [SeriesBucket], of run: String, _ metric: String, _ mapping: AxisMapping) {
    self.run = run
    self.metric = metric
    points = Self.points(buckets, mapping, 0)
  }

  /// Smoothing goes over all points there are, not over those shown, so that it stays the same at every zoom.
  private static func points(
    _ buckets: [SeriesBucket], _ mapping: AxisMapping, _ smoothing: Double
  ) -> [(place: Double, bucket: SeriesBucket, smooth: Double)] {
    var points: [(place: Double, bucket: SeriesBucket, smooth: Double)] = []
    points.reserveCapacity(buckets.count)
    var (sum, weight) = (0.0, 0.0)
    for bucket in buckets {
      if bucket.count > 0 {
        let keep = smoothing == 0 ? 0 : power(smoothing, Int(bucket.count))
        sum = sum * keep + (smoothing == 0 ? Double(bucket.last) : Double(bucket.mean)) * (1 - keep)
        weight = weight * keep + (1 - keep)
      }
      let place = mapping.place(bucket)
      guard place.isFinite else { continue }
      points.append((place, bucket, weight > 0 ? sum / weight : .nan))
    }
    return points
  }

  /// The steps of a run's curve within a range of an axis that its log has finer than the run keeps them; nil where what
  /// is kept is as fine as the log, or finer than `count` columns show.
  public static func hiddenSteps(
    of buckets: [SeriesBucket], _ mapping: AxisMapping, over range: ClosedRange<Double>, columns count: Int
  ) -> ClosedRange<Int64>? {
    guard let first = buckets.firstIndex(where: { mapping.place($0) >= range.lowerBound }) else { return nil }
    let end = buckets[first...].firstIndex { mapping.place($0) > range.upperBound } ?? buckets.count
    // A bucket lies at its last point: the first that is shown may have points before the range, the next one in it.
    let shown = buckets[first..<min(end + 1, buckets.count)]
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

  public var isEmpty: Bool { points.isEmpty }

  /// The places of its first and last point.
  public var extent: ClosedRange<Double>? {
    guard let first = points.first?.place, let last = points.last?.place, first <= last else { return nil }
    return first...last
  }

  /// The curve in `count` columns of a range.
  public func columns(_ count: Int, over range: ClosedRange<Double>) -> [Column] {
    var columns = Array(repeating: Column(), count: max(0, count))
    let width = range.upperBound - range.lowerBound
    guard count > 0, width > 0 else { return columns }
    let scale = Double(count - 1) / width
    for point in points where range.contains(point.place) {
      let column = Int(((point.place - range.lowerBound) * scale).rounded())
      let bucket = point.bucket
      columns[column].broken += Int(bucket.broken)
      guard bucket.count > 0 else { continue }
      columns[column].count += Int(bucket.count)
      columns[column].minimum = min(columns[column].minimum, Double(bucket.minimum))
      columns[column].maximum = max(columns[column].maximum, Double(bucket.maximum))
      columns[column].last = point.smooth
    }
    return columns
  }

  /// The last point at or before a place, else the first one.
  public func point(at place: Double) -> (step: Int64, value: Double, smooth: Double)? {
    var (low, high) = (0, points.count)
    while low < high {
      let middle = (low + high) / 2
      if points[middle].place <= place { low = middle + 1 } else { high = middle }
    }
    guard let point = low > 0 ? points[low - 1] : points.first else { return nil }
    return (point.bucket.step, point.bucket.count > 0 ? Double(point.bucket.last) : .nan, point.smooth)
  }

  /// Where a step lies.
  public func place(ofStep step: Int64) -> Double? {
    points.first { $0.bucket.step >= step }?.place
  }
}
