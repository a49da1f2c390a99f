import Glibc
import Paths
import Training

/// Lines of a descriptor as they come: whatever is there already at once, and never waiting while a whole line is.
struct LineReader {
  /// Longest line, in bytes.
  private static let longest = 16 << 20

  private let descriptor: Int32
  private var rest: [UInt8] = []
  private var hasEnded = false
  /// What ends the reading once the lines before it have been handed out.
  private var problem: RunFailure?
  /// Lines handed out so far.
  private(set) var count = 0

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The lines that are there, at least one; waits if there is none yet. nil at the end.
  mutating func next() throws(RunFailure) -> [String]? {
    if let problem { throw problem }
    while !hasEnded {
      var chunk = [UInt8](repeating: 0, count: 1 << 16)
      let got = read(descriptor, &chunk, chunk.count)
      if got < 0 {
        if errno == EINTR { continue }
        throw RunFailure(
          exitCode: 66, SystemMessage.reading("standard input"))
      }
      guard got > 0 else {
        hasEnded = true
        break
      }
      let end = chunk[..<got].lastIndex(of: UInt8(ascii: "\n"))
      guard let end else {
        rest += chunk[..<got]
        guard rest.count <= Self.longest else {
          throw RunFailure(
            exitCode: 65, "standard input, line \(count + 1): is longer than 16 MiB; write one sentence a line")
        }
        continue
      }
      let whole = rest + chunk[..<end]
      rest = Array(chunk[(end + 1)..<got])
      return try lines(whole)
    }
    guard !rest.isEmpty else { return nil }
    defer { rest = [] }
    return try lines(rest)
  }

  private mutating func lines(_ bytes: [UInt8]) throws(RunFailure) -> [String] {
    var lines: [String] = []
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      count += 1
      var text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      // A byte order mark, which data files lose too.
      if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
      guard let line = String(validating: text, as: UTF8.self) else {
        let failure = RunFailure(
          exitCode: 65, "standard input, line \(count): is not UTF-8 text; convert it (iconv -t UTF-8)")
        guard !lines.isEmpty else { throw failure }
        problem = failure
        return lines
      }
      lines.append(line)
    }
    return lines
  }
}
