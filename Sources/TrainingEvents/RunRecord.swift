/// What a run's source says, in order.
public enum RunRecord: Hashable, Sendable {
  /// An event and when it was, in seconds since 1970.
  case event(TrainingEvent, time: Double)
  /// Steps that are known by their summary alone, and when the last of them was done.
  indirect case summary(StepSummary, time: Double)
  /// How many steps there are at least, said before them: whoever keeps curves may choose by it how fine they are.
  case extent(steps: Int)
  /// Whether the run lives where these records come from; it does until this says otherwise.
  case standing(RunStanding)
}

/// Whether a run lives where its records come from.
public enum RunStanding: Hashable, Sendable {
  /// A process trains it, or has just ended.
  case live
  /// A process trains it that takes no commands: what it writes into the run's folder is followed.
  case followed
  /// Its folder alone is there: what became of it, in a word.
  case stored(String)
  /// It may live on, but nothing is heard of it any more, for the reason given.
  case lost(String)
}
