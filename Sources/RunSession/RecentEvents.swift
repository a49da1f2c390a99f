internal import RunLog

/// The newest events of a run, in bounded memory: what clients that keep up are sent from.
///
/// An event goes once the run's log has it and newer ones need its place; where the disk takes nothing, it may stay much
/// longer.
struct RecentEvents {
  private static let usualSize = 1 << 20
  private static let largestSize = 64 << 20

  private var frames: [[UInt8]] = []
  /// The number of the oldest event that is here, or would be.
  private(set) var first: UInt64 = 1
  private var size = 0
  /// The last event that the log has; nil before there is one.
  private var written: (@Sendable () -> UInt64)?
  /// Events before the log was opened, which were numbered from 1 then, and the last event of earlier processes.
  private(set) var past: UInt64 = 0

  /// The number of the newest event.
  var last: UInt64 { first + UInt64(frames.count) - 1 }

  mutating func append(_ logged: LoggedEvent) {
    let frame = Frame(logged).bytes
    frames.append(frame)
    size += frame.count
    if size > Self.usualSize { trim() }
  }

  /// Takes over how the log numbers what has been said so far.
  mutating func begin(_ log: OpenRunLog) {
    written = log.written
    past = log.past
    first = log.past + 1
    frames = log.beginning.map { Frame($0).bytes }
    size = frames.reduce(0) { $0 + $1.count }
  }

  /// Half of the memory at once, so that it is moved seldom.
  private mutating func trim() {
    let safe = written?() ?? 0
    var count = 0
    var rest = size
    while count < frames.count, rest > Self.usualSize / 2 {
      guard first + UInt64(count) <= safe || rest > Self.largestSize else { break }
      rest -= frames[count].count
      count += 1
    }
    frames.removeFirst(count)
    first += UInt64(count)
    size = rest
  }

  /// Frames from an event on, about `length` bytes of them, and the event after them; `index` must be at least `first`.
  func bytes(from index: UInt64, length: Int) -> (bytes: [UInt8], next: UInt64) {
    var bytes: [UInt8] = []
    var next = index
    while next <= last, bytes.count < length {
      bytes += frames[Int(next - first)]
      next += 1
    }
    return (bytes, next)
  }
}
