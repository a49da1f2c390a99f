internal import Formatting
public import LoggedRuns

/// Runs as a table: what is known of each, a column a figure.
public struct RunTable: Sendable {
  public enum Column: Hashable, Sendable {
    case name, state, format, epoch, step, points, age
    /// A metric's best value, or its last where no direction is known.
    case metric(String)
    /// How far the metric's value is from the baseline's.
    case delta(String)
    case configuration(String)
  }

  public struct Cell: Hashable, Sendable {
    /// How good a difference is.
    public enum Tone: Hashable, Sendable {
      case plain, better, worse, alert
    }

    public var text: String
    /// What it is sorted by; nil comes last.
    public var number: Double?
    public var tone = Tone.plain
    /// Whether it is the best of its column.
    public var isBest = false

    public init(_ text: String, number: Double? = nil, tone: Tone = .plain) {
      self.text = text
      self.number = number
      self.tone = tone
    }
  }

  public struct Row: Hashable, Sendable, Identifiable {
    public var id: String
    public var cells: [Cell]
  }

  public let columns: [Column]
  public let rows: [Row]

  /// `now`: seconds since 1970. `baseline`: the run that differences are taken to.
  public init(
    _ runs: [LoggedRun], columns: [Column], sortedBy sort: Column? = nil, isReversed: Bool = false,
    baseline: LoggedRun? = nil, now: Double
  ) {
    self.columns = columns
    var rows = runs.map { run in
      Row(id: run.id, cells: columns.map { Self.cell($0, run, baseline, now) })
    }
    for (index, column) in columns.enumerated() {
      guard case .metric(let name) = column else { continue }
      Self.markBest(&rows, index, MetricName.direction(name))
    }
    if let sort, let index = columns.firstIndex(of: sort) {
      Self.sort(&rows, index, sort, isReversed)
    } else if isReversed {
      rows.reverse()
    }
    self.rows = rows
  }

  /// A column's heading.
  public static func heading(_ column: Column) -> String {
    switch column {
    case .name: "run"
    case .state: "state"
    case .format: "kind"
    case .epoch: "epoch"
    case .step: "step"
    case .points: "points"
    case .age: "age"
    case .metric(let name): name
    case .delta: "vs base"
    case .configuration(let key): key.split(separator: "/").last.map(String.init) ?? key
    }
  }

  /// The value of a metric that a run is judged by: its best, or its last where no direction is known.
  public static func figure(_ run: LoggedRun, _ metric: String) -> SeriesSummary.Place? {
    guard let summary = run.metric(metric)?.summary else { return nil }
    switch MetricName.direction(metric) {
    case .up: return summary.highest
    case .down: return summary.lowest
    case .unknown: return summary.last
    }
  }

  /// How far a run is, in epochs.
  public static func epoch(_ run: LoggedRun) -> Double? {
    if let epoch = (run.metric("epoch") ?? run.metric("train/epoch"))?.summary.last?.value { return epoch }
    guard let total = run.totalEpochs, let steps = run.totalSteps, steps > 0, let step = run.lastStep else {
      return nil
    }
    return total * Double(step) / Double(steps)
  }

  // MARK: - Cells

  private static func cell(_ column: Column, _ run: LoggedRun, _ baseline: LoggedRun?, _ now: Double) -> Cell {
    switch column {
    case .name: return Cell(run.name)
    case .state:
      let state = run.state(now: now)
      return Cell(state.rawValue, tone: [.failed, .crashed, .unreadable].contains(state) ? .alert : .plain)
    case .format: return Cell(run.format.rawValue)
    case .epoch:
      guard let epoch = epoch(run) else { return Cell("–") }
      let done = trimmed(NumberText.fixed(epoch, decimals: epoch < 100 ? 1 : 0))
      return Cell(
        run.totalEpochs.map { "\(done)/\(trimmed(NumberText.fixed($0, decimals: 1)))" } ?? done, number: epoch)
    case .step: return run.lastStep.map { Cell(NumberText.grouped(Int($0)), number: Double($0)) } ?? Cell("–")
    case .points:
      guard run.points > 0 || run.isComplete else { return Cell("–") }
      return Cell(NumberText.grouped(run.points), number: Double(run.points))
    case .age:
      guard let last = run.lastWrite else { return Cell("–") }
      return Cell(age(now - last), number: now - last)
    case .metric(let name): return metricCell(run, name)
    case .delta(let name): return deltaCell(run, baseline, name)
    case .configuration(let key):
      guard let value = run.configuration[key] else { return Cell("–") }
      return Cell(value.description, number: value.number)
    }
  }

  private static func metricCell(_ run: LoggedRun, _ name: String) -> Cell {
    guard let summary = run.metric(name)?.summary else { return Cell("–") }
    guard let place = figure(run, name) else {
      return summary.broken > 0 ? Cell("NaN", tone: .alert) : Cell("–")
    }
    return Cell(number(place.value), number: place.value, tone: summary.broken > 0 ? .alert : .plain)
  }

  private static func deltaCell(_ run: LoggedRun, _ baseline: LoggedRun?, _ name: String) -> Cell {
    guard let baseline, let base = figure(baseline, name)?.value, let own = figure(run, name)?.value else {
      return Cell("–")
    }
    guard run.id != baseline.id else { return Cell("base", number: 0) }
    let difference = own - base
    let text = difference == 0 ? "0" : (difference > 0 ? "+" : "−") + number(abs(difference))
    let direction = MetricName.direction(name)
    guard difference != 0, direction != .unknown else { return Cell(text, number: difference) }
    return Cell(text, number: difference, tone: (difference > 0) == (direction == .up) ? .better : .worse)
  }

  /// A figure in about six characters.
  public static func number(_ value: Double) -> String { NumberText.short(value) }

  private static func trimmed(_ text: String) -> String { text.hasSuffix(".0") ? String(text.dropLast(2)) : text }

  /// How long ago, in one unit.
  public static func age(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "–" }
    let seconds = max(0, seconds)
    for (unit, length) in [("d", 86_400.0), ("h", 3600), ("min", 60)] where seconds >= length {
      return "\(Int(min(seconds / length, 1e9))) \(unit)"
    }
    return "\(Int(seconds)) s"
  }

  // MARK: - Order

  private static func markBest(_ rows: inout [Row], _ index: Int, _ direction: MetricName.Direction) {
    let numbers = rows.compactMap { $0.cells[index].number }.filter(\.isFinite)
    guard direction != .unknown, numbers.count > 1, let best = direction == .up ? numbers.max() : numbers.min() else {
      return
    }
    for row in rows.indices where rows[row].cells[index].number == best { rows[row].cells[index].isBest = true }
  }

  /// Best first for metrics, else ascending; what has no value stays last either way.
  private static func sort(_ rows: inout [Row], _ index: Int, _ column: Column, _ isReversed: Bool) {
    var isDescending = isReversed
    switch column {
    case .metric(let name), .delta(let name): if MetricName.direction(name) != .down { isDescending.toggle() }
    default: break
    }
    let isTextual = rows.allSatisfy { $0.cells[index].number == nil }
    let order = rows.enumerated().sorted { left, right in
      let (first, second) = (left.element.cells[index], right.element.cells[index])
      if isTextual, first.text != second.text {
        return (first.text.lowercased() < second.text.lowercased()) != isDescending
      }
      switch (first.number, second.number) {
      case (let first?, let second?) where first != second: return (first < second) != isDescending
      case (_?, nil): return true
      case (nil, _?): return false
      default: return left.offset < right.offset
      }
    }
    rows = order.map(\.element)
  }
}
