/// A text file, line by line, in bounded memory.
package enum LineFile {
  private static let partLength = 256 << 10

  /// Calls `body` with every whole line, without its end; one that is torn at the file's end is no line yet.
  package static func read(
    _ path: String, _ body: (ArraySlice<UInt8>) throws(RunFolderError) -> Void
  ) throws(RunFolderError) {
    let file = try OpenFile.reading(path)
    let size = try file.size()
    var (rest, offset): ([UInt8], Int) = ([], 0)
    while offset < size {
      let searched = rest.count
      let part = try file.bytes(at: offset, count: min(partLength, size - offset))
      offset += part.count
      rest += part
      var start = 0
      while let end = rest[max(start, searched)...].firstIndex(of: UInt8(ascii: "\n")) {
        try body(rest[start..<end])
        start = end + 1
      }
      rest.removeSubrange(..<start)
    }
  }
}
