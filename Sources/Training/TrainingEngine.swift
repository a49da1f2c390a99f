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

  /// Returns at once; loading and every failure are reported by events, the last being the phase `finished` or `failed`
  /// with its outcome. A stream that is dropped does not end the run.
  ///
  /// - Parameters:
  ///   - observers: hear everything that the stream's listener does.
  ///   - ranks: the processes to train with, of which this one is rank 0; nil for a run of this process alone.
  public init(_ start: Start, observers: [any RunObserver] = [], ranks: RankGroup? = nil) {
    let listener = EventBuffer()
    let commands = CommandQueue()
    events = listener.events
    self.commands = commands
    for observer in observers { observer.begin { commands.put($0) } }
    let started = EngineThread.start {
      Self.train(
        start, ranks: ranks, feed: EventFeed(listener: listener, observers: observers), commands: commands)
    }
    if !started {
      let outcome = RunOutcome(exitCode: 70, message: "The system has no thread left for the training engine.")
      let feed = EventFeed(listener: listener, observers: observers)
      feed.finish(with: .phaseChanged(PhaseChange(phase: .failed, step: 0, outcome: outcome))) {}
    }
  }

  public func send(_ command: TrainingCommand) { commands.put(command) }

  /// The engine thread's whole life.
  private static func train(_ start: Start, ranks: RankGroup?, feed: EventFeed, commands: CommandQueue) {
    feed.send(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
    do throws(RunFailure) {
      let run = try Loading.load(start, ranks: ranks, feed: feed, commands: commands)
      run.model.adoptCallingThread()
      feed.record(with: run.recorder, in: run.folder.path)
      feed.send(.runStarted(run.description))
      feed.log(run.description.lossDescription, step: run.state.step)
      feed.log(run.summary, step: run.state.step)
      for finding in run.findings { feed.log(finding, step: run.state.step) }
      if let frozen = run.frozen { feed.log(frozen, step: run.state.step) }
      for remark in run.remarks { feed.log(remark, level: .warning, step: run.state.step) }
      guard let coordinator = run.coordinator else { return train(run, run.model, feed: feed, commands: commands) {} }
      coordinator.take(feed)
      train(run, SharedModel(run.model, coordinator), feed: feed, commands: commands) { coordinator.end() }
    } catch {
      let outcome = error.outcome
      feed.finish(with: .phaseChanged(PhaseChange(phase: phase(of: outcome), step: 0, outcome: outcome))) {}
    }
  }

  /// Trains a model to the run's end.
  ///
  /// `end`: ends what has to be before anybody hears that the run has ended.
  private static func train<Model: TrainableModel>(
    _ run: PreparedRun, _ model: Model, feed: EventFeed, commands: CommandQueue, end: () -> Void
  ) {
    let loop = TrainingLoop(
      configuration: run.configuration, dataset: run.dataset, model: model, folder: run.folder, feed: feed,
      commands: commands, stepsPerEpoch: run.description.stepsPerEpoch, state: run.state, margins: run.margins)
    let outcome = loop.run()
    end()
    let step = loop.state.step
    do throws(RunFolderError) {
      try run.folder.end(outcome, step: step, time: Clock.sinceEpoch())
    } catch {
      feed.alert("How the run ends cannot be written, so it will look like one that has crashed: \(error)", step: step)
    }
    feed.finish(with: .phaseChanged(PhaseChange(phase: phase(of: outcome), step: step, outcome: outcome))) {
      run.folder.close()
    }
  }

  private static func phase(of outcome: RunOutcome) -> RunPhase {
    outcome.exitCode == 0 || outcome.exitCode == 75 ? .finished : .failed
  }
}
