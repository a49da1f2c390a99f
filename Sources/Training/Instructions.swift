internal import MultiTaskTransformer

/// The processor's instructions that models are computed with.
public enum Instructions {
  /// What is wrong with the environment's wish for others, as a sentence; nil if nothing is.
  public static var problem: String? { MultiTaskModel.instructionSetProblem }
}
