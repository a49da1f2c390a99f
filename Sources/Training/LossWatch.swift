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

  /// The cross-entropy of giving every class, or every tag, the same probability; nil for a task that the data lack.
  private let guessA: Double?
  private let guessB: Double?
  private var mean = 0.0
  private var weight = 0.0
  private var steps = 0
  private var hasWarned = false

  init(classes: Int, tags: Int) {
    guessA = Self.guess(classes)
    guessB = Self.guess(tags)
  }

  /// That of two where there is one: its own is 0.
  private static func guess(_ count: Int) -> Double? { count == 0 ? nil : log(Double(max(2, count))) }

  /// Adds a step; returns a sentence when the mean of the newest losses rises too far, once until it has come down.
  mutating func warning(of step: StepRecord, weights: TaskWeights) -> String? {
    guard step.applied, let guess = weights.total(guessA, guessB), guess > 0 else { return nil }
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
