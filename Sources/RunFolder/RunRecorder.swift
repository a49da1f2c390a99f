internal import Glibc
public import TrainingEvents

/// Writes `metrics.jsonl` and `log.txt` from the events as they pass. For one thread at a time.
public final class RunRecorder {
  static let fileNames = ["metrics.jsonl", "log.txt"]

  private let metrics: AppendFile
  private let log: AppendFile
  private var failing = false

  /// Bytes of `metrics.jsonl` so far: where a resume from this moment cuts it.
  public var metricsLength: Int { metrics.length }

  /// `metricsLength`: bytes of `metrics.jsonl` to keep, 0 for a new run.
  init(folder: String, metricsLength: Int) throws(RunFolderError) {
    metrics = try AppendFile(path: folder + "/" + Self.fileNames[0], limit: metricsLength)
    log = try AppendFile(path: folder + "/" + Self.fileNames[1])
  }

  /// Records an event.
  ///
  /// Returns a sentence when writing begins to fail or works again; nil otherwise.
  public func record(_ event: TrainingEvent) -> String? {
    for line in MetricLine.lines(of: event) { metrics.append(line.json) }
    for line in LogText.lines(of: event, now: Self.now()) { log.append(line.utf8) }
    do throws(RunFolderError) {
      try metrics.flush()
      try log.flush()
    } catch {
      defer { failing = true }
      return failing ? nil : "\(error). Training goes on; the lines wait in memory and are tried again."
    }
    guard failing else { return nil }
    failing = false
    let lost = metrics.droppedLines + log.droppedLines
    return "Metrics and log are written again\(lost == 0 ? "." : "; \(lost) lines were lost meanwhile.")"
  }

  /// Makes everything recorded so far durable.
  public func synchronize() throws(RunFolderError) {
    try metrics.synchronize()
    try log.synchronize()
  }

  /// Writes anew whichever of the files was deleted, with all its lines so far.
  ///
  /// Returns a sentence where it has; a file that cannot be written stays as it is, to be tried again.
  public func restore() -> String? {
    let lost = [metrics, log].filter { !$0.isInPlace }
    let restored = lost.filter { (try? $0.restore()) != nil }
    guard !restored.isEmpty else { return nil }
    return "\(restored.map(\.path).joined(separator: " and ")): deleted under way; written anew with all lines so far."
  }

  /// Seconds since 1970.
  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
