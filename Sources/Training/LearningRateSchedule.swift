internal import Glibc
internal import TrainingEvents

/// The learning rate as a pure function of the step: linear warm-up to the peak, then a decay that reaches 0 just
/// after the last step.
struct LearningRateSchedule: Hashable, Sendable {
  let peak: Double
  let totalSteps: Int
  let warmupSteps: Int
  let shape: RunConfiguration.Schedule

  /// `warmup`: share of all steps, in 0...1.
  init(peak: Double, totalSteps: Int, warmup: Double, shape: RunConfiguration.Schedule) {
    self.peak = peak
    self.totalSteps = totalSteps
    warmupSteps = Int((Double(totalSteps) * warmup).rounded())
    self.shape = shape
  }

  /// The rate of a step, counted from 1.
  func rate(step: Int) -> Double {
    if step <= warmupSteps { return peak * Double(step) / Double(warmupSteps) }
    let decaySteps = max(1, totalSteps - warmupSteps)
    let progress = min(1, Double(step - 1 - warmupSteps) / Double(decaySteps))
    switch shape {
    case .constant: return peak
    case .linear: return peak * (1 - progress)
    case .cosine: return peak * 0.5 * (1 + cos(.pi * progress))
    }
  }
}
