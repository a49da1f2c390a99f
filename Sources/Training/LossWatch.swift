internal import Formatting
internal import Glibc
internal import TrainingEvents

/// Notices a loss that is finite but far above what guessing gives: a run that has gone wrong without a NaN.
struct LossWatch {
  /// Steps that the mean goes back.
  private static let reach = 20.0
  /// Steps before which nothing is said.
  private static let leastSteps = 5
  /// How many times the loss of guessing is said to be too much, and below which it is well again.
  private static let tooMuch = 3.0
  private static let wellAgain = 1.5

  /// The cross-entropy of giving every label the same probability; nil for a task that the data lack.
  private let guesses: PerTask<Double?>
  private var mean = 0.0
  private var weight = 0.0
  private var steps = 0
  private var hasWarned = false

  /// - Parameter labels: how many each task has; one label counts as two, as its own cross-entropy is 0.
  init(labels: PerTask<Int>) { guesses = labels.map { $0 == 0 ? nil : log(Double(max(2, $0))) } }

  /// Adds a step; returns a sentence when the mean of the newest losses rises too far, once until it has come down.
  mutating func warning(of step: StepRecord, weights: PerTask<Double>) -> String? {
    guard step.applied, let guess = weights.weightedSum(of: guesses), guess > 0 else { return nil }
    mean += (step.loss - mean) / Self.reach
    weight += (1 - weight) / Self.reach
    steps += 1
    // Divided by its weight, the mean is not drawn to the 0 that it began with.
    let times = mean / weight / guess
    if times < Self.wellAgain { hasWarned = false }
    guard steps >= Self.leastSteps, times > Self.tooMuch, !hasWarned else { return nil }
    hasWarned = true
    return
      "The loss is about \(NumberText.short(mean / weight)), \(NumberText.compact(times)) times what guessing gives: the"
      + " run may be diverging."
      + " Lower the learning rate, or begin anew with a lower --learning-rate."
  }
}
