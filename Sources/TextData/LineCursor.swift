#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The lines of a file, one after the other; a byte order mark at its start is skipped.
///
/// A line ends at `\n` or at the end of the file; a `\r` before it is white space, which every reader trims.
struct LineCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  private var position: Int
  /// Number of the line last returned, from 1.
  private(set) var number = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    let hasMark = bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF
    position = hasMark ? 3 : 0
  }

  /// Byte range of the next line, trimmed of white space; nil at the end of the file.
  mutating func next() -> Range<Int>? {
    guard position < bytes.count, let base = bytes.baseAddress else { return nil }
    let start = position
    let remaining = bytes.count - start
    var end = bytes.count
    if let found = memchr(base + start, 0x0A, remaining) {
      end = UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }
    position = min(end + 1, bytes.count)
    number += 1
    return bytes.trimmed(start..<end)
  }

  /// Whether nothing but empty lines is left.
  var isAtBlankEnd: Bool {
    var rest = position
    while rest < bytes.count, isWhiteSpace(bytes[rest]) { rest += 1 }
    return rest == bytes.count
  }
}
