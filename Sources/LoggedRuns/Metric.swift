/// A named series of a run, in one part for each file that has it.
///
/// A later file, in the order of their names, replaces what an earlier one says from its own first step on, whichever was
/// read first: a run that was resumed from a checkpoint is one curve.
public struct Metric: Sendable, Hashable {
  struct Part: Sendable, Hashable {
    var file: Int
    var series = Series()
  }

  /// As the log names it; groups are distinguished by `/`.
  public let name: String
  /// In the order of files.
  var parts: [Part] = []

  public init(name: String) { self.name = name }

  /// Adds a point from a file.
  public mutating func add(file: Int, step: Int64, time: Double, value: Double) {
    if let last = parts.last, last.file == file {
      parts[parts.count - 1].series.add(step: step, time: time, value: value)
    } else {
      parts[place(of: file)].series.add(step: step, time: time, value: value)
    }
  }

  /// Adds points that a file has only together, the first of them at a step.
  public mutating func add(file: Int, _ points: SeriesBucket, from first: Int64) {
    parts[place(of: file)].series.add(points, from: first)
  }

  /// Takes back what a file, and those before it, said from a step on.
  public mutating func rewind(to step: Int64, upTo file: Int) {
    for index in parts.indices where parts[index].file <= file { parts[index].series.rewind(to: step) }
  }

  /// Forgets what a file said: it is read anew.
  public mutating func remove(file: Int) { parts.removeAll { $0.file == file } }

  /// The curve: 40 bytes a bucket, `Series.capacity` at most for each file.
  public var buckets: [SeriesBucket] {
    guard parts.count > 1 else { return parts.first?.series.buckets ?? [] }
    return cut().flatMap { $0.kept }
  }

  /// What was replaced by later attempts, each a curve of its own.
  public var replaced: [[SeriesBucket]] {
    parts.map(\.series.replaced).filter { !$0.isEmpty } + cut().map { Array($0.replaced) }.filter { !$0.isEmpty }
  }

  /// Points that later attempts replaced.
  public var replacedCount: Int {
    parts.reduce(0) { $0 + $1.series.replacedCount }
      + cut().reduce(0) { total, part in part.replaced.reduce(total) { $0 + Int($1.count) + Int($1.broken) } }
  }

  public var summary: SeriesSummary {
    guard parts.count > 1 else { return parts.first?.series.summary ?? SeriesSummary() }
    var whole = SeriesSummary()
    for (part, cut) in zip(parts, cut()) {
      if cut.replaced.isEmpty {
        whole = whole.joined(with: part.series.summary)
      } else {
        var kept = SeriesSummary()
        for bucket in cut.kept { kept.add(bucket) }
        if kept.lastStep != nil { kept.firstStep = part.series.summary.firstStep }
        whole = whole.joined(with: kept)
      }
    }
    return whole
  }

  /// Each part's buckets before, and from, the first step of the parts after it.
  private func cut() -> [(kept: ArraySlice<SeriesBucket>, replaced: ArraySlice<SeriesBucket>)] {
    var limit = Int64.max
    var cuts: [(kept: ArraySlice<SeriesBucket>, replaced: ArraySlice<SeriesBucket>)] = []
    for part in parts.reversed() {
      let buckets = part.series.buckets
      let end = buckets.firstIndex { $0.step >= limit } ?? buckets.count
      cuts.append((buckets[..<end], buckets[end...]))
      limit = min(limit, part.series.summary.firstStep ?? limit)
    }
    return cuts.reversed()
  }

  private mutating func place(of file: Int) -> Int {
    let place = parts.firstIndex { $0.file >= file } ?? parts.count
    if place == parts.count || parts[place].file != file { parts.insert(Part(file: file), at: place) }
    return place
  }
}

extension Metric {
  /// Whether there is no point at all.
  public var isEmpty: Bool { parts.allSatisfy(\.series.isEmpty) }

  /// The first bucket of the curve.
  public var first: SeriesBucket? { parts.lazy.compactMap(\.series.buckets.first).first }
}
