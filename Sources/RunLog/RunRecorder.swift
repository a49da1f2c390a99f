internal import Paths
public import RunFolder
public import TrainingEvents

/// Where a run's records stand: what a checkpoint keeps, so that a resume goes on from there.
public struct RecordPosition: Hashable, Sendable {
  /// Bytes of `metrics.jsonl`.
  public var metricsLength: Int
  /// The number of the log's last event; nil for a run of an earlier version, which had no log.
  public var logIndex: UInt64?
  public var step: Int

  public init(metricsLength: Int = 0, logIndex: UInt64? = 0, step: Int = 0) {
    self.metricsLength = metricsLength
    self.logIndex = logIndex
    self.step = step
  }
}

/// Writes what happens in a run: `run.log`, and from it `metrics.jsonl` and `log.txt` for people and scripts.
///
/// Nothing waits for the disk but `synchronize`, `restore` and `close`: events go to a queue of their own. While the disk
/// takes nothing they wait in memory, up to a limit. For one thread at a time.
public final class RunRecorder {
  static let textFiles = ["metrics.jsonl", "log.txt"]
  private let files: RecordQueue
  private let thinning: MetricsThinning
  /// Bytes of `metrics.jsonl` so far, those that wait included.
  public private(set) var metricsLength: Int
  /// The number of the last event.
  public private(set) var lastIndex: UInt64

  /// The files in a run's folder, which must be as durable as the checkpoint that counts them.
  public static func paths(in folder: String) -> [String] {
    ([RunLog.fileName] + textFiles).map { folder + "/" + $0 }
  }

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - position: what a checkpoint says of them, to go on from there; nil for a new run.
  ///   - thinning: which steps get a line in `metrics.jsonl`.
  public init(
    folder: String, position: RecordPosition? = nil, thinning: MetricsThinning = MetricsThinning()
  ) throws(RunFolderError) {
    files = try RecordQueue(folder: folder, position: position)
    self.thinning = thinning
    metricsLength = files.metricsLength
    lastIndex = files.lastWritten
  }

  /// The number of the last event that the system has.
  public var written: @Sendable () -> UInt64 { { [files] in files.lastWritten } }

  /// Takes an event in; `time` is in seconds since 1970.
  public func record(_ event: TrainingEvent, time: Double) -> LoggedEvent {
    lastIndex += 1
    let logged = LoggedEvent(event, index: lastIndex, time: time)
    let item = RecordQueue.Item(
      logged: logged, metrics: MetricLine.lines(of: event).filter(keeps).map(\.json),
      log: LogText.lines(of: event, now: time).map { Array(PathText.shown($0).utf8) })
    metricsLength += item.metrics.reduce(0) { $0 + $1.count + 1 }
    files.put(item)
    return logged
  }

  private func keeps(_ line: MetricLine) -> Bool {
    guard case .step(let step) = line else { return true }
    return step.isBroken || thinning.keeps(step.step)
  }

  /// Sentences about the disk that have not been given yet.
  public func takeProblems() -> [String] { files.takeProblems() }

  /// Makes everything recorded so far durable.
  public func synchronize() throws(RunFolderError) { try files.synchronize() }

  /// Writes anew whichever of the files was deleted, with all that was in it.
  ///
  /// Returns a sentence where it has; a file that cannot be written stays as it is, to be tried again.
  public func restore() -> String? { files.restore() }

  /// Writes what waits, for good: the files may be another's from here on.
  public func close() { files.close() }
}
