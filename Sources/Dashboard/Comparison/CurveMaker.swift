import Comparison
import LoggedRuns

/// A curve with how it is drawn.
struct DrawnCurve: Sendable {
  let curve: Curve
  /// Another one for every curve that was made: the same number, the same curve.
  let number: Int
  /// The same number, points in the same places.
  let layout: Int
  /// What its letter and colour come from.
  let slot: Int
  /// Whether more of it is better.
  let direction: MetricName.Direction
  let isDashed: Bool
  let isReplaced: Bool
  let summary: SeriesSummary

  init(
    _ made: CurveMaker.Made, slot: Int, _ direction: MetricName.Direction, isDashed: Bool, isReplaced: Bool = false,
    _ summary: SeriesSummary
  ) {
    (curve, number, layout) = (made.curve, made.number, made.layout)
    (self.slot, self.direction) = (slot, direction)
    self.isDashed = isDashed
    self.isReplaced = isReplaced
    self.summary = summary
  }

  /// The letter a run is known by.
  static func letter(_ slot: Int) -> Unicode.Scalar { Unicode.Scalar(UInt8(97 + slot % 26)) }
}

/// Lays curves out over an axis; those whose runs have not changed since the last time are taken over.
struct CurveMaker: Sendable {
  struct Made: Sendable {
    let curve: Curve
    let number: Int
    /// That of the curve it was smoothed from.
    let layout: Int
  }

  private struct Key: Hashable {
    var run: String
    var metric: String
  }

  /// What a curve follows from besides its axis.
  private struct Source: Equatable {
    var revision: Int
    var detail: CurveDetail?
    var smoothing: Double
  }

  private var axis = CurveAxis.step
  private var smoothing = 0.0
  private var mappings: [String: AxisMapping] = [:]
  private var before: [Key: (source: Source, made: Made)] = [:]
  private var made: [Key: (source: Source, made: Made)] = [:]
  private var count = 0
  /// Counts how often curves were made.
  private(set) var generation = 0

  mutating func begin(_ axis: CurveAxis, smoothing: Double) {
    before = axis == self.axis ? made : [:]
    (self.axis, self.smoothing) = (axis, smoothing)
    (made, mappings) = ([:], [:])
    generation += 1
  }

  /// Forgets what was not asked for since `begin`.
  mutating func end() { (before, mappings) = ([:], [:]) }

  /// `revision`: another one where the run has changed.
  mutating func curve(_ run: LoggedRun, _ metric: String, revision: Int, _ detail: CurveDetail?) -> Made {
    let key = Key(run: run.id, metric: metric)
    let source = Source(revision: revision, detail: detail, smoothing: smoothing)
    var smoothed: Made?
    if let known = before[key] {
      if known.source == source {
        made[key] = known
        return known.made
      }
      // Where only the smoothing is another one, the points lie where they lay.
      let before = Source(revision: revision, detail: detail, smoothing: known.source.smoothing)
      if known.source == before, let curve = known.made.curve.smoothed(smoothing) {
        smoothed = number(curve, layout: known.made.layout)
      }
    }
    let new = smoothed ?? number(Curve(run, metric, mapping(run), smoothing: smoothing, detail: detail))
    made[key] = (source, new)
    return new
  }

  mutating func curve(replaced buckets: [SeriesBucket], _ run: LoggedRun, _ metric: String) -> Made {
    number(Curve(replaced: buckets, of: run.id, metric, mapping(run)))
  }

  private mutating func number(_ curve: Curve, layout: Int? = nil) -> Made {
    count += 1
    return Made(curve: curve, number: count, layout: layout ?? count)
  }

  private mutating func mapping(_ run: LoggedRun) -> AxisMapping {
    if let known = mappings[run.id] { return known }
    let mapping = AxisMapping(axis, run)
    mappings[run.id] = mapping
    return mapping
  }
}
