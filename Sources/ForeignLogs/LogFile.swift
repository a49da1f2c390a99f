internal import Glibc

/// A file that may grow, shrink or be replaced while it is read.
///
/// It is read by `pread` rather than mapped: a mapped file that shrinks kills its reader.
struct LogFile: Sendable {
  /// What became of the file since it was looked at last.
  enum Change {
    case unchanged, grown
    /// Another file, or another content: what was read is void.
    case replaced
    case gone
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
  /// Why it cannot be opened, as the end of a sentence.
  private(set) var trouble: String?
  private var descriptor: Descriptor?
  private var identity: (device: UInt64, inode: UInt64) = (0, 0)
  /// The file's first bytes when it was opened: another beginning is another content.
  private var head: [UInt8] = []
  private static let headLength = 64

  init(path: String) { self.path = path }

  /// Compares the file with what it was.
  mutating func look() -> Change {
    var status = stat()
    guard stat(path, &status) == 0 else {
      trouble = "cannot be read: " + String(cString: strerror(errno))
      descriptor = nil
      return .gone
    }
    let found = (device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    let time = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    let isFirst = descriptor == nil
    if isFirst || found != identity {
      return open(found, size: Int(status.st_size), time: time) ? (isFirst ? .grown : .replaced) : .gone
    }
    if status.st_size == size, time == modified { return .unchanged }
    let hasShrunk = status.st_size < size
    (size, modified) = (Int(status.st_size), time)
    if hasShrunk || !startsAsBefore() {
      head = readHead()
      return .replaced
    }
    return .grown
  }

  private mutating func open(_ found: (device: UInt64, inode: UInt64), size: Int, time: Double) -> Bool {
    let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard number >= 0 else {
      trouble = "cannot be read: " + String(cString: strerror(errno))
      return false
    }
    descriptor = Descriptor(number)
    (identity, self.size, modified, trouble) = (found, size, time, nil)
    posix_fadvise(number, 0, 0, POSIX_FADV_SEQUENTIAL)
    head = readHead()
    return true
  }

  /// Reads into a buffer's end from an offset on; returns the number of bytes, 0 at what was the file's end when it was
  /// looked at.
  func read(into buffer: inout [UInt8], from offset: Int, count most: Int) -> Int {
    let count = min(most, size - offset)
    guard let descriptor, count > 0 else { return 0 }
    let start = buffer.count
    buffer.append(contentsOf: repeatElement(0, count: count))
    let got = buffer.withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return 0 }
      return max(0, pread(descriptor.number, base + start, count, off_t(offset)))
    }
    buffer.removeLast(count - got)
    return got
  }

  private func readHead() -> [UInt8] {
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

  /// The whole of a small file; nil where there is none, or it is larger.
  static func contents(_ path: String, limit: Int) -> [UInt8]? {
    var file = LogFile(path: path)
    guard file.look() == .grown, file.size <= limit else { return nil }
    var bytes: [UInt8] = []
    while file.read(into: &bytes, from: bytes.count, count: 1 << 16) > 0, bytes.count <= limit {}
    return bytes
  }
}
