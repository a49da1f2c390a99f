internal import Glibc
internal import RunFolder
internal import TrainingEvents

/// What the `log.txt` of a run of an earlier version says beyond its metrics: words, checkpoints, phases.
struct LogLines {
  private var entries: [(step: Int, time: Double, event: TrainingEvent)] = []
  private var next = 0
  /// When the last of them was, in seconds since 1970.
  private(set) var time = 0.0

  init(folder: String) {
    var entries: [(step: Int, time: Double, event: TrainingEvent)] = []
    try? LineFile.read(folder + "/log.txt") { line in
      if let entry = Self.entry(String(decoding: line, as: UTF8.self)) { entries.append(entry) }
    }
    self.entries = entries
    time = entries.first?.time ?? 0
  }

  /// The next ones, as far as they are of steps up to `step`.
  mutating func take(through step: Int) -> [RunRecord] {
    var records: [RunRecord] = []
    while next < entries.count, entries[next].step <= step {
      time = entries[next].time
      records.append(.event(entries[next].event, time: time))
      next += 1
    }
    return records
  }

  /// `2026-11-27 05:37:07 info step 12: words`
  private static func entry(_ line: String) -> (step: Int, time: Double, event: TrainingEvent)? {
    let parts = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 6, parts[3] == "step", parts[4].hasSuffix(":"), let step = Int(parts[4].dropLast()),
      let level = LogLine.Level(rawValue: parts[2]), let time = seconds(parts[0] + " " + parts[1])
    else { return nil }
    guard let event = event(parts[5], level, step, time) else { return nil }
    return (step, time, event)
  }

  private static func event(_ text: String, _ level: LogLine.Level, _ step: Int, _ time: Double) -> TrainingEvent? {
    let words = text.split(separator: " ")
    // Evaluations, epochs and changes are in the metrics, figure by figure.
    if text.hasPrefix("dev after epoch ") || text.hasPrefix("test after epoch ") { return nil }
    if words.count > 2, words[0] == "epoch", words[1].hasSuffix(":"), words[2] == "loss" { return nil }
    if words.count == 4, words[2] == "->", SteeredParameter(rawValue: String(words[0])) != nil { return nil }
    if words.first == "checkpoint", let record = checkpoint(text, step) { return .checkpointWritten(record) }
    let (word, message) =
      text.split(separator: ":", maxSplits: 1).first.map { first in
        (String(first), String(text.dropFirst(first.count).drop { ": ".contains($0) }))
      } ?? ("", "")
    if level == .info, let phase = RunPhase(rawValue: word) {
      let isEnd = phase == .finished || phase == .failed
      guard isEnd || message.isEmpty else { return .log(LogLine(level: level, text: text, time: time, step: step)) }
      let outcome = RunOutcome(exitCode: phase == .failed ? 70 : 0, message: message)
      return .phaseChanged(PhaseChange(phase: phase, step: step, outcome: isEnd ? outcome : nil))
    }
    return .log(LogLine(level: level, text: text, time: time, step: step))
  }

  /// `checkpoint PATH (REASON, best), 123 bytes in 0.1 s`
  private static func checkpoint(_ text: String, _ step: Int) -> CheckpointRecord? {
    guard let open = text.lastIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
    let remarks = text[text.index(after: open)..<close].split(separator: ",").map { $0.drop { $0 == " " } }
    let rest = text[text.index(after: close)...].split(separator: " ").map(String.init)
    guard let reason = remarks.first.flatMap({ CheckpointReason(rawValue: String($0)) }), rest.count == 6,
      let bytes = Int(rest[1]), let seconds = Double(rest[4])
    else { return nil }
    let path = text[..<open].dropFirst("checkpoint ".count).dropLast()
    return CheckpointRecord(
      step: step, path: String(path), reason: reason, isBest: remarks.dropFirst().contains("best"), bytes: bytes,
      seconds: seconds)
  }

  private static func seconds(_ text: String) -> Double? {
    let numbers = text.split(whereSeparator: { "- :".contains($0) }).compactMap { Int32($0) }
    guard numbers.count == 6 else { return nil }
    var parts = tm()
    (parts.tm_year, parts.tm_mon, parts.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
    (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[3], numbers[4], numbers[5])
    parts.tm_isdst = -1
    let time = mktime(&parts)
    return time == -1 ? nil : Double(time)
  }
}
