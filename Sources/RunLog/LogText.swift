internal import RunFolder
internal import TrainingEvents

/// Events in words, one line each, for `log.txt`.
enum LogText {
  /// `now`: seconds since 1970, for events that carry no time.
  static func lines(of event: TrainingEvent, now: Double) -> [String] {
    switch event {
    case .runStarted, .stepsCompleted, .gradientsSampled, .ranksMeasured: return []
    case .evaluated(let record):
      let figures = Self.figures(
        [("loss", record.loss)] + accuracies(record.counts)
          + [("entity F1", record.entityF1), ("exact match", record.exactMatch)])
      return [
        line(
          now, "info", record.step,
          "\(record.split.rawValue) after epoch \(record.epoch): \(figures)\(record.isBest ? ", best so far" : "")")
      ]
    case .epochCompleted(let record):
      let figures = Self.figures([("loss", record.averageLoss)] + accuracies(record.counts))
      return [line(now, "info", record.step, "epoch \(record.epoch): \(figures), \(fixed(record.seconds)) s")]
    case .checkpointWritten(let record):
      return [
        line(
          now, "info", record.step,
          "checkpoint \(record.path) (\(record.reason.rawValue)\(record.isBest ? ", best" : "")),"
            + " \(record.bytes) bytes in \(fixed(record.seconds)) s")
      ]
    case .phaseChanged(let change) where change.phase == .loading: return []
    case .phaseChanged(let change):
      let message = change.outcome.map { $0.message.isEmpty ? "" : ": \($0.message)" } ?? ""
      return [line(now, "info", change.step, change.phase.rawValue + message)]
    case .parameterChanged(let change):
      return [line(now, "info", change.step, "\(change.parameter.rawValue) \(change.old) -> \(change.new)")]
    case .alert(let text), .log(let text):
      return [line(text.time, text.level.rawValue, text.step, text.text)]
    }
  }

  /// Line breaks within the text become spaces, so that one event stays one line.
  private static func line(_ time: Double, _ level: String, _ step: Int, _ text: String) -> String {
    let flat = String(text.map { $0.isNewline ? " " : $0 })
    return "\(TimeText.local(time, format: "%Y-%m-%d %H:%M:%S")) \(level) step \(step): \(flat)"
  }

  private static func accuracies(_ counts: MetricCounts) -> [(name: String, value: Double?)] {
    ModelTask.allCases.map { ("accuracy " + $0.rawValue, counts.accuracy($0)) }
  }

  /// Those of some figures that exist, with their names.
  private static func figures(_ all: [(name: String, value: Double?)]) -> String {
    let texts = all.compactMap { figure in figure.value.map { "\(figure.name) \(fixed($0))" } }
    return texts.isEmpty ? "nothing to judge by" : texts.joined(separator: ", ")
  }

  /// Four decimals; `nan` has no sign.
  private static func fixed(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return value.isNaN ? "nan" : "\(value)" }
    let scaled = Int((abs(value) * 10_000).rounded())
    let decimals = String(scaled % 10_000)
    return (value < 0 ? "-" : "") + "\(scaled / 10_000)." + String(repeating: "0", count: 4 - decimals.count) + decimals
  }
}
