internal import LoggedRuns

/// How the fields of a line, a row or a record become points: one is the step, one the time, every other number is a
/// metric's value.
struct PointFields: Sendable {
  /// The names a step goes by, the best first.
  static let steps = [
    "step", "global_step", "_step", "iteration", "iter", "current_steps", "total_timesteps", "time/total_timesteps",
    "trainer/global_step", "steps",
  ]
  static let epochs = ["epoch", "Epoch"]
  static let times = ["time", "timestamp", "_timestamp", "wall_time", "timestamp_ms"]

  private struct Value: Sendable {
    var metric: Int
    var value: Double
  }

  private var values: [Value] = []
  private var step: (rank: Int, value: Double)?
  private var time = Double.nan
  /// Where each name's values go; -1 for the time.
  private var places: [[UInt8]: Int] = [:]
  private var ranks: [[UInt8]: Int] = [:]
  /// How many steps the log wants to do, where it says so.
  private(set) var total: Double?

  init() {}

  /// Whether one of the names is a step's or an epoch's.
  static func namesStep(_ names: [String]) -> Bool { names.contains { steps.contains($0) || epochs.contains($0) } }

  mutating func begin() {
    values.removeAll(keepingCapacity: true)
    step = nil
    time = .nan
  }

  /// Takes in a field.
  mutating func take(_ name: UnsafeRawBufferPointer, _ value: Double, _ sink: inout LogSink) {
    let bytes = [UInt8](name)
    if places[bytes] == nil { place(bytes, &sink) }
    if let rank = ranks[bytes], value.isFinite, rank < step?.rank ?? .max { step = (rank, value) }
    switch places[bytes] ?? -1 {
    case -1: time = value
    case -2: total = value
    case -3: break
    case let metric: values.append(Value(metric: metric, value: value))
    }
  }

  private mutating func place(_ bytes: [UInt8], _ sink: inout LogSink) {
    let name = String(decoding: bytes, as: UTF8.self)
    if let rank = Self.steps.firstIndex(of: name) {
      ranks[bytes] = rank
      places[bytes] = -3
    } else if Self.times.contains(name) {
      places[bytes] = -1
    } else if name == "total_steps" || name == "max_steps" {
      places[bytes] = -2
    } else {
      if Self.epochs.contains(name) { ranks[bytes] = Self.steps.count }
      places[bytes] = sink.run.place(of: name)
    }
  }

  /// Makes points of the fields since `begin`. `number`: the line's, which is the step where nothing else is.
  mutating func end(number: Int, file: Int = 0, _ sink: inout LogSink) {
    guard !values.isEmpty else { return }
    let place = step?.value ?? Double(number)
    guard abs(place) < 9e18 else { return }
    let seconds = time > 1e11 ? time / 1000 : time
    for value in values {
      sink.add(value.metric, file: file, step: Int64(place), time: seconds, value: value.value)
    }
    if let total, total > 0, total < 9e18 { sink.run.totalSteps = Int64(total) }
  }
}
