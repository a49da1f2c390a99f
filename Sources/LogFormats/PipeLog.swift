internal import Glibc
internal import LoggedRuns

/// Lines that another program writes into a pipe: JSON objects, `key=value`, `key: value` or `key value`.
struct PipeLog: LogReader {
  private static let chunk = 1 << 16
  private static let longest = 1 << 20

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var line = 0
  private var fields = PointFields()
  private var hasEnded = false

  /// `descriptor`: read until its end; never waited for.
  init(descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    guard !hasEnded else { return false }
    // However long nothing comes: somebody has it open to write into.
    sink.run.declaredState = .live
    repeat {
      var bytes = [UInt8](repeating: 0, count: Self.chunk)
      let got = Glibc.read(descriptor, &bytes, Self.chunk)
      if got < 0 { return false }
      guard got > 0 else {
        hasEnded = true
        sink.run.declaredState = .ended
        if !buffer.isEmpty { takeLines(closing: true, &sink) }
        return false
      }
      sink.run.bytes += got
      sink.run.lastWrite = Self.now
      buffer += bytes[..<got]
      takeLines(closing: false, &sink)
      if buffer.count > Self.longest { buffer.removeAll() }
    } while !budget.isSpent
    return true
  }

  private mutating func takeLines(closing: Bool, _ sink: inout LogSink) {
    if closing { buffer.append(10) }
    var start = 0
    let bytes = buffer
    bytes.withUnsafeBytes { all in
      while let end = all[start...].firstIndex(of: 10) {
        line += 1
        take(UnsafeRawBufferPointer(rebasing: all[start..<end]), &sink)
        start = end + 1
      }
    }
    buffer.removeSubrange(..<start)
  }

  private mutating func take(_ line: UnsafeRawBufferPointer, _ sink: inout LogSink) {
    fields.begin()
    if line.first(where: { $0 > 32 }) == UInt8(ascii: "{") {
      do throws(JSONProblem) {
        try JSONFields.read(line) { name, value in
          if let number = value.number { fields.take(name, number, &sink) }
        }
      } catch {
        let finding = "a line begins as JSON and is none; it is left out"
        return sink.run.note(LogProblem(file: "-", place: .line(self.line), finding: finding))
      }
    } else {
      PlainLines.pairs(line) { fields.take($0, $1, &sink) }
    }
    fields.end(number: self.line, &sink)
  }

  /// Seconds since 1970.
  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
