/// How often parts of a run have changed: whoever drew something of a part can tell whether it still holds.
public struct RunRevisions: Hashable, Sendable {
  /// All that a step alone leaves as it is: description, epochs, evaluations, best, checkpoints, phase.
  public internal(set) var records = 0
  /// The lines of the log.
  public internal(set) var log = 0
}
