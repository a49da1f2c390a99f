import TrainingEvents

/// When the next frame may be drawn, and whether time has to pass visibly. Times are monotonic seconds.
struct FramePacing {
  var lastFrame = -Double.infinity
  var lastInput = -Double.infinity
  /// Whether the terminal's window has the focus, as far as it reports it.
  var isFocused = true
  /// Whether a frame is waiting for its time.
  var isScheduled = false

  /// Seconds until the next frame may be drawn: 30 frames a second while keys or mouse are used, 10 while the run alone
  /// moves, 4 while the window is not looked at.
  func wait(now: Double) -> Double {
    let interval = !isFocused ? 0.25 : now - lastInput < 1 ? 1.0 / 30 : 0.1
    return max(0, lastFrame + interval - now)
  }

  /// Seconds until a terminal that was busy is asked again.
  static let busyWait = 0.02

  /// Whether a clock is running, or a passing notice on the screen, which an input may have brought up, or something else
  /// is watched.
  func needsTicks(phase: RunPhase, isWatched: Bool = false, now: Double) -> Bool {
    if isWatched { return true }
    return switch phase {
    case .loading, .running, .pausing, .evaluating, .stopping: true
    case .paused, .finished, .failed: now - lastInput < 6
    }
  }
}
