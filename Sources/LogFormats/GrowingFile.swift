internal import Glibc
internal import LoggedRuns
import Paths

extension LogProblem {
  /// What is said of a record that its writer did not finish.
  static let tornEnd = "ends within a record, which is left out"
}

/// A file that may grow, shrink or be replaced while it is read.
///
/// It is read by `pread` rather than mapped: a mapped file that shrinks kills its reader.
struct GrowingFile: Sendable {
  /// What became of the file since it was looked at last.
  enum Change {
    case unchanged, grown
    /// Another file, or another content: what was read is void.
    case replaced
    case gone
  }

  private struct Identity: Hashable, Sendable {
    var device: UInt64
    var inode: UInt64
  }

  /// Closed with its owner; nothing in it changes.
  private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
  }

  let path: String
  /// Bytes in the file when it was looked at last.
  private(set) var size = 0
  /// When it was written to last, in seconds since 1970.
  private(set) var modified: Double?
  /// Whether nobody has written to it for so long that what it ends with is all there will be.
  var isAbandoned: Bool { modified.map { LogLibrary.now - $0 > LoggedRun.patience } ?? false }
  /// Why it cannot be opened, as the end of a sentence.
  private var trouble: String?
  /// What was last said of it.
  private var reported: String?
  private var descriptor: Descriptor?
  /// nil before the first look.
  private var identity: Identity?
  /// The file's first bytes when it was opened: another beginning is another content.
  private var head: [UInt8] = []
  private static let headLength = 1024

  init(path: String) { self.path = path }

  /// Compares the file with what it was.
  mutating func look() -> Change {
    var status = stat()
    guard stat(path, &status) == 0 else { return fail() }
    let found = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    let time = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    if found == identity, Int(status.st_size) == size, time == modified { return .unchanged }
    let (before, wasUnreadable) = ((identity: identity, size: size), trouble != nil)
    if found != identity { descriptor = nil }
    (identity, size, modified) = (found, Int(status.st_size), time)
    guard open() else { return fail() }
    guard let known = before.identity else {
      head = readHead()
      return .grown
    }
    // What was away may have become another file meanwhile.
    if wasUnreadable || known != found || size < before.size || !startsAsBefore() {
      head = readHead()
      return .replaced
    }
    return .grown
  }

  /// Says why there is nothing to read, and takes that back once there is.
  mutating func report(_ sink: inout LogSink) {
    let finding = trouble ?? (size == 0 && isAbandoned ? "is empty" : nil)
    if let reported, reported != finding { sink.run.withdraw(reported, in: path) }
    if let finding { sink.run.noteOnce(LogProblem(file: path, finding: finding)) }
    reported = finding
  }

  /// Gives the descriptor back until the file is read again: there may be more logs than descriptors.
  mutating func rest() { descriptor = nil }

  private mutating func open() -> Bool {
    if descriptor != nil { return true }
    let number = Paths.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else { return false }
    (descriptor, trouble) = (Descriptor(number), nil)
    posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL)
    return true
  }

  private mutating func fail() -> Change {
    trouble = "cannot be read: " + SystemMessage.text()
    (descriptor, modified) = (nil, nil)
    return .gone
  }

  /// Reads into a buffer's end from an offset on; returns the number of bytes, 0 at what was the file's end when it was
  /// looked at.
  mutating func read(into buffer: inout [UInt8], from offset: Int, count most: Int) -> Int {
    let count = min(most, size - offset)
    guard count > 0, open(), let descriptor else { return 0 }
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: count))
    let got = buffer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return max(0, pread(descriptor.number, base + start, count, off_t(offset)))
    }
    buffer.removeLast(count - got)
    return got
  }

  private mutating func readHead() -> [UInt8] {
    var bytes: [UInt8] = []
    _ = read(into: &bytes, from: 0, count: Self.headLength)
    return bytes
  }

  /// Whether the file begins with the bytes it began with, and is not begun anew.
  private mutating func startsAsBefore() -> Bool {
    let now = readHead()
    guard now.starts(with: head) else { return false }
    head = now
    return true
  }

  /// A file's first bytes, as many as a single read gives; none where there is no file.
  static func beginning(_ path: String, count: Int) -> [UInt8] {
    let descriptor = Paths.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    return [UInt8](unsafeUninitializedCapacity: count) { bytes, got in
      got = max(0, pread(descriptor, bytes.baseAddress, count, 0))
    }
  }

  /// The whole of a small file; nil where there is none, or it is larger.
  static func contents(_ path: String, limit: Int) -> [UInt8]? {
    var file = GrowingFile(path: path)
    guard file.look() == .grown, file.size <= limit else { return nil }
    var bytes: [UInt8] = []
    while file.read(into: &bytes, from: bytes.count, count: 1 << 16) > 0, bytes.count <= limit {}
    return bytes
  }
}
