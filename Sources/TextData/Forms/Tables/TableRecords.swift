/// The records of CSV or TSV text, one after the other (RFC 4180): fields between quotation marks may hold delimiters,
/// line ends and doubled quotation marks.
///
/// Where tabs delimit, a quotation mark opens a field only if another closes it on the same line: many tools write TSV
/// without quoting.
struct TableRecords {
  /// Where a field lies, without its quotation marks.
  struct Field {
    var range: Range<Int>
    /// Whether doubled quotation marks stand for single ones in it.
    var isQuoted = false
  }

  let bytes: UnsafeBufferPointer<UInt8>
  let delimiter: UInt8
  private(set) var fields: [Field] = []
  /// The line that the record begins on, from 1.
  private(set) var line = 0
  private var position: Int
  private var nextLine = 1

  init(_ bytes: UnsafeBufferPointer<UInt8>, delimiter: UInt8) {
    self.bytes = bytes
    self.delimiter = delimiter
    position = bytes.hasByteOrderMark(at: 0, before: bytes.count) ? 3 : 0
    // Excel writes and takes a first line that names the delimiter.
    if bytes[position...].starts(with: Array("sep=".utf8) + [delimiter]) {
      let field = readPlain(from: position + 5)
      if field.range.isEmpty {
        position = field.range.upperBound
        endLine()
      }
    }
  }

  /// Reads the next record into `fields`; false at the end. An empty line is a record of one empty field.
  mutating func next() throws(TableProblem) -> Bool {
    guard position < bytes.count else { return false }
    while fields.popLast() != nil {}
    line = nextLine
    while true {
      let isQuoted = position < bytes.count && bytes[position] == UInt8(ascii: "\"") && opensField()
      let field = isQuoted ? try readQuoted() : readPlain()
      fields.append(field)
      guard position < bytes.count else { return true }
      if bytes[position] == delimiter {
        position += 1
        // A delimiter at the very end: an empty field follows.
        if position == bytes.count {
          fields.append(Field(range: position..<position))
          return true
        }
        continue
      }
      endLine()
      return true
    }
  }

  /// Whether a quotation mark at `position` opens a field.
  private func opensField() -> Bool {
    guard delimiter == 0x09 else { return true }
    var end = position + 1
    while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
      if bytes[end] == UInt8(ascii: "\"") {
        let after = end + 1 < bytes.count ? bytes[end + 1] : 0x0A
        if after == delimiter || after == 0x0A || after == 0x0D { return true }
        if after == UInt8(ascii: "\"") { end += 1 }
      } else if bytes[end] == delimiter {
        return false
      }
      end += 1
    }
    return false
  }

  private mutating func readPlain() -> Field {
    let field = readPlain(from: position)
    position = field.range.upperBound
    return field
  }

  private func readPlain(from start: Int) -> Field {
    var end = start
    while end < bytes.count, bytes[end] != delimiter, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
    return Field(range: start..<end)
  }

  private mutating func readQuoted() throws(TableProblem) -> Field {
    let opened = nextLine
    position += 1
    let start = position
    var hasDoubled = false
    while let end = bytes.firstIndex(of: 0x22, in: position..<bytes.count) {
      for byte in bytes[position..<end] where byte == 0x0A { nextLine += 1 }
      position = end + 1
      if position < bytes.count, bytes[position] == 0x22 {
        hasDoubled = true
        position += 1
        continue
      }
      // What follows the closing mark up to the delimiter is white space, or not valid.
      let rest = readPlain()
      guard bytes.trimmed(rest.range).isEmpty else {
        throw TableProblem(
          line: nextLine, sentence: "text follows the quotation mark that closes a field: double those inside")
      }
      return Field(range: start..<end, isQuoted: hasDoubled)
    }
    throw TableProblem(
      line: opened, sentence: "a quotation mark opens a field that is never closed: close or double it")
  }

  private mutating func endLine() {
    while position < bytes.count, bytes[position] == 0x0D { position += 1 }
    if position < bytes.count, bytes[position] == 0x0A { position += 1 }
    nextLine += 1
  }

  /// Calls `body` with a field's text, trimmed.
  @inline(__always)
  func withField<Result>(_ index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let field = fields[index]
    guard field.isQuoted else { return body(bytes.slice(bytes.trimmedName(field.range))) }
    var text: [UInt8] = []
    text.reserveCapacity(field.range.count)
    var isSecond = false
    for byte in bytes[field.range] {
      isSecond = byte == 0x22 && !isSecond
      if !isSecond { text.append(byte) }
    }
    return text.withUnsafeBufferPointer { body($0.slice($0.trimmedName($0.indices))) }
  }

  /// A field's text, trimmed.
  func text(_ index: Int) -> String { withField(index) { String(decoding: $0, as: UTF8.self) } }

  /// Appends a field's text, trimmed.
  func append(_ index: Int, to strings: inout ByteStrings) { withField(index) { strings.append($0) } }

  /// Appends the words of a field's text.
  func appendWords(of index: Int, to strings: inout ByteStrings) {
    withField(index) { strings.appendWords(of: $0, in: $0.indices) }
  }

  /// The number that a field's text is; nil for any other text.
  func number(_ index: Int) -> Int? {
    withField(index) { text in
      guard let first = text.first, first < 0x40 else { return nil }
      return Int(String(decoding: text, as: UTF8.self))
    }
  }

  func isEmpty(_ index: Int) -> Bool { bytes.trimmedName(fields[index].range).isEmpty }
}

/// Why a table could not be read.
struct TableProblem: Error {
  var line: Int
  var sentence: String
}
