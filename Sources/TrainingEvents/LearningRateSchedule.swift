internal import Glibc

/// The learning rate as a pure function of the step: linear warm-up to the peak, then a decay that reaches 0 just
/// after the last step.
public struct LearningRateSchedule: Hashable, Sendable {
  public let peak: Double
  public let totalSteps: Int
  public let warmupSteps: Int
  public let shape: RunConfiguration.Schedule

  /// `warmup`: share of all steps, in 0...1.
  public init(peak: Double, totalSteps: Int, warmup: Double, shape: RunConfiguration.Schedule) {
    self.peak = peak
    self.totalSteps = totalSteps
    let wanted = (Double(totalSteps) * warmup).rounded()
    warmupSteps = wanted > 0 && wanted < 1e15 ? Int(wanted) : 0
    self.shape = shape
  }

  /// The rate of a step, counted from 1.
  public func rate(step: Int) -> Double {
    if step <= warmupSteps, warmupSteps > 0 { return peak * Double(step) / Double(warmupSteps) }
    let decaySteps = max(1, totalSteps - warmupSteps)
    let progress = min(1, Double(step - 1 - warmupSteps) / Double(decaySteps))
    switch shape {
    case .constant: return peak
    case .linear: return peak * (1 - progress)
    case .cosine: return peak * 0.5 * (1 + cos(.pi * progress))
    }
  }
}
