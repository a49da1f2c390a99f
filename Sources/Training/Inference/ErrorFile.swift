internal import Glibc
import Paths
internal import TrainingEvents

/// A wrong sentence as text to read.
struct WrongSentence {
  var confidence: Double
  var text: String

  /// - Parameter place: where it stands: `line 3 of a.conll`.
  init(_ mistake: Mistake, place: String) {
    confidence = mistake.confidence
    var text = "# \(Self.percent(confidence)) sure of a mistake\n# sentence \(mistake.number), \(place)\n"
    if let gold = mistake.goldClass, let predicted = mistake.predictedClass, let probability = mistake.probability {
      let sure = Self.percent(probability)
      text +=
        mistake.isClassWrong
        ? "# class: \(gold), predicted: \(predicted) (\(sure))\n" : "# class: \(gold) (right, \(sure))\n"
    }
    let rows = mistake.words.enumerated().map { index, word -> [String] in
      guard !mistake.goldTags.isEmpty else { return [" ", word] }
      return [
        mistake.isWrong(word: index) ? "*" : " ", word, mistake.goldTags[index] ?? "-", mistake.predictedTags[index],
      ]
    }
    self.text = text + Self.aligned(rows) + "\n"
  }

  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return "\(tenths / 10).\(tenths % 10) %"
  }

  /// Columns as wide as their longest text, two spaces apart.
  private static func aligned(_ rows: [[String]]) -> String {
    var widths: [Int] = []
    for row in rows {
      for (column, text) in row.enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], text.count)
      }
    }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        line += text
        if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - text.count + 2) }
      }
      return line + "\n"
    }
    .joined()
  }
}

/// Gathers wrong sentences on disk and writes them, sorted, as one file that appears whole or not at all.
///
/// Memory holds 24 bytes a wrong sentence.
final class ErrorFile {
  private struct Place {
    var confidence: Double
    var offset: Int
    var count: Int
  }

  private let path: String
  private var draft: String { "\(path).tmp-\(getpid())" }
  private let spool: Int32
  private var places: [Place] = []
  private var length = 0

  /// Finds out at once whether the file can be written.
  init(path: String) throws(RunFailure) {
    self.path = path
    let draft = "\(path).tmp-\(getpid())"
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw RunFailure(exitCode: 73, "\(path): is not a plain file; name another place for the wrong sentences")
    }
    spool = open(draft, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard spool >= 0 else { throw Self.failure(path) }
    // Kept without a name, so that nothing is left behind whatever happens.
    unlink(draft)
  }

  deinit { close(spool) }

  func add(_ sentence: WrongSentence) throws(RunFailure) {
    let bytes = Array(sentence.text.utf8)
    try Self.write(bytes, to: spool, path)
    places.append(Place(confidence: sentence.confidence, offset: length, count: bytes.count))
    length += bytes.count
  }

  /// Writes the sentences, the surest mistakes first, ties as they came.
  func store(heading: String) throws(RunFailure) {
    let output = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw Self.failure(path) }
    defer { close(output) }
    do throws(RunFailure) {
      try Self.write(
        Array("# \(heading).\n# Columns: word, gold tag, predicted tag; * marks wrong ones.\n\n".utf8), to: output, path
      )
      for place in places.sorted(by: { ($1.confidence, $0.offset) < ($0.confidence, $1.offset) }) {
        var bytes = [UInt8](repeating: 0, count: place.count)
        guard pread(spool, &bytes, place.count, off_t(place.offset)) == place.count else { throw Self.failure(path) }
        try Self.write(bytes, to: output, path)
      }
      guard fsync(output) == 0 || errno == EINVAL, rename(draft, path) == 0 else { throw Self.failure(path) }
    } catch {
      unlink(draft)
      throw error
    }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32, _ path: String) throws(RunFailure) {
    var done = 0
    while done < bytes.count {
      let written = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        done += written
      } else if errno != EINTR {
        throw failure(path)
      }
    }
  }

  private static func failure(_ path: String) -> RunFailure {
    RunFailure(exitCode: 73, "\(path): cannot be written: \(String(cString: strerror(errno)))")
  }
}
