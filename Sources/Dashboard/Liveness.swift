import Formatting
import RunModel
import TrainingEvents

/// Whether what is shown is of now.
enum Liveness: Hashable, Sendable {
  case live
  /// For so many seconds.
  case paused(Double)
  /// No sign of the engine for so many seconds.
  case silent(Double)
  case ended

  var isLive: Bool { self == .live }

  /// What to say in place of rates that are not of now; nil where they are.
  func words(resumeKey: String = "p") -> String? {
    switch self {
    case .live, .ended: nil
    case .paused(let seconds): "paused \(Self.ago(seconds)), \(resumeKey) goes on"
    case .silent(let seconds): "no answer for \(Self.span(seconds))"
    }
  }

  static func ago(_ seconds: Double) -> String { seconds < 5 ? "just now" : span(seconds) + " ago" }

  /// A time in its largest unit: 12 s, 2 min, 3 h, 4 days.
  static func span(_ seconds: Double) -> String {
    let whole = Int(max(0, min(seconds.isFinite ? seconds : 0, 1e9)))
    if whole < 120 { return "\(whole) s" }
    if whole < 7200 { return "\(whole / 60) min" }
    return whole < 172_800 ? "\(whole / 3600) h" : "\(whole / 86_400) days"
  }
}

extension DashboardModel {
  func liveness(now: Double) -> Liveness {
    if run.hasEnded { return .ended }
    if let seconds = engine.silence(run.phase, now: now) { return .silent(seconds) }
    return run.phase == .paused ? .paused(max(0, now - run.clock.phaseStart)) : .live
  }
}
