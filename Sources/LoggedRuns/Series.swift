/// What is known exactly of a series, whatever its length.
public struct SeriesSummary: Hashable, Sendable {
  /// A value and the step it belongs to.
  public struct Place: Hashable, Sendable {
    public var step: Int64
    public var value: Double

    public init(step: Int64, value: Double) {
      self.step = step
      self.value = value
    }
  }

  /// Finite values, and others.
  public internal(set) var count = 0
  public internal(set) var broken = 0
  public internal(set) var firstStep: Int64?
  public internal(set) var lastStep: Int64?
  public internal(set) var lowest: Place?
  public internal(set) var highest: Place?
  public internal(set) var last: Place?
  /// Where the first value that is not finite stands.
  public internal(set) var firstBroken: Int64?

  public init() {}

  mutating func add(step: Int64, value: Double) {
    if firstStep == nil { firstStep = step }
    lastStep = step
    guard value.isFinite else {
      broken += 1
      if firstBroken == nil { firstBroken = step }
      return
    }
    count += 1
    let place = Place(step: step, value: value)
    if value < lowest?.value ?? .infinity { lowest = place }
    if value > highest?.value ?? -.infinity { highest = place }
    last = place
  }

  /// Both together; `next` follows this one.
  func joined(with next: SeriesSummary) -> SeriesSummary {
    var joined = self
    joined.count += next.count
    joined.broken += next.broken
    joined.firstStep = firstStep ?? next.firstStep
    joined.lastStep = next.lastStep ?? lastStep
    if let low = next.lowest, low.value < lowest?.value ?? .infinity { joined.lowest = low }
    if let high = next.highest, high.value > highest?.value ?? -.infinity { joined.highest = high }
    joined.last = next.last ?? last
    joined.firstBroken = firstBroken ?? next.firstBroken
    return joined
  }
}

/// A curve of any length in at most 131 KB: points that follow one another share a bucket once there are many, and every
/// extreme and every value that is not finite stays.
///
/// A frame goes once through the buckets of each curve it draws, 0.3 million for a hundred curves, so that no coarser
/// copies of them are kept.
///
/// A step below the last one begins an attempt anew: the points from there on are replaced, and kept apart.
public struct Series: Sendable, Hashable {
  /// Buckets at most: 40 bytes each.
  public static let capacity = 3072
  /// Buckets of replaced points at most.
  public static let replacedCapacity = 192

  public internal(set) var buckets: [SeriesBucket] = []
  public internal(set) var summary = SeriesSummary()
  /// What later attempts replaced, in the order of replacing.
  public internal(set) var replaced: [SeriesBucket] = []
  /// Points among them.
  public internal(set) var replacedCount = 0
  /// How many points a full bucket has, and how many of them the last one has.
  public internal(set) var stride = 1
  var filled = 0
  /// Sum of the last bucket's finite values.
  var sum = 0.0

  public init() {}

  public var isEmpty: Bool { buckets.isEmpty }

  /// Adds a point; `time` is NaN where the log does not say.
  public mutating func add(step: Int64, time: Double, value: Double) {
    if let last = summary.lastStep, step <= last {
      if step < last { rewind(to: step) } else { return join(step: step, time: time, value: value) }
    }
    summary.add(step: step, value: value)
    if filled > 0, filled < stride {
      filled += 1
      return extend(step: step, time: time, value: value)
    }
    if buckets.count == Self.capacity { halve() }
    buckets.append(SeriesBucket(step: step, time: time, value: value))
    filled = 1
    sum = value.isFinite ? value : 0
  }

  /// Adds points that the log has only together, the first of them at a step.
  public mutating func add(_ points: SeriesBucket, from first: Int64) {
    if let last = summary.lastStep, first <= last { rewind(to: first) }
    if summary.firstStep == nil { summary.firstStep = first }
    summary.add(points)
    let count = Int(points.count) + Int(points.broken)
    if filled > 0, filled + count <= stride {
      buckets[buckets.count - 1] = buckets[buckets.count - 1].joined(with: points)
      filled += count
    } else {
      if buckets.count == Self.capacity { halve() }
      buckets.append(points)
      filled = count
    }
    sum = buckets.last.map { Double($0.mean) * Double($0.count) } ?? 0
  }

  /// Takes back every point from a step on: a restarted writer logs them anew.
  public mutating func rewind(to step: Int64) {
    guard let last = summary.lastStep, step <= last else { return }
    var kept = buckets.count
    while kept > 0, buckets[kept - 1].step >= step { kept -= 1 }
    // A bucket of several points may begin before the step: what can no longer be distinguished stays.
    let straddles =
      stride > 1 && kept < buckets.count && (kept == 0 ? summary.firstStep ?? step : buckets[kept - 1].step + 1) < step
    if straddles { kept += 1 }
    keepReplaced(buckets[kept...])
    buckets.removeSubrange(kept...)
    if straddles { buckets[kept - 1].step = step - 1 }
    recount()
  }

  /// A point at the last one's step: all are kept as its extremes, the latest is its value.
  private mutating func join(step: Int64, time: Double, value: Double) {
    summary.add(step: step, value: value)
    extend(step: step, time: time, value: value)
  }

  /// Adds a point to the last bucket.
  private mutating func extend(step: Int64, time: Double, value: Double) {
    let place = buckets.count - 1
    buckets.withUnsafeMutableBufferPointer { all in
      all[place].step = step
      if !time.isNaN { all[place].time = time }
      guard value.isFinite else {
        all[place].broken &+= 1
        return
      }
      let single = SeriesBucket.single(value)
      if all[place].count == 0 {
        (all[place].minimum, all[place].maximum) = (single, single)
      } else {
        all[place].minimum = min(all[place].minimum, single)
        all[place].maximum = max(all[place].maximum, single)
      }
      all[place].last = single
      all[place].count &+= 1
      sum += value
      all[place].mean = SeriesBucket.single(sum / Double(all[place].count))
    }
  }

  /// Joins each two neighbours: half as many buckets of twice as many points.
  private mutating func halve() {
    buckets = Self.halved(buckets)
    stride *= 2
    filled = stride
  }

  private static func halved(_ buckets: [SeriesBucket]) -> [SeriesBucket] {
    var halved: [SeriesBucket] = []
    halved.reserveCapacity(buckets.count)
    for first in Swift.stride(from: 0, to: buckets.count, by: 2) {
      let hasNext = first + 1 < buckets.count
      halved.append(hasNext ? buckets[first].joined(with: buckets[first + 1]) : buckets[first])
    }
    return halved
  }

  private mutating func keepReplaced(_ gone: ArraySlice<SeriesBucket>) {
    replacedCount += gone.reduce(0) { $0 + Int($1.count) + Int($1.broken) }
    replaced += gone
    while replaced.count > Self.replacedCapacity { replaced = Self.halved(replaced) }
  }

  /// The summary anew, from the buckets; the last one is closed.
  private mutating func recount() {
    let first = summary.firstStep
    summary = SeriesSummary()
    summary.firstStep = buckets.isEmpty ? nil : first
    for bucket in buckets { summary.add(bucket) }
    filled = buckets.isEmpty ? 0 : stride
    sum = buckets.last.map { Double($0.mean) * Double($0.count) } ?? 0
  }
}

extension SeriesSummary {
  mutating func add(_ bucket: SeriesBucket) {
    if firstStep == nil { firstStep = bucket.step }
    lastStep = bucket.step
    broken += Int(bucket.broken)
    if bucket.broken > 0, firstBroken == nil { firstBroken = bucket.step }
    guard bucket.count > 0 else { return }
    count += Int(bucket.count)
    let (low, high) = (Double(bucket.minimum), Double(bucket.maximum))
    if low < lowest?.value ?? .infinity { lowest = Place(step: bucket.step, value: low) }
    if high > highest?.value ?? -.infinity { highest = Place(step: bucket.step, value: high) }
    last = Place(step: bucket.step, value: Double(bucket.last))
  }
}
