internal import CCycles
internal import Glibc

/// Counts the processor cycles of this program's threads.
public final class CycleCounter {
  private let file: Int32

  /// Counts for the calling thread and those that it starts from now on; nil where no program may.
  public init?() {
    file = mtt_open_cycles()
    guard file >= 0 else { return nil }
  }

  deinit { close(file) }

  /// Cycles so far; nil where they were not counted all the time.
  public func count() -> UInt64? {
    var cycles: UInt64 = 0
    return mtt_read_cycles(file, &cycles) ? cycles : nil
  }
}
