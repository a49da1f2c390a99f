internal import Synchronization
internal import TrainingEvents

/// A run being loaded on a thread of its own, while the engine's thread hears commands.
///
/// Until it is about to change something on disk it can be given up at any moment; the thread that loads then ends by
/// itself, at the next stage or with the process.
final class Loading: Sendable {
  private enum Stage {
    case reading
    /// Nothing may be written any more.
    case abandoned
    /// Something is being written: what is asked from here on is the training loop's.
    case committed
    case done
  }

  /// How a run crosses from the thread that loads to the engine's.
  ///
  /// `@unchecked Sendable`: the loading thread writes `result` once, before it sets the stage to `done` under the mutex,
  /// and touches the run no more; the engine's thread reads it after it has seen that stage.
  private final class Handover: @unchecked Sendable {
    var result: Result<PreparedRun, RunFailure>?
  }

  private let stage = Mutex(Stage.reading)
  private let handover = Handover()

  /// Whether nobody wants the run any more.
  var isAbandoned: Bool { stage.withLock { $0 == .abandoned } }

  var isDone: Bool { stage.withLock { $0 == .done } }

  /// Ends the loading thread's work where it was given up: to be called between its stages.
  func check() throws(RunFailure) {
    if stage.withLock({ $0 == .abandoned }) { throw Self.stopped }
  }

  /// To be called before the first write.
  func commit() throws(RunFailure) {
    try check()
    let committed = stage.withLock { stage in
      guard stage == .reading else { return false }
      stage = .committed
      return true
    }
    if !committed { throw Self.stopped }
  }

  /// Gives the run up; false where it is too late for that.
  func abandon() -> Bool {
    stage.withLock { stage in
      guard stage == .reading else { return false }
      stage = .abandoned
      return true
    }
  }

  private func finish(_ result: Result<PreparedRun, RunFailure>) {
    handover.result = result
    stage.withLock { if $0 != .abandoned { $0 = .done } }
  }

  static var stopped: RunFailure { RunFailure(exitCode: 75, "Stopped while loading; nothing was trained or written.") }

  // MARK: - The engine's side

  /// Loads a run; meanwhile a command to stop ends it, others wait for the run to begin.
  static func load(
    _ start: TrainingEngine.Start, ranks: RankGroup?, feed: EventFeed, commands: CommandQueue
  ) throws(RunFailure) -> PreparedRun {
    let loading = Loading()
    let started = EngineThread.start {
      loading.finish(
        Result { () throws(RunFailure) in try RunPreparation.prepare(start, loading, ranks, commands) })
      commands.wake()
    }
    guard started else {
      throw RunFailure(exitCode: 70, "The system has no thread left to load the run with; end other programs.")
    }
    var later: [TrainingCommand] = []
    while let command = commands.takeWaiting(unless: { loading.isDone }) {
      if case .stop = command, loading.abandon() {
        feed.send(.phaseChanged(PhaseChange(phase: .stopping, step: 0)))
        throw stopped
      }
      if case .remark(let line) = command {
        feed.send(.log(line))
        continue
      }
      later.append(command)
      feed.log("Asked for while the run is loading: \(command.name). It is done once the run has begun.", step: 0)
    }
    commands.putBack(later)
    guard let result = loading.handover.result else {
      throw RunFailure(exitCode: 70, "Loading ended without a result.")
    }
    return try result.get()
  }
}

extension TrainingCommand {
  /// What is asked for, in words.
  fileprivate var name: String {
    switch self {
    case .pause: "pause"
    case .resume: "go on"
    case .checkpoint: "a checkpoint"
    case .evaluate: "an evaluation"
    case .stop: "stop"
    case .setLearningRate(let rate): "learning rate \(rate)"
    case .setLossWeight(let task, let weight): "weight \(weight) for task \(task.rawValue)"
    case .remark: "a line in the log"
    }
  }
}
