public import TrainingEvents

/// Hears everything that happens in a run, on the engine's own thread and ahead of its listener: what lets others follow
/// it.
///
/// Nothing here may wait.
public protocol RunObserver: AnyObject, Sendable {
  /// Called first. `send` hands a command to the engine, from any thread.
  func begin(_ send: @escaping @Sendable (TrainingCommand) -> Void)

  /// Before the log is open, events are numbered from 1.
  func take(_ logged: LoggedEvent)

  /// The run has a folder and a log.
  ///
  /// Returns a sentence for the run's log where something is amiss.
  func open(_ log: OpenRunLog) -> String?

  /// The run is about to give up its folder; its last event follows.
  func prepareToEnd()
}

/// The log of a run that goes on in this process.
public struct OpenRunLog: Sendable {
  /// The run's folder.
  public var folder: String
  /// The last event of earlier processes; 0 for a new run.
  public var past: UInt64
  /// The events of this process so far, as they are numbered now.
  public var beginning: [LoggedEvent]
  /// The last event that the file has.
  public var written: @Sendable () -> UInt64

  public init(folder: String, past: UInt64, beginning: [LoggedEvent], written: @escaping @Sendable () -> UInt64) {
    self.folder = folder
    self.past = past
    self.beginning = beginning
    self.written = written
  }
}
