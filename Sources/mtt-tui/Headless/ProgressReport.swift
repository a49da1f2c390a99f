import RunModel
import TrainingEvents

/// Progress on standard error: a bar that redraws itself on a terminal, sparse lines in a pipe.
struct ProgressReport {
  enum Style { case bar, lines }

  private let style: Style
  private let clock: () -> ContinuousClock.Instant
  private let start: ContinuousClock.Instant
  private var timeLeft = TimeLeft()
  private var last: (time: ContinuousClock.Instant, step: Int)?
  private var barIsShown = false
  /// Loss and counts summed over this epoch's batches.
  private var loss = 0.0
  private var counts = MetricCounts()
  private var epoch = -1
  private var batches = 0
  /// Tokens and seconds since the last report, for the speed.
  private var tokens = 0
  private var seconds = 0.0

  /// A reporter that reads the time from `clock`.
  init(style: Style, clock: @escaping () -> ContinuousClock.Instant) {
    self.style = style
    self.clock = clock
    start = clock()
  }

  /// Seconds on a clock that never goes back.
  private var now: Double { (clock() - start) / .seconds(1) }

  /// What removes the bar, so that a line can be printed in its place.
  mutating func erase() -> String {
    guard barIsShown else { return "" }
    barIsShown = false
    return "\r\u{1B}[K"
  }

  /// What to write after an event, if it is time; the bar fits into `columns`.
  mutating func update(_ event: TrainingEvent, columns: Int) -> String? {
    timeLeft.note(event, now: now)
    switch event {
    case .stepsCompleted(let steps):
      for step in steps { add(step) }
      guard let step = steps.last else { return nil }
      return report(step, columns: columns)
    default: return nil
    }
  }

  private mutating func add(_ step: StepRecord) {
    if step.epoch != epoch {
      epoch = step.epoch
      (loss, counts, batches) = (0, MetricCounts(), 0)
    }
    loss += step.loss
    counts += step.counts
    batches += 1
    tokens += step.realTokens
    seconds += step.seconds
  }

  private mutating func report(_ step: StepRecord, columns: Int) -> String? {
    let now = clock()
    guard let previous = last else {
      last = (now, step.step - 1)
      return style == .bar ? redraw(step, columns: columns, now: now) : nil
    }
    switch style {
    case .bar:
      // 10 a second, and always the epoch's last.
      guard now - previous.time >= .milliseconds(100) || step.batch == step.batches else { return nil }
      return redraw(step, columns: columns, now: now)
    case .lines:
      let tenth = max(1, step.batches / 10)
      guard now - previous.time >= .seconds(10), step.step - previous.step >= tenth else { return nil }
      last = (now, step.step)
      return summary(step) + "\n"
    }
  }

  private mutating func redraw(_ step: StepRecord, columns: Int, now: ContinuousClock.Instant) -> String {
    last = (now, step.step)
    barIsShown = true
    let text = summary(step)
    let room = min(30, columns - text.count - 4)
    guard room >= 5 else { return "\r" + text.prefix(max(0, columns - 1)) + "\u{1B}[K" }
    let full = room * step.batch / max(1, step.batches)
    let bar = String(repeating: "#", count: full) + String(repeating: "-", count: room - full)
    return "\r[\(bar)] \(text)\u{1B}[K"
  }

  private mutating func summary(_ step: StepRecord) -> String {
    var parts = [
      "epoch \(step.epoch) batch \(step.batch)/\(step.batches)", "loss \(Format.fixed(loss / Double(max(1, batches))))",
    ]
    for task in ModelTask.allCases {
      if let accuracy = counts.accuracy(task) { parts.append("\(task.rawValue) \(Format.fixed(accuracy))") }
    }
    if seconds > 0 { parts.append("\(Int(Double(tokens) / seconds)) tok/s") }
    if let seconds = timeLeft.estimate(now: now) {
      parts.append((timeLeft.isAtMost ? "at most " : "") + "\(Format.duration(seconds)) left")
    }
    (tokens, seconds) = (0, 0)
    return parts.joined(separator: "  ")
  }
}
