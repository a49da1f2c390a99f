internal import Glibc
internal import RunFolder
internal import TrainingEvents

/// Reads a step's line of `metrics.jsonl` as `MetricLine` writes it, many times as fast as a reader of any JSON: a run
/// may have millions.
enum StepLine {
  private static let start = Array("{\"type\":\"step\",".utf8)

  /// Nil where the line is another, or written in any other way.
  static func metric(_ line: ArraySlice<UInt8>) -> MetricLine? {
    guard line.starts(with: start) else { return nil }
    var scanner = Scanner(bytes: line.dropFirst(start.count))
    guard let step = scanner.integer("\"step\":"), let epoch = scanner.integer(",\"epoch\":"),
      let batch = scanner.integer(",\"batch\":"), let batches = scanner.integer(",\"batches\":"),
      let loss = scanner.number(",\"loss\":"), let lossA = scanner.figure(",\"lossA\":"),
      let lossB = scanner.figure(",\"lossB\":"), let correctA = scanner.integer(",\"counts\":{\"correctA\":"),
      let totalA = scanner.integer(",\"totalA\":"), let correctB = scanner.integer(",\"correctB\":"),
      let totalB = scanner.integer(",\"totalB\":"), let rate = scanner.number("},\"learningRate\":"),
      let norm = scanner.number(",\"gradientNorm\":"), let sentences = scanner.integer(",\"sentences\":"),
      let tokens = scanner.integer(",\"realTokens\":"), let seconds = scanner.number(",\"seconds\":"),
      let elapsed = scanner.number(",\"elapsed\":")
    else { return nil }
    let applied = scanner.skip(",\"applied\":true}")
    guard applied || scanner.skip(",\"applied\":false}"), scanner.bytes.isEmpty else { return nil }
    return .step(
      StepRecord(
        step: step, epoch: epoch, batch: batch, batches: batches, loss: loss, losses: PerTask(lossA, lossB),
        counts: MetricCounts(correct: PerTask(correctA, correctB), total: PerTask(totalA, totalB)),
        learningRate: rate, gradientNorm: norm, sentences: sentences, realTokens: tokens, seconds: seconds,
        elapsed: elapsed, applied: applied))
  }

  private struct Scanner {
    var bytes: ArraySlice<UInt8>

    mutating func skip(_ text: String) -> Bool {
      guard bytes.starts(with: text.utf8) else { return false }
      bytes = bytes.dropFirst(text.utf8.count)
      return true
    }

    mutating func integer(_ key: String) -> Int? {
      guard skip(key) else { return nil }
      let digits = bytes.prefix { $0 == UInt8(ascii: "-") || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      bytes = bytes.dropFirst(digits.count)
      return Int(String(decoding: digits, as: UTF8.self))
    }

    /// A number or null; nil where neither stands.
    mutating func figure(_ key: String) -> Double?? {
      let all = bytes
      if skip(key), skip("null") { return .some(nil) }
      bytes = all
      return number(key).map { .some($0) }
    }

    mutating func number(_ key: String) -> Double? {
      guard skip(key) else { return nil }
      for (word, value) in [("\"NaN\"", Double.nan), ("\"Infinity\"", .infinity), ("\"-Infinity\"", -.infinity)]
      where bytes.first == UInt8(ascii: "\"") && skip(word) { return value }
      let text = bytes.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "}") }
      bytes = bytes.dropFirst(text.count)
      return Double(String(decoding: text, as: UTF8.self))
    }
  }
}
