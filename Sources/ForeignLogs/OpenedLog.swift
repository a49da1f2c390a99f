public import LoggedRuns

/// A log that is open: its run as far as it is read, and the reader that goes on.
public struct OpenedLog: Sendable {
  public let location: LogLocation
  public private(set) var run: LoggedRun
  private var reader: any LogReader
  /// Whether there may be more to read right now.
  public private(set) var hasMore = true

  /// `descriptor`: what `-` is read from.
  public init(_ location: LogLocation, descriptor: Int32 = 0) {
    self.location = location
    run = LoggedRun(id: location.path, name: location.name, format: location.format)
    switch location.format {
    case .run: reader = RunFolderLog(folder: location.path)
    case .tensorBoard: reader = EventFolder(path: location.path)
    case .trainerState: reader = TrainerStateLog(folder: location.path)
    case .jsonLines: reader = JSONLinesLog(path: location.path)
    case .table: reader = TableLog(path: location.path)
    case .mlflow: reader = MLflowLog(folder: location.path)
    case .wandb: reader = WandbLog(path: location.path)
    case .pipe: reader = PipeLog(descriptor: descriptor)
    }
    if [.tensorBoard, .jsonLines, .table].contains(location.format) {
      run.configuration = SideConfiguration.read(folder: folder)
    }
  }

  /// The folder whose changes mean that there is more to read.
  public var folder: String {
    FolderEntry.isFolder(location.path) ? location.path : LogDiscovery.parent(location.path)
  }

  /// Reads on within a budget; whether anything was new is told by the run's bytes and state.
  ///
  /// `observer`: gets every point, as `LogSink` says.
  public mutating func read(
    within budget: ReadBudget, observer: ((String, Int64, Double, Double) -> Void)? = nil
  ) {
    var sink = LogSink(run: run)
    sink.observer = observer
    // The sink's copy is then the only one, and grows in place.
    run = LoggedRun(id: location.path, name: location.name, format: location.format)
    hasMore = reader.read(into: &sink, within: budget)
    run = sink.run
    if !hasMore { run.isComplete = true }
    if !hasMore, run.metrics.isEmpty, !run.problems.isEmpty, run.declaredState == nil {
      run.declaredState = .unreadable
    }
  }
}
