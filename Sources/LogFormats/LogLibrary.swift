internal import Dispatch
internal import Glibc
public import LoggedRuns

/// Every log below some paths: found, read in turns on all cores, and followed as they grow.
///
/// Nobody waits for it: what is read comes as updates, at most twenty a second.
public actor LogLibrary {
  /// What is new.
  public struct Update: Sendable {
    /// Runs that are new or changed.
    public var runs: [LoggedRun]
    /// Whether there is more to read right now.
    public var isLoading: Bool
  }

  private static let turn = 0.05
  private static let pause = Duration.milliseconds(50)
  /// Seconds between looks for new logs, and at logs that nobody wrote to for an hour.
  private static let scanInterval = 5.0

  private let paths: [String]
  private var logs: [OpenedLog] = []
  private var known: Set<LogLocation> = []
  private var names: Set<String> = []
  private var watch: FolderWatch?
  private let pipe: Int32?
  private let cache: CurveCache?
  private var lastScan = ContinuousClock.now

  /// `paths`: folders and files, as `LogDiscovery.logs` takes them.
  /// `pipe`: a descriptor to read lines from, besides. `cache`: where large logs are looked up, and kept.
  public init(paths: [String], pipe: Int32? = nil, cache: CurveCache? = nil) {
    self.paths = paths
    self.cache = cache
    self.pipe = pipe
    if let pipe {
      logs.append(OpenedLog(LogLocation(path: "-", format: .pipe, name: "standard input"), descriptor: pipe))
    }
  }

  /// Looks for logs for the first time, and reads nothing yet. Throws where there is none at a path.
  public func open() throws(LogError) -> [LoggedRun] {
    for path in paths { add(try LogDiscovery.logs(at: path)) }
    return logs.map(\.run)
  }

  /// Reads everything that is there now, and returns.
  public func readAll() async -> [LoggedRun] {
    while logs.contains(where: \.hasMore) { _ = await read(logs.indices.filter { logs[$0].hasMore }) }
    cache?.prune(now: Self.now)
    return logs.map(\.run)
  }

  /// Where the runs with these ids come from.
  public func locations(of ids: [String]) -> [LogLocation] {
    logs.map(\.location).filter { ids.contains($0.path) }
  }

  /// Some steps of runs as fine as their logs have them, by run and metric: the logs are read again. What is there by the
  /// time the task is cancelled is left.
  ///
  /// `steps`: by run.
  public func points(
    of metrics: [String], steps: [String: ClosedRange<Int64>]
  ) async -> [String: [String: [SeriesBucket]]] {
    let wanted = logs.compactMap { log in steps[log.location.path].map { (log.location, $0) } }
    return await Self.points(of: metrics, wanted)
  }

  private nonisolated static func points(
    of metrics: [String], _ wanted: [(LogLocation, ClosedRange<Int64>)]
  ) async -> [String: [String: [SeriesBucket]]] {
    var found: [String: [String: [SeriesBucket]]] = [:]
    await withTaskGroup(of: LoggedRun?.self) { group in
      var rest = wanted[...]
      func next() {
        guard let (location, window) = rest.popFirst() else { return }
        group.addTask {
          var log = OpenedLog(location, window: window)
          while log.hasMore {
            guard !Task.isCancelled else { return nil }
            log.read(within: ReadBudget(seconds: turn))
          }
          return log.run
        }
      }
      for _ in 0..<width { next() }
      while let run = await group.next() {
        if let run {
          found[run.id] = Dictionary(
            uniqueKeysWithValues: metrics.compactMap { name in run.metric(name).map { (name, $0.buckets) } })
        }
        next()
      }
    }
    return found
  }

  /// Reads on and on until the task is cancelled; every change goes to `publish`.
  public func follow(_ publish: @Sendable (Update) async -> Void) async {
    let (wakes, continuation) = AsyncStream.makeStream(
      of: FolderWatch.Wake.self, bufferingPolicy: .bufferingNewest(256))
    watch = FolderWatch(continuation)
    let pipeWatch = pipe.map { PipeWatch($0) }
    for log in logs { watch?.add(log.folder) }
    var iterator = wakes.makeAsyncIterator()
    var due = Array(logs.indices)
    cache?.prune(now: Self.now)
    while !Task.isCancelled {
      let changed = await read(due)
      let busy = logs.indices.filter { logs[$0].hasMore }
      if !changed.isEmpty { await publish(Update(runs: changed.map { logs[$0].run }, isLoading: !busy.isEmpty)) }
      if busy.isEmpty {
        if logs.contains(where: \.isOpenPipe) { pipeWatch?.arm(continuation) }
        try? await Task.sleep(for: Self.pause)
        guard let wake = await iterator.next(isolation: self) else { return }
        due = await logsConcerned(by: wake, publish)
      } else {
        due = busy
      }
    }
  }

  private func logsConcerned(
    by wake: FolderWatch.Wake, _ publish: @Sendable (Update) async -> Void
  ) async -> [Int] {
    switch wake {
    case .folders(let folders): return logs.indices.filter { folders.contains(logs[$0].folder) }
    case .pipe: return logs.indices.filter { logs[$0].isOpenPipe }
    case .tick:
      guard lastScan.duration(to: .now) > .seconds(Self.scanInterval) else {
        return logs.indices.filter { logs[$0].isRecent }
      }
      lastScan = .now
      let before = logs.count
      for path in paths { add((try? LogDiscovery.logs(at: path)) ?? []) }
      // Those made anew, too.
      for log in logs { watch?.add(log.folder) }
      if logs.count > before {
        await publish(Update(runs: logs[before...].map(\.run), isLoading: true))
      }
      return Array(logs.indices)
    }
  }

  private func add(_ found: [LogLocation]) {
    for var location in found where known.insert(location).inserted {
      // The same name below another path: the path distinguishes them. In the same folder: the kind of log does.
      if !names.insert(location.name).inserted {
        if logs.contains(where: { $0.location.path == location.path }) {
          location.name += " (\(location.format.rawValue))"
        } else {
          location.name = location.path.split(separator: "/").suffix(3).joined(separator: "/")
        }
        names.insert(location.name)
      }
      logs.append(OpenedLog(location, cache: cache))
    }
  }

  /// Gives each of the logs a turn, as many at once as there are cores; returns those that changed.
  private func read(_ due: [Int]) async -> [Int] {
    var changed: [Int] = []
    await withTaskGroup(of: (Int, OpenedLog).self) { group in
      var rest = due[...]
      func next() {
        guard let index = rest.popFirst() else { return }
        let log = logs[index]
        group.addTask {
          var log = log
          log.read(within: ReadBudget(seconds: Self.turn))
          return (index, log)
        }
      }
      for _ in 0..<Self.width { next() }
      while let (index, log) = await group.next() {
        if log.isNewer(than: logs[index]) { changed.append(index) }
        logs[index] = log
        next()
      }
    }
    return changed
  }

  private static let width = 4

  /// Seconds since 1970.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec)
  }
}

extension OpenedLog {
  /// Whether reading brought anything that could be shown.
  func isNewer(than old: OpenedLog) -> Bool {
    old.hasMore || hasMore || run.bytes != old.run.bytes || run.lastWrite != old.run.lastWrite
      || run.problems != old.run.problems || run.declaredState != old.run.declaredState || run.files != old.run.files
  }

  /// Whether it is a pipe that somebody may still write into.
  var isOpenPipe: Bool { location.format == .pipe && run.declaredState != .ended }

  /// Whether it was written to within the last hour, so that more may come.
  var isRecent: Bool { run.lastWrite.map { LogLibrary.now - $0 < 3600 } ?? true }
}
