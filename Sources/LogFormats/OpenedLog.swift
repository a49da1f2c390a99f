public import LoggedRuns
internal import Paths
internal import RunFolder
internal import RunLog

/// A log that is open: its run as far as it is read, and the reader that goes on.
public struct OpenedLog: Sendable {
  public let location: LogLocation
  public private(set) var run: LoggedRun
  private var reader: any LogReader
  /// Whether there may be more to read right now.
  public private(set) var hasMore = true
  private let cache: CurveCache?
  private var standing = Standing.unread
  /// Whether what lies beside the log was read: not before the log itself, as there may be thousands.
  private var isConfigured = false

  /// Where what is known of the log comes from.
  private enum Standing: Sendable {
    case unread
    /// The cache, as long as the log's files are these.
    case kept([FileStamp?])
    /// The log; its files were these when reading began, where it is worth keeping.
    case read([FileStamp?]?)
  }

  /// `descriptor`: what `-` is read from. `cache`: where large logs are looked up, and kept. `window`: the steps that are
  /// wanted; nil for all.
  public init(
    _ location: LogLocation, descriptor: Int32 = 0, cache: CurveCache? = nil, window: ClosedRange<Int64>? = nil
  ) {
    self.location = location
    self.cache = cache
    run = Self.emptyRun(location)
    run.window = window
    reader = Self.reader(location, descriptor)
  }

  private static func reader(_ location: LogLocation, _ descriptor: Int32) -> any LogReader {
    switch location.format {
    case .run: RunFolderLog(folder: location.path)
    case .tensorBoard: EventFolder(path: location.path)
    case .trainerState: TrainerStateLog(folder: location.path)
    case .jsonLines: JSONLinesLog(path: location.path)
    case .table: TableLog(path: location.path)
    case .mlflow: MLflowLog(folder: location.path)
    case .wandb: WandbLog(path: location.path)
    case .pipe: PipeLog(descriptor: descriptor)
    case .closedFolder: ClosedFolder(path: location.path)
    }
  }

  private static func emptyRun(_ location: LogLocation) -> LoggedRun {
    LoggedRun(id: location.id, name: location.name, format: location.format)
  }

  private mutating func configure() {
    guard !isConfigured else { return }
    isConfigured = true
    guard [.tensorBoard, .jsonLines, .table].contains(location.format) else { return }
    let (configuration, problem) = SideConfiguration.read(folder: location.folder)
    run.configuration = configuration
    if let problem { run.noteOnce(problem) }
    run.totalEpochs = SideConfiguration.epochs(run.configuration)
  }

  /// The folder whose changes mean that there is more to read.
  public var folder: String { location.folder }

  /// Reads on within a budget; whether anything was new is known by the run's bytes and state.
  ///
  /// `observer`: gets every point, as `LogSink` says.
  public mutating func read(
    within budget: ReadBudget, observer: ((String, Int64, Double, Double) -> Void)? = nil
  ) {
    if let cache, observer == nil, isKnown(to: cache) { return }
    configure()
    // What could not be read may be whole by now.
    if run.declaredState == .unreadable { run.declaredState = nil }
    var sink = LogSink(run: run)
    sink.observer = observer
    // The sink's copy is then the only one, and grows in place.
    run = Self.emptyRun(location)
    hasMore = reader.read(into: &sink, within: budget)
    run = sink.run
    if !hasMore { run.isComplete = true }
    if !hasMore, run.declaredState == nil, isUnreadable { run.declaredState = .unreadable }
    if let cache, !hasMore { keep(in: cache) }
  }

  /// Whether nothing could be read of the log itself, whatever lies beside it.
  private var isUnreadable: Bool {
    guard run.points == 0, !run.problems.isEmpty else { return false }
    let configuration = SideConfiguration.paths(folder: location.folder)
    return run.problems.contains { !configuration.contains($0.file) }
  }

  /// Takes the run out of the cache; false where it has to be read.
  private mutating func isKnown(to cache: CurveCache) -> Bool {
    switch standing {
    case .read: return false
    case .unread:
      guard let stamps = location.stamps else {
        standing = .read(nil)
        return false
      }
      let isLarge = stamps.reduce(0) { $0 + ($1?.size ?? 0) } >= cache.smallestLog
      guard isLarge, !location.isLocked, let kept = cache.run(location, stamps) else {
        standing = .read(isLarge ? stamps : nil)
        return false
      }
      run = kept
      run.name = location.name
      standing = .kept(stamps)
    case .kept(let stamps):
      guard location.stamps == stamps else {
        run = Self.emptyRun(location)
        standing = .read(nil)
        return false
      }
    }
    hasMore = false
    return true
  }

  /// Keeps what was read of files that did not change meanwhile.
  private mutating func keep(in cache: CurveCache) {
    guard case .read(let stamps?) = standing else { return }
    standing = .read(nil)
    let age = stamps.compactMap { $0?.age(now: LogLibrary.now) }.min() ?? 0
    guard age > cache.settlingSeconds, location.stamps == stamps, !location.isLocked else { return }
    cache.keep(run, location, stamps)
  }
}

extension LogLocation {
  /// The folder that the log is, or lies in.
  var folder: String { pathKind(path) == .folder ? path : LogDiscovery.parent(path) }

  /// The stamps of its files now, and of those that configure it; nil for a log of many small files, or of none.
  var stamps: [FileStamp?]? { files.map { files in files.map { FileStamp($0) } } }

  private var files: [String]? {
    let configuration = SideConfiguration.paths(folder: folder)
    switch format {
    case .run:
      return [RunLog.fileName, "metrics.jsonl", RunManifest.fileName, "outcome.json"].map { path + "/" + $0 }
    case .tensorBoard: return (pathKind(path) == .folder ? EventFolder.paths(in: path) : [path]) + configuration
    case .jsonLines, .table: return [path] + configuration
    case .wandb: return [path]
    case .trainerState, .mlflow, .pipe, .closedFolder: return nil
    }
  }

  /// Whether a process of this program trains the run.
  var isLocked: Bool { format == .run && RunLock.isHeld(folder: path) }
}
