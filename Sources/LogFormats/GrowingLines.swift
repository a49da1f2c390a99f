internal import LoggedRuns

/// A text file that is read line by line as it grows. A last line without its end is not yet written.
struct GrowingLines: Sendable {
  enum Reading {
    /// Whether more may be there right now.
    case lines(more: Bool)
    /// The file's content is another one: what was read of it is void.
    case replaced
    case nothing
  }

  let path: String
  private var file: GrowingFile
  private var buffer: [UInt8] = []
  /// Offset of what follows the buffer.
  private var offset = 0
  /// Lines read so far.
  private(set) var line = 0
  private var isCaughtUp = false

  var size: Int { file.size }
  var modified: Double? { file.modified }

  private static let chunk = 1 << 18
  /// A line longer than this is none.
  private static let longest = 16 << 20

  init(path: String) {
    self.path = path
    file = GrowingFile(path: path)
  }

  /// Gives each whole line that has come, without its end; a line that is too long is given empty.
  mutating func read(within budget: ReadBudget, _ take: (UnsafeRawBufferPointer, Int) -> Void) -> Reading {
    switch file.look() {
    case .unchanged: if isCaughtUp { return .nothing }
    case .grown: break
    case .replaced:
      (buffer, offset, line, isCaughtUp) = ([], 0, 0, false)
      return .replaced
    case .gone: return .nothing
    }
    isCaughtUp = false
    defer { file.rest() }
    repeat {
      let got = file.read(into: &buffer, from: offset, count: Self.chunk)
      offset += got
      guard got > 0 else {
        isCaughtUp = true
        // There may be thousands of logs: what reading took is given back.
        buffer = buffer.map { $0 }
        return .lines(more: false)
      }
      takeLines(take)
      if buffer.count > Self.longest { buffer.removeAll() }
    } while !budget.isSpent
    // Others have their turn now, maybe a hundred, each with the beginning of a line.
    buffer = buffer.map { $0 }
    return .lines(more: true)
  }

  /// Says why there is nothing to read, and what is left out at the end: a last line that has no end and that nobody goes
  /// on writing was torn by its writer's end, and half a number would be another one.
  mutating func report(_ sink: inout LogSink) {
    file.report(&sink)
    sink.run.withdraw(Self.tornEnd, in: path)
    guard isCaughtUp, !buffer.isEmpty, file.isAbandoned else { return }
    sink.run.note(LogProblem(file: path, place: .line(line + 1), finding: Self.tornEnd))
  }

  private static let tornEnd = "the last line has no end and is left out"

  private mutating func takeLines(_ take: (UnsafeRawBufferPointer, Int) -> Void) {
    var start = 0
    var number = line
    buffer.withUnsafeBytes { all in
      while let end = all[start...].firstIndex(of: 10) {
        let length = end > start && all[end - 1] == 13 ? end - 1 : end
        number += 1
        take(UnsafeRawBufferPointer(rebasing: all[start..<length]), number)
        start = end + 1
      }
    }
    line = number
    buffer.removeSubrange(..<start)
  }
}
