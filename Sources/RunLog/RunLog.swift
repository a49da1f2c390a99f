/// A run's log: the file in its folder that holds every event, with its time.
///
/// It begins with "MTTRUNLG" and the version. Then come frames, each an event or steps, in order; after each few thousand
/// steps a summary of them ends a chunk, so that a reader need not go through the steps. The newest million steps are
/// there one by one, earlier ones in their chunks' summaries. Nothing is ever changed in place: a writer appends, or puts
/// a whole new file in the old one's place.
public enum RunLog {
  public static let fileName = "run.log"
  /// The version of the file and of what crosses the socket.
  public static let version: UInt32 = 1
  /// Steps that stay one by one, and how many more there may be before the oldest are put together.
  static let detailedSteps = 1_000_000
  static let slackSteps = 250_000
  /// Runs up to this length are read step by step: a curve then shows every step, or few at a time, as it does live.
  public static let stepsReadOneByOne = 1 << 19
}
