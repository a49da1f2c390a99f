internal import Glibc
internal import LoggedRuns

/// How long reading may go on before somebody else has a turn.
public struct ReadBudget: Sendable {
  private let deadline: Double

  /// `seconds`: from now; infinity for as long as it takes.
  public init(seconds: Double) { deadline = Self.now + seconds }

  public var isSpent: Bool { Self.now >= deadline }

  /// A monotonic clock.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Where what is read goes: into a run, and point by point to whoever wants them all.
struct LogSink {
  var run: LoggedRun
  /// Gets each point as it is read: metric, step, time (NaN where unknown) and value.
  var observer: ((_ metric: String, _ step: Int64, _ time: Double, _ value: Double) -> Void)?

  init(run: LoggedRun) { self.run = run }

  @inline(__always)
  mutating func add(_ place: Int, file: Int = 0, step: Int64, time: Double, value: Double) {
    run.add(place, file: file, step: step, time: time, value: value)
    if let observer { observer(run.metrics[place].name, step, time, value) }
  }

  /// Adds points that the log has only together; who wants them all gets the last one.
  mutating func add(_ place: Int, _ points: SeriesBucket, from first: Int64) {
    run.add(place, points, from: first)
    guard let observer else { return }
    observer(run.metrics[place].name, points.step, points.time, points.count > 0 ? Double(points.last) : .nan)
  }
}

/// Reads a log of one kind, on and on as it grows. Nothing of it depends on a screen.
protocol LogReader: Sendable {
  /// Reads what has come since the last call, within the budget; trouble becomes a problem of the run.
  ///
  /// Returns whether there may be more to read right now.
  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool
}
