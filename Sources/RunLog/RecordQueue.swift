internal import CProcess
internal import Dispatch
internal import RunFolder
internal import Synchronization

/// The files that a recorder writes, and the queue on which it does.
///
/// `@unchecked Sendable`: the files and what stands beside them are touched on the queue alone, after one thread has
/// opened them; `waiting` has a lock, `written` is atomic, all else is immutable.
final class RecordQueue: @unchecked Sendable {
  /// Bytes that may wait for the queue; beyond, events are dropped and counted.
  private static let largestBacklog = 64 << 20

  /// An event and the lines it leaves.
  struct Item: Sendable {
    var logged: LoggedEvent
    var metrics: [[UInt8]]
    var log: [[UInt8]]

    var size: Int { (metrics + log).reduce(logged.frame.count) { $0 + $1.count } }
  }

  private struct Waiting: Sendable {
    var items: [Item] = []
    var size = 0
    var dropped = 0
    var isScheduled = false
    var problems: [String] = []
  }

  private let waiting = Locked(Waiting())
  private let queue = DispatchQueue(label: "run records")
  private let written: Atomic<UInt64>
  let metricsLength: Int

  // For the queue.
  private let log: RunLogWriter
  private let metrics: AppendFile
  private let text: AppendFile
  private var isFailing = false
  private var isClosed = false
  private var lost = 0

  init(folder: String, position: RecordPosition?) throws(RunFolderError) {
    let paths = RunRecorder.textFiles.map { folder + "/" + $0 }
    metrics = try AppendFile(path: paths[0], limit: position?.metricsLength ?? 0)
    metricsLength = metrics.length
    text = try AppendFile(path: paths[1])
    if let position, position.logIndex == nil { try EarlierRun.writeLog(folder: folder) }
    let checkpoint = position.map { RunLogPosition(index: $0.logIndex ?? .max, step: $0.step) }
    log = try RunLogWriter(folder: folder, checkpoint: checkpoint)
    written = Atomic(log.lastIndex)
  }

  /// The number of the last event that the system has.
  var lastWritten: UInt64 { written.load(ordering: .acquiring) }

  /// Takes an event over, without waiting.
  func put(_ item: Item) {
    let isIdle = waiting.withLock { waiting in
      guard waiting.size < Self.largestBacklog else {
        waiting.dropped += 1
        return false
      }
      waiting.items.append(item)
      waiting.size += item.size
      defer { waiting.isScheduled = true }
      return !waiting.isScheduled
    }
    if isIdle { queue.async { [self] in write() } }
  }

  func takeProblems() -> [String] {
    waiting.withLock { waiting in
      defer { waiting.problems = [] }
      return waiting.problems
    }
  }

  /// Writes what waits, for good: the files may be another's from here on.
  func close() {
    try? synchronize()
    queue.sync { isClosed = true }
  }

  func synchronize() throws(RunFolderError) {
    let failure = queue.sync {
      write()
      let failures = [
        Self.failure { () throws(RunFolderError) in try log.synchronize() },
        Self.failure { () throws(RunFolderError) in try metrics.synchronize() },
        Self.failure { () throws(RunFolderError) in try text.synchronize() },
      ]
      return failures.lazy.compactMap(\.self).first
    }
    if let failure { throw failure }
  }

  func restore() -> String? {
    queue.sync {
      write()
      var restored: [String] = []
      if !log.isInPlace, (try? log.restore()) != nil { restored.append(log.path) }
      for file in [metrics, text] where !file.isInPlace && (try? file.restore()) != nil { restored.append(file.path) }
      guard !restored.isEmpty else { return nil }
      return "\(restored.joined(separator: " and ")): deleted under way; written anew with all that was in it."
    }
  }

  // MARK: - On the queue

  /// Hands what waits to the system.
  private func write() {
    let (items, dropped) = waiting.withLock { waiting in
      defer { waiting = Waiting(problems: waiting.problems) }
      return (waiting.items, waiting.dropped)
    }
    lost += dropped
    for item in items {
      log.append(item.logged)
      for line in item.metrics { metrics.append(line: line) }
      for line in item.log { text.append(line: line) }
    }
    if let problem = flush() { waiting.withLock { $0.problems.append(problem) } }
    guard !isClosed, let compaction = log.compaction() else { return }
    DispatchQueue.global(qos: .utility).async { [self] in
      let result = compaction.run()
      // What it took is given back to the system: the allocator would keep it for as long as the run lasts.
      mtt_return_freed_memory()
      queue.async { [self] in log.take(isClosed ? nil : result) }
    }
  }

  /// Why a call fails; nil where it does not.
  private static func failure(_ call: () throws(RunFolderError) -> Void) -> RunFolderError? {
    do throws(RunFolderError) {
      try call()
      return nil
    } catch {
      return error
    }
  }

  /// Returns a sentence when writing begins to fail or works again; nil otherwise.
  private func flush() -> String? {
    // A file that can be written is not left behind by one that cannot.
    let failures = [
      Self.failure { () throws(RunFolderError) in
        try log.flush()
        written.store(log.lastIndex, ordering: .releasing)
      },
      Self.failure { () throws(RunFolderError) in try metrics.flush() },
      Self.failure { () throws(RunFolderError) in try text.flush() },
    ]
    if let failure = failures.lazy.compactMap(\.self).first {
      defer { isFailing = true }
      return isFailing ? nil : "\(failure). Training goes on; what happens waits in memory and is tried again."
    }
    guard isFailing else { return nil }
    isFailing = false
    let lost = lost + log.dropped + metrics.dropped + text.dropped
    return "Metrics and log are written again\(lost == 0 ? "." : "; \(lost) lines were lost meanwhile.")"
  }
}
