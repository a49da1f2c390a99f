internal import Glibc
public import TrainingEvents

/// A curve over steps of any length in bounded memory: a pyramid of buckets, each level half as fine as the one below.
///
/// When the finest level is full it is dropped, so that a bucket covers twice as many steps; no extreme is ever lost.
/// Adding costs two operations on average, reading is proportional to the columns asked for.
public struct SeriesHistory: Hashable, Sendable {
  /// As fine as a run's own curves are kept.
  public static let usualDepth = 16

  /// Most buckets in the finest level: 2 to this power.
  private let depth: Int
  /// Steps beyond this are ignored.
  private static let lastStep = 1 << 50

  /// The step of the first value.
  public private(set) var firstStep = 0
  /// The latest step that has a value.
  public private(set) var latestStep = 0
  /// The latest value, finite or not.
  public private(set) var latest: Double?
  /// Steps a bucket of the finest level covers.
  public private(set) var span = 1
  /// From finest to coarsest. A bucket is merged into its parent once a step beyond it has come; until then each
  /// level's newest bucket is missing from the levels above.
  private var levels: [[Bucket]]
  /// The newest bucket of the finest level.
  private var open = 0

  public init(depth: Int = usualDepth) {
    self.depth = depth
    levels = Array(repeating: [], count: depth + 1)
  }

  public var isEmpty: Bool { latest == nil }
  /// Everything ever added, in one bucket.
  public var whole: Bucket {
    var sum = Bucket()
    for (level, buckets) in levels.enumerated() where open >> level < buckets.count {
      sum.merge(buckets[open >> level])
    }
    return sum
  }
  /// The finest buckets in order, each with its middle step.
  public var finest: [(step: Double, bucket: Bucket)] {
    levels[0].enumerated().map { (Double(firstStep) + (Double($0) + 0.5) * Double(span) - 0.5, $1) }
  }

  /// Adds a step's value. Steps before the first one are ignored.
  public mutating func append(step: Int, value: Double) {
    guard let index = makeRoom(for: step) else { return }
    // A bucket that is complete is part of its parent already.
    for level in levels.indices {
      let place = index >> level
      grow(level, to: place)
      levels[level][place].add(value)
      if place == open >> level { break }
    }
    latest = value
    latestStep = max(latestStep, step)
  }

  /// Makes an empty curve as coarse as so many steps from the first on need: what it would become by them.
  mutating func reserve(_ steps: Int) {
    guard isEmpty else { return }
    let last = min(steps, Self.lastStep) - 1
    while last / span >= 1 << depth { span *= 2 }
    // Grown bucket by bucket they would take up to twice as much.
    let buckets = max(0, last) / span + 1
    for level in levels.indices { levels[level].reserveCapacity((buckets >> level) + 1) }
  }

  /// Adds what is known of a few steps together: their extremes stand at the first of them.
  mutating func append(_ bucket: Bucket, steps: ClosedRange<Int>, last: Double) {
    guard let index = makeRoom(for: steps.lowerBound) else { return }
    for level in levels.indices {
      let place = index >> level
      grow(level, to: place)
      levels[level][place].merge(bucket)
      if place == open >> level { break }
    }
    latest = last
    latestStep = max(latestStep, min(steps.upperBound, Self.lastStep))
  }

  /// The finest bucket that a step belongs into, once it is there; nil for steps that are ignored.
  private mutating func makeRoom(for step: Int) -> Int? {
    guard step >= 0, step <= Self.lastStep else { return nil }
    if latest == nil { firstStep = step }
    guard step >= firstStep else { return nil }
    while (step - firstStep) / span >= 1 << depth { coarsen() }
    let index = (step - firstStep) / span
    if index > open { advance(to: index) }
    return index
  }

  /// Completes the open buckets that a new finest bucket leaves behind.
  private mutating func advance(to index: Int) {
    for level in 0..<depth {
      let place = open >> level
      if place == index >> level { break }
      guard place < levels[level].count else { continue }
      grow(level + 1, to: place >> 1)
      levels[level + 1][place >> 1].merge(levels[level][place])
    }
    open = index
  }

  private mutating func coarsen() {
    if open < levels[0].count {
      grow(1, to: open >> 1)
      levels[1][open >> 1].merge(levels[0][open])
    }
    levels.removeFirst()
    levels.append([])
    open >>= 1
    span *= 2
  }

  private mutating func grow(_ level: Int, to place: Int) {
    while levels[level].count <= place { levels[level].append(Bucket()) }
  }

  /// What the levels below one have not handed up to it yet: part of its newest bucket.
  private func pending(below level: Int) -> Bucket {
    var sum = Bucket()
    for lower in 0..<level where open >> lower < levels[lower].count { sum.merge(levels[lower][open >> lower]) }
    return sum
  }

  /// The finest bucket a step lies in; nil where it has none.
  public func bucket(at step: Int) -> Bucket? {
    guard !isEmpty, step >= firstStep, step <= latestStep else { return nil }
    let index = (step - firstStep) / span
    guard index < levels[0].count, !levels[0][index].isEmpty else { return nil }
    return levels[0][index]
  }

  /// The curve between two steps, in as many columns as asked for; a column no step falls into is empty.
  ///
  /// `place` says where along the columns a step lies, in 0...1, where they are not all as many steps wide.
  public func columns(_ count: Int, from lower: Double, to upper: Double, place: ((Double) -> Double)? = nil)
    -> [Bucket]
  {
    var columns = Array(repeating: Bucket(), count: max(0, count))
    guard count > 0, upper > lower, !isEmpty else { return columns }
    let stepsPerColumn = (upper - lower) / Double(count)
    var level = 0
    while level < depth, Double(span << (level + 1)) <= stepsPerColumn { level += 1 }
    let width = Double(span << level)
    func add(_ bucket: Bucket, at index: Int) {
      let start = Double(firstStep) + Double(index) * width
      guard !bucket.isEmpty, start <= upper, start + width - 1 >= lower else { return }
      // A bucket at the edge may reach over it, by less than a column.
      let middle = start + (width - 1) / 2
      let column = (place.map { $0(middle) * Double(count) } ?? (middle - lower) / stepsPerColumn).rounded(.down)
      columns[Int(min(max(column, 0), Double(count - 1)))].merge(bucket)
    }
    let available = Double(levels[level].count)
    let first = Int(min(max((lower - Double(firstStep)) / width - 1, 0), available))
    let last = Int(min(max((upper - Double(firstStep)) / width + 1, 0), available))
    for index in first..<max(first, last) { add(levels[level][index], at: index) }
    add(pending(below: level), at: open >> level)
    return columns
  }
}

/// A curve with its running mean, whose look does not depend on the part that is shown.
public struct SmoothedSeries: Hashable, Sendable {
  public private(set) var raw: SeriesHistory
  /// Empty where no running mean is kept.
  public private(set) var smooth: SeriesHistory
  /// Steps the running mean reaches back, about.
  public private(set) var window: Int
  private let isSmoothed: Bool
  private let depth: Int
  private var mean = 0.0
  private var count = 0

  /// - Parameters:
  ///   - window: steps that the running mean reaches back; nil for a curve without one.
  ///   - depth: of the histories.
  public init(window: Int?, depth: Int = SeriesHistory.usualDepth) {
    self.window = max(1, window ?? 1)
    isSmoothed = window != nil
    self.depth = depth
    raw = SeriesHistory(depth: depth)
    smooth = SeriesHistory(depth: depth)
  }

  /// The latest running mean.
  public var latest: Double? { smooth.latest }

  public mutating func append(step: Int, value: Double) {
    raw.append(step: step, value: value)
    guard value.isFinite else { return }
    smoothen(step: step, value: value)
  }

  mutating func reserve(_ steps: Int) {
    raw.reserve(steps)
    smooth.reserve(steps)
  }

  /// Adds what is known of a few steps together.
  mutating func append(_ bucket: Bucket, steps: ClosedRange<Int>, last: Double) {
    raw.append(bucket, steps: steps, last: last)
    if bucket.count > 0 { smoothen(step: steps.lowerBound, value: bucket.mean, steps: bucket.count) }
  }

  /// How many times its share in a mean of all values the newest one has at first.
  private static let earlyWeight = 8.0

  /// Takes in the mean of `steps` steps: it moves the running mean as that many equal values would.
  private mutating func smoothen(step: Int, value: Double, steps: Int = 1) {
    guard isSmoothed else { return }
    count += steps
    // At first it reaches back over a quarter of the steps there are: a loss falls fastest then, and a mean of all would
    // lie far above what it is a mean of.
    let share = max(2 / Double(window + 1), Self.earlyWeight / (Double(count) + Self.earlyWeight - 1))
    let moved = count == steps ? 1 : steps == 1 ? share : 1 - pow(1 - min(1, share), Double(steps))
    mean += (value - mean) * min(1, moved)
    smooth.append(step: step, value: mean)
  }

  /// Changes how far the running mean reaches back, for the whole curve.
  public mutating func setWindow(_ steps: Int) {
    guard isSmoothed, max(1, steps) != window else { return }
    window = max(1, steps)
    smooth = SeriesHistory(depth: depth)
    mean = 0
    count = 0
    for (step, bucket) in raw.finest where bucket.count > 0 {
      smoothen(step: Int(step), value: bucket.mean, steps: bucket.count)
    }
  }
}
