internal import Glibc
import Paths
internal import TrainingEvents

/// Gathers wrong sentences on disk and writes them, sorted, as one file that appears whole or not at all.
///
/// Memory holds 24 bytes a wrong sentence. A file whose name ends in .html is a page, any other plain text.
final class ErrorFile {
  private struct Place {
    var confidence: Double
    var offset: Int
    var count: Int
  }

  private let path: String
  private let format: any ErrorFormat
  private var draft: String { "\(path).tmp-\(getpid())" }
  private let spool: Int32
  private var places: [Place] = []
  private var length = 0

  /// Finds out at once whether the file can be written.
  init(path: String) throws(RunFailure) {
    self.path = path
    let isPage = [".html", ".htm"].contains { path.lowercased().hasSuffix($0) }
    format = isPage ? ErrorPage() : ErrorText()
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

  /// - Parameter place: where it stands: `line 3 of a.conll`.
  func add(_ mistake: Mistake, place: String) throws(RunFailure) {
    let bytes = Array(format.sentence(mistake, place: place).utf8)
    try Self.write(bytes, to: spool, path)
    places.append(Place(confidence: mistake.confidence, offset: length, count: bytes.count))
    length += bytes.count
  }

  /// Writes the sentences, the surest mistakes first, ties as they came.
  func store(heading: String) throws(RunFailure) {
    let output = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard output >= 0 else { throw Self.failure(path) }
    defer { close(output) }
    do throws(RunFailure) {
      try Self.write(Array(format.head(heading).utf8), to: output, path)
      for place in places.sorted(by: { ($1.confidence, $0.offset) < ($0.confidence, $1.offset) }) {
        var bytes = [UInt8](repeating: 0, count: place.count)
        guard pread(spool, &bytes, place.count, off_t(place.offset)) == place.count else { throw Self.failure(path) }
        try Self.write(bytes, to: output, path)
      }
      try Self.write(Array(format.foot.utf8), to: output, path)
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
    RunFailure(exitCode: 73, SystemMessage.writing(path))
  }
}
