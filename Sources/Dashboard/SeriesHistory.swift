/// The steps that fall into one stretch of a curve: their extremes are kept exactly.
struct Bucket: Hashable, Sendable {
  var minimum = Double.infinity
  var maximum = -Double.infinity
  var sum = 0.0
  /// Values that were finite.
  var count = 0
  /// Values that were NaN or infinite.
  var broken = 0

  var isEmpty: Bool { count == 0 && broken == 0 }
  /// Mean of the finite values; meaningless where there are none.
  var mean: Double { sum / Double(max(1, count)) }

  mutating func add(_ value: Double) {
    guard value.isFinite else { return broken += 1 }
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    sum += value
    count += 1
  }

  mutating func merge(_ other: Bucket) {
    minimum = min(minimum, other.minimum)
    maximum = max(maximum, other.maximum)
    sum += other.sum
    count += other.count
    broken += other.broken
  }
}

/// A curve over steps of any length in bounded memory: a pyramid of buckets, each level half as fine as the one below.
///
/// When the finest level is full it is dropped, so that a bucket covers twice as many steps; no extreme is ever lost.
/// Adding costs a fixed number of operations, reading one proportional to the columns asked for.
struct SeriesHistory: Hashable, Sendable {
  /// Most buckets in the finest level: 2 to this power.
  private static let depth = 16
  /// Steps beyond this are ignored.
  private static let lastStep = 1 << 50

  /// The step of the first value.
  private(set) var firstStep = 0
  /// The latest step that has a value.
  private(set) var latestStep = 0
  /// The latest value, finite or not.
  private(set) var latest: Double?
  /// Steps a bucket of the finest level covers.
  private(set) var span = 1
  /// From finest to coarsest; the coarsest has one bucket.
  private var levels: [[Bucket]] = Array(repeating: [], count: depth + 1)

  init() {}

  var isEmpty: Bool { latest == nil }
  /// Everything ever added, in one bucket.
  var whole: Bucket { levels[Self.depth].first ?? Bucket() }
  /// The finest buckets in order, each with its middle step.
  var finest: [(step: Double, bucket: Bucket)] {
    levels[0].enumerated().map { (Double(firstStep) + (Double($0) + 0.5) * Double(span) - 0.5, $1) }
  }

  /// Adds a step's value. Steps before the first one are ignored.
  mutating func append(step: Int, value: Double) {
    guard step >= 0, step <= Self.lastStep else { return }
    if latest == nil { firstStep = step }
    guard step >= firstStep else { return }
    while (step - firstStep) / span >= 1 << Self.depth { coarsen() }
    let index = (step - firstStep) / span
    for level in levels.indices {
      let place = index >> level
      while levels[level].count <= place { levels[level].append(Bucket()) }
      levels[level][place].add(value)
    }
    latest = value
    latestStep = max(latestStep, step)
  }

  private mutating func coarsen() {
    levels.removeFirst()
    var top = Bucket()
    for bucket in levels.last ?? [] { top.merge(bucket) }
    levels.append([top])
    span *= 2
  }

  /// The curve between two steps, in as many columns as asked for; a column no step falls into is empty.
  func columns(_ count: Int, from lower: Double, to upper: Double) -> [Bucket] {
    var columns = Array(repeating: Bucket(), count: max(0, count))
    guard count > 0, upper > lower, !isEmpty else { return columns }
    let stepsPerColumn = (upper - lower) / Double(count)
    var level = 0
    while level < Self.depth, Double(span << (level + 1)) <= stepsPerColumn { level += 1 }
    let width = Double(span << level)
    let buckets = levels[level]
    let begin = (lower - Double(firstStep)) / width - 1
    let end = (upper - Double(firstStep)) / width + 1
    let first = Int(min(max(begin, 0), Double(buckets.count)))
    let last = Int(min(max(end, 0), Double(buckets.count)))
    for index in first..<max(first, last) where !buckets[index].isEmpty {
      let middle = Double(firstStep) + (Double(index) + 0.5) * width - 0.5
      let column = ((middle - lower) / stepsPerColumn).rounded(.down)
      if column >= 0, column < Double(count) {
        columns[Int(column)].merge(buckets[index])
      } else if middle == upper {
        columns[count - 1].merge(buckets[index])
      }
    }
    return columns
  }
}

/// A curve with its running mean, whose look does not depend on the part that is shown.
struct SmoothedSeries: Hashable, Sendable {
  private(set) var raw = SeriesHistory()
  private(set) var smooth = SeriesHistory()
  /// Steps the running mean reaches back, about.
  private(set) var window: Int
  private var mean = 0.0
  private var count = 0

  init(window: Int) { self.window = max(1, window) }

  /// The latest running mean.
  var latest: Double? { smooth.latest }

  mutating func append(step: Int, value: Double) {
    raw.append(step: step, value: value)
    guard value.isFinite else { return }
    smoothen(step: step, value: value)
  }

  private mutating func smoothen(step: Int, value: Double) {
    count += 1
    mean += (value - mean) * max(1 / Double(count), 2 / Double(window + 1))
    smooth.append(step: step, value: mean)
  }

  /// Changes how far the running mean reaches back, for the whole curve.
  mutating func setWindow(_ steps: Int) {
    guard max(1, steps) != window else { return }
    window = max(1, steps)
    smooth = SeriesHistory()
    mean = 0
    count = 0
    for (step, bucket) in raw.finest where bucket.count > 0 { smoothen(step: Int(step), value: bucket.mean) }
  }
}
