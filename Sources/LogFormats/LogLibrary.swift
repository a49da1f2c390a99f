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
    /// The runs found in folders that could not be read before, by the ids of those folders, which are no runs any more.
    public var opened: [String: [LoggedRun]] = [:]
    /// Whether there is more to read right now.
    public var isLoading: Bool
  }

  private static let turn = 0.05
  private static let pause = Duration.milliseconds(50)
  /// Seconds between looks for new logs, and at logs that nobody wrote to for an hour.
  private static let scanInterval = 5.0

  private let paths: [String]
  private var list: LogList
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
    list = LogList(cache: cache)
    if let pipe {
      list.add([LogLocation(path: "-", format: .pipe, name: "standard input")], descriptor: pipe)
    }
  }

  private var logs: [OpenedLog] { list.logs }

  /// Looks for logs for the first time, and reads nothing yet. Throws where there is none at a path.
  public func open() throws(LogError) -> [LoggedRun] {
    for path in paths { list.add(try LogDiscovery.logs(at: path)) }
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
    logs.map(\.location).filter { ids.contains($0.id) }
  }

  /// Some steps of runs as fine as their logs have them, by run and metric: the logs are read again. What is there by the
  /// time the task is cancelled is left.
  ///
  /// `steps`: by run.
  public func points(
    of metrics: [String], steps: [String: ClosedRange<Int64>]
  ) async -> [String: [String: [SeriesBucket]]] {
    let wanted = logs.compactMap { log in steps[log.location.id].map { (log.location, $0) } }
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
    // A folder that can be read at last shows what is in it without waiting for the next look around.
    let isDue = wake.isTick && lastScan.duration(to: .now) > .seconds(Self.scanInterval)
    if isDue || list.hasOpened {
      lastScan = .now
      let change = list.update(with: paths.flatMap { (try? LogDiscovery.logs(at: $0)) ?? [] })
      // Those made anew, too.
      for log in logs { watch?.add(log.folder) }
      if !change.isEmpty {
        await publish(Update(runs: change.new, opened: change.opened, isLoading: logs.contains(where: \.hasMore)))
      }
      return Array(logs.indices)
    }
    switch wake {
    case .folders(let folders): return logs.indices.filter { folders.contains(logs[$0].folder) }
    case .pipe: return logs.indices.filter { logs[$0].isOpenPipe }
    case .tick: return logs.indices.filter { logs[$0].isRecent }
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
        list.logs[index] = log
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
