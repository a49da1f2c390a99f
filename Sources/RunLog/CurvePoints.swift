public import TrainingEvents

/// A run's figures under the names that its curves have outside of it, as `train/loss` and `dev/accuracy_a`.
public enum CurvePoints {
  public typealias Point = (name: String, value: Double)

  /// What a step adds to the curves.
  public static func points(of step: StepRecord) -> [Point] {
    let figures: [(String, Double?)] = [
      ("train/loss", step.loss), ("train/loss_a", step.lossA), ("train/loss_b", step.lossB),
      ("learning_rate", step.learningRate), ("gradient_norm", step.gradientNorm),
      ("train/accuracy_a", step.counts.accuracyA), ("train/accuracy_b", step.counts.accuracyB),
      ("epoch", step.batches > 0 ? Double(step.epoch) + Double(step.batch) / Double(step.batches) : nil),
    ]
    return present(figures)
  }

  /// What an evaluation adds to the curves.
  public static func points(of evaluation: EvaluationRecord) -> [Point] {
    let figures: [(String, Double?)] = [
      ("loss", evaluation.loss), ("loss_a", evaluation.lossA), ("loss_b", evaluation.lossB),
      ("accuracy_a", evaluation.counts.accuracyA), ("accuracy_b", evaluation.counts.accuracyB),
      ("exact_match", evaluation.exactMatch), ("entity_precision", evaluation.entityPrecision),
      ("entity_recall", evaluation.entityRecall), ("entity_f1", evaluation.entityF1),
    ]
    return present(figures.map { ("\(evaluation.split.rawValue)/\($0.0)", $0.1) })
  }

  /// A figure that does not exist has no point.
  private static func present(_ figures: [(String, Double?)]) -> [Point] {
    figures.compactMap { name, value in value.map { (name, $0) } }
  }
}
