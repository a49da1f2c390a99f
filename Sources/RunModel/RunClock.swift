public import TrainingEvents

/// Training time as it passes: stands still while the run is paused or over.
public struct RunClock: Hashable, Sendable {
  private var base = 0.0
  /// When `base` was right, on the monotonic clock; nil while the clock stands still.
  private var since: Double?
  /// When the current phase began.
  public private(set) var phaseStart = 0.0
  private var runs = false

  public init() {}

  /// Training seconds of the run up to now.
  public func elapsed(now: Double) -> Double { base + (since.map { max(0, now - $0) } ?? 0) }

  /// Takes over what the engine counted.
  public mutating func set(_ seconds: Double, now: Double) {
    guard seconds.isFinite, seconds >= 0 else { return }
    base = seconds
    since = runs ? now : nil
  }

  /// Stands still from here on: at what it shows now, or, where `now` is nil, at what the engine counted last.
  mutating func stop(now: Double?) {
    if let now { base = elapsed(now: now) }
    (since, runs) = (nil, false)
  }

  public mutating func enter(_ phase: RunPhase, now: Double) {
    let elapsed = elapsed(now: now)
    switch phase {
    case .running, .pausing, .evaluating, .stopping: runs = true
    case .loading, .paused, .finished, .failed: runs = false
    }
    base = elapsed
    since = runs ? now : nil
    phaseStart = now
  }
}

extension RunState {
  /// Seconds of training and evaluation left, pauses not counted; nil until it can be estimated.
  public func secondsLeft(now: Double) -> Double? { timeLeft.estimate(now: now) }
}
