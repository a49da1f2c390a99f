internal import Synchronization
internal import TrainingEvents

/// Events on their way to a listener who may be slow, or stand still behind a pipe that nobody reads: the engine never
/// waits, and what waits does not grow with the steps.
///
/// Beyond a number of steps the oldest of them are merged into one event and every second is left out, again and again;
/// other events wait as they are. The run's folder has every step.
final class EventBuffer: Sendable {
  /// Steps that wait with nothing left out.
  static let mostSteps = 20_000

  fileprivate struct State {
    /// A slice, from whose front events are taken without moving the others.
    var waiting: ArraySlice<TrainingEvent> = []
    var steps = 0
    var isFinished = false
    var reader: CheckedContinuation<TrainingEvent?, Never>?
  }

  private let state = Mutex(State())

  /// The events in order, for one listener; who drops the stream disturbs nobody.
  var events: AsyncStream<TrainingEvent> { AsyncStream { await self.next() } }

  func yield(_ event: TrainingEvent) {
    let reader = state.withLock { state -> CheckedContinuation<TrainingEvent?, Never>? in
      if let reader = state.reader {
        state.reader = nil
        return reader
      }
      state.add(event)
      return nil
    }
    reader?.resume(returning: event)
  }

  func finish() {
    let reader = state.withLock { state in
      state.isFinished = true
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: nil)
  }

  private func next() async -> TrainingEvent? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let event: TrainingEvent?? = state.withLock { state in
          if let event = state.take() { return event }
          guard !state.isFinished, !Task.isCancelled else { return .some(nil) }
          state.reader = continuation
          return nil
        }
        if let event { continuation.resume(returning: event) }
      }
    } onCancel: {
      let reader = state.withLock { state in
        defer { state.reader = nil }
        return state.reader
      }
      reader?.resume(returning: nil)
    }
  }
}

extension EventBuffer.State {
  fileprivate mutating func add(_ event: TrainingEvent) {
    waiting.append(event)
    guard case .stepsCompleted(let records) = event else { return }
    steps += records.count
    if steps > EventBuffer.mostSteps { thin() }
  }

  fileprivate mutating func take() -> TrainingEvent? {
    guard let event = waiting.popFirst() else { return nil }
    if case .stepsCompleted(let records) = event { steps -= records.count }
    return event
  }

  /// Merges the steps between two other events, and leaves out every second one.
  private mutating func thin() {
    var thinned: ArraySlice<TrainingEvent> = []
    var merged: [StepRecord] = []
    steps = 0
    func appendMerged() {
      guard !merged.isEmpty else { return }
      // The newest of each pair stays, and so does the newest of all.
      let kept = stride(from: (merged.count + 1) % 2, to: merged.count, by: 2).map { merged[$0] }
      steps += kept.count
      thinned.append(.stepsCompleted(kept))
      merged.removeAll(keepingCapacity: true)
    }
    for event in waiting {
      if case .stepsCompleted(let records) = event {
        merged += records
      } else {
        appendMerged()
        thinned.append(event)
      }
    }
    appendMerged()
    waiting = thinned
  }
}
