/// The lines of a file, one after the other, without byte order marks (U+FEFF) at their start.
///
/// A line ends at `\n`, at a `\r` with no `\n` behind it (as old Macintosh files have them), or at the end of the file.
/// All of `\r\n`, and of `\r\r\n`, is one end.
struct LineCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  /// The first `\n` from `position` on, as last looked for; the file's end where there is none.
  private var lineFeed = -1
  /// The same for `\r`: most files have none, and are looked through once.
  private var carriageReturn = -1
  /// Where nothing but white space follows.
  private let contentEnd: Int
  /// Number of the line last returned, from 1.
  private(set) var number = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    let content = bytes.trimmed(0..<bytes.count)
    contentEnd = content.isEmpty ? 0 : content.upperBound
  }

  /// Byte range of the next line, trimmed of white space; nil at the end of the file.
  mutating func next() -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let start = position
    if lineFeed < start { lineFeed = bytes.firstIndex(of: 0x0A, in: start..<bytes.count) ?? bytes.count }
    var end = lineFeed
    position = min(end + 1, bytes.count)
    if carriageReturn < start {
      carriageReturn = bytes.firstIndex(of: 0x0D, in: start..<bytes.count) ?? bytes.count
    }
    if carriageReturn < end {
      let first = carriageReturn
      var next = first
      while next < end, bytes[next] == 0x0D { next += 1 }
      if next < end { position = first + 1 }
      end = first
    }
    number += 1
    let line = bytes.trimmed(start..<end)
    return bytes.hasByteOrderMark(at: line.lowerBound, before: line.upperBound) ? bytes.trimmedName(line) : line
  }

  /// Whether nothing but empty lines is left.
  var isAtBlankEnd: Bool { position >= contentEnd }

  /// The number of the line, from 1, that the byte at `offset` is part of, and where it begins.
  static func line(of offset: Int, in bytes: UnsafeBufferPointer<UInt8>) -> (number: Int, start: Int) {
    var lines = LineCursor(bytes)
    var start = 0
    while lines.next() != nil, lines.position <= offset { start = lines.position }
    return (max(lines.number, 1), start)
  }
}
