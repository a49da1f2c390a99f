import Formatting
import RunModel
import TerminalCanvas
import TrainingEvents

/// What the curves are laid out over.
enum AxisUnit: String, Hashable, Sendable, CaseIterable {
  case step, epoch, time
}

/// The part of the run a chart shows and how: what the user chose, kept apart from the run itself.
struct ChartView: Hashable, Sendable {
  /// Fewest steps shown.
  private static let narrowest = 8.0

  var scale = AxisScale.logarithmic
  var unit = AxisUnit.step
  /// Steps shown; nil shows all.
  private(set) var width: Double?
  /// The first step shown, where not all are and the newest is not followed.
  private(set) var lower = 0.0
  /// Whether the newest step stays in sight.
  private(set) var follows = true
  /// The step that is read out.
  var cursor: Int?

  var showsAll: Bool { width == nil }

  /// The steps to show of a whole axis.
  func visible(of whole: ClosedRange<Double>, latest: Double) -> ClosedRange<Double> {
    guard let width, width < whole.upperBound - whole.lowerBound else { return whole }
    let start = start(follows ? Self.following(latest, width) : lower, width, whole)
    return start...(start + width)
  }

  /// Where a view that keeps the newest step in sight would begin: a little room is left beyond it.
  private static func following(_ latest: Double, _ width: Double) -> Double { latest + width * 0.04 - width }

  /// The nearest start to the wanted one at which the view lies within the axis.
  private func start(_ wanted: Double, _ width: Double, _ whole: ClosedRange<Double>) -> Double {
    min(max(wanted, whole.lowerBound), max(whole.lowerBound, whole.upperBound - width))
  }

  mutating func showAll() {
    width = nil
    follows = true
  }

  mutating func setFollow(_ follow: Bool, of whole: ClosedRange<Double>, latest: Double) {
    lower = visible(of: whole, latest: latest).lowerBound
    follows = follow
  }

  /// Shows `factor` as many steps; the step at `anchor` stays where it is.
  mutating func zoom(_ factor: Double, anchor: Double, of whole: ClosedRange<Double>, latest: Double) {
    let shown = visible(of: whole, latest: latest)
    let old = shown.upperBound - shown.lowerBound
    let all = whole.upperBound - whole.lowerBound
    let new = max(Self.narrowest, old * factor)
    guard new < all else { return showAll() }
    let share = min(max((anchor - shown.lowerBound) / old, 0), 1)
    // Coming from all that there is, the newest step is followed only if it was what was looked at.
    if anchor < latest - 0.02 * old { follows = false }
    width = new
    lower = start(anchor - share * new, new, whole)
  }

  /// Moves over the run by so many steps; at the newest step it is followed again.
  mutating func pan(_ steps: Double, of whole: ClosedRange<Double>, latest: Double) {
    guard let width else { return }
    let shown = visible(of: whole, latest: latest)
    lower = start(shown.lowerBound + steps, width, whole)
    // Compared with where following ends up, not with the newest step: near the axis's end there is no room beyond it.
    let newest = start(Self.following(latest, width), width, whole)
    follows = steps > 0 && lower >= newest - width * 1e-9
  }

  /// Moves so that a step is in sight.
  mutating func reveal(_ step: Double, of whole: ClosedRange<Double>, latest: Double) {
    guard let width else { return }
    let shown = visible(of: whole, latest: latest)
    if step < shown.lowerBound { pan(step - shown.lowerBound - width / 10, of: whole, latest: latest) }
    if step > shown.upperBound { pan(step - shown.upperBound + width / 10, of: whole, latest: latest) }
  }
}

/// A chart's horizontal axis: steps, and what they are labelled as.
struct StepAxis: Sendable {
  let unit: AxisUnit
  /// The steps at both ends.
  let steps: ClosedRange<Double>
  private let stepsPerEpoch: Double
  private let clock: StepClock

  init(_ run: RunState, _ view: ChartView) {
    unit = view.unit
    stepsPerEpoch = Double(max(1, run.description?.stepsPerEpoch ?? run.lastStep?.batches ?? 1))
    clock = run.stepClock
    steps = view.visible(of: Self.whole(run), latest: Double(run.newestStep))
  }

  /// The axis in its unit.
  var axis: Axis { Axis(.linear, from: value(steps.lowerBound), to: value(steps.upperBound)) }

  /// A step in the axis's unit: itself, epochs, or seconds of training.
  func value(_ step: Double) -> Double {
    switch unit {
    case .step: step
    case .epoch: step / stepsPerEpoch
    case .time: clock.seconds(at: step)
    }
  }

  /// The step at a value of the axis's unit.
  func step(_ value: Double) -> Double {
    switch unit {
    case .step: value
    case .epoch: value * stepsPerEpoch
    case .time: clock.step(at: value)
    }
  }

  /// A series in columns of this axis.
  func columns(_ series: SeriesHistory, _ count: Int) -> [Bucket] {
    guard unit == .time else { return series.columns(count, from: steps.lowerBound, to: steps.upperBound) }
    let axis = axis
    return series.columns(count, from: steps.lowerBound, to: steps.upperBound) { step in
      axis.position(of: value(step)) ?? 0
    }
  }

  /// The unit's name.
  var name: String { unit == .time ? "time" : unit.rawValue }

  /// What ticks say.
  func labels(_ values: [Double], _ step: Double?) -> [String] {
    unit == .time ? values.map(NumberText.duration) : Axis.countLabels(values, step: step)
  }

  /// Shares of a power of ten, each at most a tenth above the one before.
  private static let extents = [
    1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.75, 1.9, 2, 2.2, 2.4, 2.6, 2.8, 3, 3.3, 3.6, 3.9, 4.2, 4.6, 5, 5.5, 6, 6.6, 7.2,
    7.9, 8.6, 9.4, 10,
  ]

  /// All steps of a run, to a round end a little beyond the newest.
  static func whole(_ run: RunState) -> ClosedRange<Double> {
    let first = Double(run.total.raw.isEmpty ? 0 : max(0, run.total.raw.firstStep - 1))
    let latest = Double(max(run.newestStep, 0))
    var end = first + roundedExtent(max(latest - first, 8))
    if run.totalSteps > 0 { end = min(end, max(Double(run.totalSteps), latest)) }
    return first...max(end, first + 8)
  }

  /// An extent at most a tenth above a value, in few sizes: the axis stands still most of the time, and little of the
  /// chart is future.
  private static func roundedExtent(_ value: Double) -> Double {
    let power = Axis.roundStep(value) >= 1 ? value : 1
    var unit = 1.0
    while unit * 10 <= power { unit *= 10 }
    for factor in extents where factor * unit >= value { return factor * unit }
    return value
  }
}
