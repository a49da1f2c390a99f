public import TrainingEvents

/// What can be asked of a run's process. Answers belong to their question and are not logged.
public enum RunQuestion: Codable, Hashable, Sendable {
  /// Where the run stands.
  case summary
}

/// An answer to a question.
public enum RunAnswer: Codable, Hashable, Sendable {
  case summary(RunSummary)
  /// Why there is none, as a sentence.
  case refused(String)
}

/// Where a run stands, in a few figures.
public struct RunSummary: Codable, Hashable, Sendable {
  public var phase = RunPhase.loading
  /// When the phase began, in seconds since 1970.
  public var phaseBegan = 0.0
  /// Completed steps, and those that there will be.
  public var step = 0
  public var totalSteps = 0
  /// Whole epochs done, and those that there will be.
  public var epochsDone = 0
  public var epochs = 0

  public init() {}
}
