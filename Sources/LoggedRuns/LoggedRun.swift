/// The kinds of logs that can be opened.
public enum LogFormat: String, Hashable, Sendable, CaseIterable, Codable {
  case run = "mtt-tui"
  case tensorBoard = "tfevents"
  case trainerState = "trainer_state"
  case jsonLines = "jsonl"
  case table = "csv"
  case mlflow = "mlflow"
  case wandb = "wandb"
  case pipe = "pipe"
  /// None: a folder that cannot be read, whatever lies in it.
  case closedFolder = "folder"
}

/// A value of a run's configuration.
public enum ConfigurationValue: Hashable, Sendable, CustomStringConvertible {
  case number(Double)
  case flag(Bool)
  case text(String)

  public var description: String {
    switch self {
    case .number(let value):
      value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : Self.plain(value)
    case .flag(let value): value ? "true" : "false"
    case .text(let value): value
    }
  }

  public var number: Double? { if case .number(let value) = self { value } else { nil } }

  /// The value a text stands for.
  public init(text: String) {
    switch text {
    case "true", "True": self = .flag(true)
    case "false", "False": self = .flag(false)
    default:
      if let number = Double(text), number.isFinite { self = .number(number) } else { self = .text(text) }
    }
  }

  /// As short as it can be read back: 0.001, 3e-05 as 3e-5.
  private static func plain(_ value: Double) -> String {
    let text = "\(value)"
    guard let exponent = text.firstIndex(of: "e") else { return text }
    let (mantissa, power) = (text[..<exponent], text[text.index(after: exponent)...])
    let digits = power.drop { $0 == "-" || $0 == "+" || $0 == "0" }
    let short = mantissa.hasSuffix(".0") ? mantissa.dropLast(2) : mantissa
    return short + "e" + (power.hasPrefix("-") ? "-" : "") + (digits.isEmpty ? "0" : digits)
  }
}

/// Something in a log that could not be read, and what that cost.
public struct LogProblem: Hashable, Sendable, CustomStringConvertible {
  public var file: String
  /// The first byte or line concerned; nil for the whole file.
  public var place: Place?
  /// What was found, as the end of a sentence.
  public var finding: String
  /// How often it was found in this file.
  public var count = 1

  public enum Place: Hashable, Sendable {
    case byte(Int)
    case line(Int)
  }

  public init(file: String, place: Place? = nil, finding: String) {
    self.file = file
    self.place = place
    self.finding = finding
  }

  public var description: String {
    let start =
      switch place {
      case .byte(let offset): "\(file): byte \(offset): "
      case .line(let line): "\(file):\(line): "
      case nil: "\(file): "
      }
    return start + finding + (count > 1 ? ", \(count) times from there on" : "")
  }
}

/// A run as its log describes it, whoever wrote it: values only.
public struct LoggedRun: Sendable, Identifiable {
  public enum State: String, Hashable, Sendable {
    /// Not read to its end yet, so that nothing is known of its standing.
    case reading
    /// Written to a moment ago, or locked by its trainer.
    case live
    case finished, stopped, failed, crashed
    /// Nothing is written any more, and nothing says how it ended.
    case ended
    /// Nothing of it could be read.
    case unreadable
  }

  /// Its log's absolute path: it stays the same while the log grows.
  public let id: String
  /// As short as distinguishes it from the others.
  public var name: String
  public let format: LogFormat
  /// What the log says of its end; nil where it says nothing.
  public var declaredState: State?
  public internal(set) var metrics: [Metric] = []
  var places: [String: Int] = [:]
  public var configuration: [String: ConfigurationValue] = [:]
  public internal(set) var problems: [LogProblem] = []
  /// Points that the log has only together, a few in a row: their extremes, mean and last value.
  public internal(set) var joinedPoints = 0
  /// Bytes and files it was read from.
  public var bytes = 0
  public var files = 1
  /// When it began and when it was written to last, in seconds since 1970, where that is known.
  public var created: Double?
  public var lastWrite: Double?
  /// How far it wants to go, where it says so.
  public var totalEpochs: Double?
  public var totalSteps: Int64?
  /// Whether everything that is there now has been read.
  public var isComplete = false
  /// The steps whose points are kept; nil for all. Few steps of a long curve are kept as fine as they are.
  public var window: ClosedRange<Int64>?

  public init(id: String, name: String, format: LogFormat) {
    self.id = id
    self.name = name
    self.format = format
  }

  /// The place of a metric among `metrics`, made on first use.
  public mutating func place(of metric: String) -> Int {
    if let place = places[metric] { return place }
    places[metric] = metrics.count
    metrics.append(Metric(name: metric))
    return metrics.count - 1
  }

  public func metric(_ name: String) -> Metric? { places[name].map { metrics[$0] } }

  /// Adds a point of the metric at a place.
  public mutating func add(_ place: Int, file: Int = 0, step: Int64, time: Double, value: Double) {
    if let window, !window.contains(step) { return leaveOut(place, file, step) }
    metrics[place].add(file: file, step: step, time: time, value: value)
  }

  /// Adds points of the metric at a place that the log has only together, the first of them at a step.
  public mutating func add(_ place: Int, file: Int = 0, _ points: SeriesBucket, from first: Int64) {
    if let window, !window.overlaps(first...max(first, points.step)) { return leaveOut(place, file, first) }
    metrics[place].add(file: file, points, from: first)
    joinedPoints += Int(points.count) + Int(points.broken)
  }

  /// A step that is not kept replaces those behind it all the same, where a run goes back to it.
  private mutating func leaveOut(_ place: Int, _ file: Int, _ step: Int64) {
    metrics[place].rewind(to: step, upTo: file)
  }

  /// Takes back every metric's points from a step on, as a restarted writer asks for.
  public mutating func rewind(to step: Int64, upTo file: Int) {
    for index in metrics.indices { metrics[index].rewind(to: step, upTo: file) }
  }

  /// Forgets everything that a file said.
  public mutating func remove(file: Int, path: String) {
    for index in metrics.indices { metrics[index].remove(file: file) }
    joinedPoints = 0
    problems.removeAll { $0.file == path }
  }

  /// Notes a problem; one that was found in that file before is counted.
  public mutating func note(_ problem: LogProblem) {
    let known = problems.firstIndex { $0.file == problem.file && $0.finding == problem.finding }
    if let known { problems[known].count += 1 } else { problems.append(problem) }
  }

  /// Seconds without a write after which a log whose end is not declared counts as ended.
  public static let patience = 300.0

  /// What became of it. `now`: seconds since 1970.
  public func state(now: Double) -> State {
    if let declaredState { return declaredState }
    guard isComplete else { return .reading }
    guard let lastWrite else { return .ended }
    return now - lastWrite < Self.patience ? .live : .ended
  }

  /// The last step of any metric.
  public var lastStep: Int64? { metrics.compactMap(\.summary.lastStep).max() }

  /// Points of all metrics, those that are not finite included.
  public var points: Int { metrics.reduce(0) { $0 + $1.summary.count + $1.summary.broken } }
}

extension LoggedRun {
  /// Notes a problem that stays the same however often it is met.
  public mutating func noteOnce(_ problem: LogProblem) {
    if !problems.contains(where: { $0.file == problem.file && $0.finding == problem.finding }) { note(problem) }
  }

  /// Takes back all that was found in a file.
  public mutating func withdrawAll(in file: String) { problems.removeAll { $0.file == file } }

  /// Takes back what was found in a file and no longer holds.
  public mutating func withdraw(_ finding: String, in file: String) {
    problems.removeAll { $0.file == file && $0.finding == finding }
  }
}
