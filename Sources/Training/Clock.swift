internal import Glibc

/// The two clocks of a run.
enum Clock {
  /// Seconds since some fixed moment; never goes back.
  static func monotonic() -> Double { seconds(CLOCK_MONOTONIC) }

  /// Seconds since 1970.
  static func sinceEpoch() -> Double { seconds(CLOCK_REALTIME) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// Training seconds: goes on from earlier processes' seconds and stands still while paused.
struct Stopwatch {
  private var before: Double
  private var startedAt: Double?

  /// Runs from now on.
  init(before: Double) {
    self.before = before
    startedAt = Clock.monotonic()
  }

  var elapsed: Double { before + (startedAt.map { Clock.monotonic() - $0 } ?? 0) }

  mutating func stop() {
    before = elapsed
    startedAt = nil
  }

  mutating func start() {
    if startedAt == nil { startedAt = Clock.monotonic() }
  }
}
