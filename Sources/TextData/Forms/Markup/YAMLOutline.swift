import Yams

/// YAML text whose long parts, the blocks of lines behind `examples: |`, are left out for the parser: their lines are
/// read where they stand, however long the file is.
///
/// The other keys' values, and blocks that are written in other ways, stay in.
struct YAMLOutline {
  /// What the parser reads: the file with one short line in the place of each block.
  private(set) var text = ""
  private let bytes: UnsafeBufferPointer<UInt8>
  /// By the line of its `|` in `text`: the lines of a block.
  private var blocks: [Int: Range<Int>] = [:]
  /// Lines of `text` from which on those of the file are others, from 1.
  private var shifts: [(line: Int, fileLine: Int)] = []

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    var outline: [UInt8] = []
    if Self.hasOtherLineEnds(bytes) {
      outline += bytes
    } else {
      leaveOutBlocks(&outline)
    }
    text = String(decoding: outline, as: UTF8.self)
  }

  /// The block that a node stands for, and the line of the file that it begins on.
  func block(of node: Node) -> (text: UnsafeBufferPointer<UInt8>, line: Int)? {
    guard let line = node.mark?.line, let block = blocks[line] else { return nil }
    return (bytes.slice(block), self.line(line) + 1)
  }

  /// The line of the file that a node stands on.
  func line(of node: Node) -> Int? { (node.mark?.line).map(line) }

  /// The line of the file that a line of `text` is.
  func line(_ line: Int) -> Int {
    var (low, high) = (0, shifts.count)
    while low < high {
      let middle = (low + high) / 2
      if shifts[middle].line <= line { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? line : shifts[low - 1].fileLine + line - shifts[low - 1].line
  }

  private mutating func leaveOutBlocks(_ outline: inout [UInt8]) {
    var position = 0
    var (line, fileLine) = (1, 1)
    while position < bytes.count {
      let end = endOfLine(position)
      outline += bytes.slice(position..<end)
      let column = Self.columnOfBlock(bytes.slice(position..<end))
      position = end
      line += 1
      fileLine += 1
      guard let column, let block = block(from: position, deeperThan: column) else { continue }
      blocks[line - 1] = block.range
      outline += [UInt8](repeating: 0x20, count: block.indentation) + [UInt8(ascii: "-"), 0x0A]
      position = block.range.upperBound
      line += 1
      fileLine += block.lines
      shifts.append((line, fileLine))
    }
  }

  /// Where the line that begins at `position` ends, its line feed included.
  private func endOfLine(_ position: Int) -> Int {
    bytes.firstIndex(of: 0x0A, in: position..<bytes.count).map { $0 + 1 } ?? bytes.count
  }

  /// The lines from `position` on that are blank or as deep as the first that is not; nil where that is no deeper than
  /// its key.
  private func block(
    from start: Int, deeperThan column: Int
  ) -> (range: Range<Int>, indentation: Int, lines: Int)? {
    var position = start
    var indentation: Int?
    var lines = 0
    while position < bytes.count {
      let end = endOfLine(position)
      let content = bytes[position..<end].firstIndex { $0 != 0x20 } ?? end
      if !bytes.trimmed(content..<end).isEmpty {
        let own = content - position
        guard own >= indentation ?? column + 1 else { break }
        if indentation == nil { indentation = own }
      }
      position = end
      lines += 1
    }
    return indentation.map { (start..<position, $0, lines) }
  }

  private static let key = Array("examples:".utf8)

  /// The column of the key in a line `examples: |`; nil for any other line.
  private static func columnOfBlock(_ line: UnsafeBufferPointer<UInt8>) -> Int? {
    let content = line.trimmed(line.indices)
    guard let last = content.last.map({ line[$0] }), "|+-".utf8.contains(last) else { return nil }
    var start = content.lowerBound
    while start + 1 < content.upperBound, line[start] == UInt8(ascii: "-"), line[start + 1] == 0x20 {
      start = line.trimmed(start + 1..<content.upperBound).lowerBound
    }
    let rest = line.slice(start..<content.upperBound)
    guard rest.starts(with: key) else { return nil }
    let style = rest.slice(rest.trimmed(key.count..<rest.count))
    let isBlock = style[0] == UInt8(ascii: "|") && (style.count == 1 || style.count == 2 && style[1] != style[0])
    return isBlock && rest.count > key.count + style.count ? start : nil
  }

  /// Whether the text has line ends besides line feeds that YAML knows: carriage returns alone, U+0085, U+2028, U+2029.
  private static func hasOtherLineEnds(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    func follows(_ byte: UInt8, _ others: [[UInt8]], wanted: Bool) -> Bool {
      var position = 0
      while let found = bytes.firstIndex(of: byte, in: position..<bytes.count) {
        position = found + 1
        if others.contains(where: { bytes[position...].starts(with: $0) }) == wanted { return true }
      }
      return false
    }
    return follows(0x0D, [[0x0A]], wanted: false) || follows(0xC2, [[0x85]], wanted: true)
      || follows(0xE2, [[0x80, 0xA8], [0x80, 0xA9]], wanted: true)
  }
}
