internal import RunFolder
public import RunLog
internal import TextData
public import TrainingEvents

/// A run in this process: trains on its own thread, from the moment it is made until its stream ends.
public final class TrainingEngine: TrainingSession {
  /// What to do: start a new run or go on with an old one.
  public enum Start: Codable, Sendable {
    case new(RunConfiguration)
    /// A run's folder; `epochs` and `threads`, if given, replace the run's. `acceptsChangedData`: whether data files may
    /// have changed since it began.
    case resume(directory: String, epochs: Int?, threads: Int?, acceptsChangedData: Bool = false)
  }

  public let events: AsyncStream<TrainingEvent>
  private let commands: CommandQueue

  /// Returns at once; loading and every failure are told by events, the last being the phase `finished` or `failed`
  /// with its outcome. A stream that is dropped does not end the run.
  ///
  /// `observers` hear everything that the stream's listener does.
  public init(_ start: Start, observers: [any RunObserver] = []) {
    let listener = EventBuffer()
    let commands = CommandQueue()
    events = listener.events
    self.commands = commands
    for observer in observers { observer.begin { commands.put($0) } }
    let started = EngineThread.start {
      Self.train(start, feed: EventFeed(listener: listener, observers: observers), commands: commands)
    }
    if !started {
      let outcome = RunOutcome(exitCode: 70, message: "The system has no thread left for the training engine.")
      let feed = EventFeed(listener: listener, observers: observers)
      feed.finish(with: .phaseChanged(PhaseChange(phase: .failed, step: 0, outcome: outcome))) {}
    }
  }

  public func send(_ command: TrainingCommand) { commands.put(command) }

  /// The engine thread's whole life.
  private static func train(_ start: Start, feed: EventFeed, commands: CommandQueue) {
    feed.send(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
    do throws(RunFailure) {
      let run = try Loading.load(start, feed: feed, commands: commands)
      run.model.adoptCallingThread()
      feed.record(with: run.recorder, in: run.folder.path)
      feed.send(.runStarted(run.description))
      feed.log(run.description.lossDescription, step: run.state.step)
      feed.log(run.summary, step: run.state.step)
      for finding in run.dataset.findings { feed.log(finding, step: run.state.step) }
      if let frozen = run.frozen { feed.log(frozen, step: run.state.step) }
      for remark in run.remarks { feed.log(remark, level: .warning, step: run.state.step) }
      let loop = TrainingLoop(
        configuration: run.configuration, dataset: run.dataset, model: run.model, folder: run.folder, feed: feed,
        commands: commands, stepsPerEpoch: run.description.stepsPerEpoch, state: run.state)
      let outcome = loop.run()
      let phase = Self.phase(of: outcome)
      feed.finish(with: .phaseChanged(PhaseChange(phase: phase, step: loop.state.step, outcome: outcome))) {
        run.folder.end(outcome, step: loop.state.step, time: Clock.sinceEpoch())
        run.folder.close()
      }
    } catch {
      let outcome = error.outcome
      feed.finish(with: .phaseChanged(PhaseChange(phase: phase(of: outcome), step: 0, outcome: outcome))) {}
    }
  }

  private static func phase(of outcome: RunOutcome) -> RunPhase {
    outcome.exitCode == 0 || outcome.exitCode == 75 ? .finished : .failed
  }
}
