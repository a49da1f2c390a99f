public import TrainingEvents

/// A run's figures under the names that its curves have outside of it, as `train/loss` and `dev/accuracy_a`.
public enum CurvePoints {
  public typealias Point = (name: String, value: Double)

  /// The curves that have a point a step, in the order of `figures`.
  public static let stepNames = [
    "train/loss", "train/loss_a", "train/loss_b", "gradient_norm", "learning_rate", "train/accuracy_a",
    "train/accuracy_b", "epoch", "elapsed",
  ]

  /// The place of a step's figure among `stepNames`.
  public static func place(of figure: StepFigure) -> Int { figure.place }

  /// The place of the training seconds among `stepNames`.
  public static let elapsedPlace = 8

  /// Gives each figure that a step has, with its place among `stepNames`.
  @inlinable
  public static func figures(of step: StepRecord, _ take: (_ place: Int, _ value: Double) -> Void) {
    take(0, step.loss)
    if let loss = step.losses.sentence { take(1, loss) }
    if let loss = step.losses.words { take(2, loss) }
    take(3, step.gradientNorm)
    take(4, step.learningRate)
    if let accuracy = step.counts.accuracy(.sentence) { take(5, accuracy) }
    if let accuracy = step.counts.accuracy(.words) { take(6, accuracy) }
    if step.batches > 0 { take(7, Double(step.epoch) + Double(step.batch) / Double(step.batches)) }
    take(8, step.elapsed)
  }

  /// What a step adds to the curves.
  public static func points(of step: StepRecord) -> [Point] {
    var points: [Point] = []
    figures(of: step) { place, value in points.append((stepNames[place], value)) }
    return points
  }

  /// What an evaluation adds to the curves.
  public static func points(of evaluation: EvaluationRecord) -> [Point] {
    var figures: [(String, Double?)] = [("loss", evaluation.loss)]
    figures += ModelTask.allCases.map { ("loss_" + $0.suffix, evaluation.losses[$0]) }
    figures += ModelTask.allCases.map { ("accuracy_" + $0.suffix, evaluation.counts.accuracy($0)) }
    figures += [
      ("exact_match", evaluation.exactMatch), ("entity_precision", evaluation.entityPrecision),
      ("entity_recall", evaluation.entityRecall), ("entity_f1", evaluation.entityF1),
    ]
    // A figure that does not exist has no point.
    return figures.compactMap { name, value in value.map { ("\(evaluation.split.rawValue)/\(name)", $0) } }
  }

  /// When a step was done, of several that were logged together: an event has the time of its last step.
  ///
  /// `elapsed` and `end`: training seconds of the run at the end of the step, and of the last one.
  public static func time(ofStepAt elapsed: Double, before end: Double, loggedAt time: Double) -> Double {
    time - max(0, end - elapsed)
  }
}
