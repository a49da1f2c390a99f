public import TrainingEvents

/// A run in this process: trains on its own thread, from the moment it is made until its stream ends.
public final class TrainingEngine: TrainingSession {
  /// What to do: start a new run or go on with an old one.
  public enum Start: Sendable {
    case new(RunConfiguration)
    /// A run's folder; `epochs`, if given, replaces the run's.
    case resume(directory: String, epochs: Int?, threads: Int?)
  }

  public let events: AsyncStream<TrainingEvent>

  /// Returns at once; loading and every failure are told by events, the last being the phase `finished` or `failed`
  /// with its outcome.
  public init(_ start: Start) {
    events = AsyncStream { $0.finish() }
  }

  public func send(_ command: TrainingCommand) {}
}
