/// What is wrong with JSON text, and the byte it was found at.
struct JSONProblem: Error {
  var position: Int
  var sentence: String
  /// What to do where it is valid JSON, but no data.
  var remedy: String?
}

/// Reads JSON (RFC 8259) straight from bytes, which must be valid UTF-8.
struct JSONCursor {
  let bytes: UnsafeBufferPointer<UInt8>
  private(set) var position: Int
  let end: Int
  /// Deepest nesting read; more is refused, so that no input can exhaust the stack.
  static let maximumDepth = 64

  init(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next byte that is not white space; nil at the end.
  @inline(__always)
  mutating func peek() -> UInt8? {
    while position < end, isWhiteSpace(bytes[position]) { position += 1 }
    return position < end ? bytes[position] : nil
  }

  /// Takes `byte`; throws if something else comes.
  @inline(__always)
  mutating func expect(_ byte: UInt8) throws(JSONProblem) {
    guard take(byte) else { throw missing(byte) }
  }

  @inline(never)
  private func missing(_ byte: UInt8) -> JSONProblem { problem("expected \"\(Character(UnicodeScalar(byte)))\"") }

  /// Takes `byte` if it comes next.
  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  /// Takes the bytes that stand at `text` too, if they come next.
  @inline(__always)
  mutating func take(_ text: Range<Int>) -> Bool {
    guard peek() != nil, position + text.count <= end,
      equal(bytes.slice(position..<position + text.count), bytes.slice(text))
    else { return false }
    position += text.count
    return true
  }

  /// Passes over so many bytes of a value whose length is known, never beyond the end: a file may have been written anew
  /// since its values were measured.
  @inline(__always)
  mutating func pass(_ length: Int) { position += min(length, end - position) }

  func problem(_ sentence: String) -> JSONProblem {
    JSONProblem(position: position, sentence: sentence)
  }

  /// Steps to the next element of an array, or the next key of an object, whose opening bracket has been taken.
  ///
  /// - Parameter isFirst: true before the first step, which makes it false.
  /// - Returns: false at the end, whose bracket has been taken.
  @inline(__always)
  mutating func step(_ isFirst: inout Bool, until close: UInt8) throws(JSONProblem) -> Bool {
    if isFirst {
      isFirst = false
      return !take(close)
    }
    if take(UInt8(ascii: ",")) { return true }
    guard take(close) else { throw unexpected(insteadOf: close) }
    return false
  }

  @inline(never)
  private func unexpected(insteadOf close: UInt8) -> JSONProblem {
    problem("expected \",\" or \"\(Character(UnicodeScalar(close)))\"")
  }

  /// Calls `body` before each element of an array; it must read exactly one value.
  mutating func readArray(_ body: (inout JSONCursor) throws(JSONProblem) -> Void) throws(JSONProblem) {
    try expect(UInt8(ascii: "["))
    if take(UInt8(ascii: "]")) { return }
    repeat { try body(&self) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw problem("expected \",\" or \"]\"") }
  }

  /// Calls `body` with each key of an object; it must read exactly one value.
  mutating func readObject(
    _ body: (inout JSONCursor, [UInt8]) throws(JSONProblem) -> Void
  ) throws(JSONProblem) {
    try expect(UInt8(ascii: "{"))
    if take(UInt8(ascii: "}")) { return }
    var key: [UInt8] = []
    repeat {
      key.removeAll(keepingCapacity: true)
      try readString(into: &key)
      try expect(UInt8(ascii: ":"))
      try body(&self, key)
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw problem("expected \",\" or \"}\"") }
  }

  /// Passes over one value, checking it. Most are strings.
  @inline(__always)
  mutating func skipValue(depth: Int = 0) throws(JSONProblem) {
    if peek() == UInt8(ascii: "\"") { try skipString() } else { try skipOtherValue(depth) }
  }

  /// Passes over a value that is no string.
  private mutating func skipOtherValue(_ depth: Int) throws(JSONProblem) {
    guard depth < Self.maximumDepth else { throw problem("more than \(Self.maximumDepth) levels of nesting") }
    switch peek() {
    case UInt8(ascii: "{"):
      position += 1
      var isFirst = true
      while try step(&isFirst, until: UInt8(ascii: "}")) {
        guard peek() == UInt8(ascii: "\"") else { throw problem("expected a string") }
        try skipString()
        try expect(UInt8(ascii: ":"))
        try skipValue(depth: depth + 1)
      }
    case UInt8(ascii: "["):
      position += 1
      var isFirst = true
      while try step(&isFirst, until: UInt8(ascii: "]")) { try skipValue(depth: depth + 1) }
    default:
      _ = try scalarRange()
    }
  }

  /// Passes over a string, checking its escapes.
  mutating func skipString() throws(JSONProblem) {
    position += 1
    while true {
      position = endOfPlainBytes()
      guard position < end else { throw problem("a string is not closed") }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): _ = try readEscape()
      default: throw problem("a control character inside a string: write it as an escape")
      }
    }
  }

  /// The first byte from `position` on that ends a string, begins an escape or may not be in a string; else the end.
  @inline(__always)
  private func endOfPlainBytes() -> Int {
    var position = position
    let ones: UInt64 = 0x0101_0101_0101_0101
    while position + 8 <= end {
      let word = UInt64(littleEndian: bytes.eightBytes(at: position))
      // Bit 7 of a byte of each difference is set where a byte is below 0x20, a quotation mark or a backslash (and may
      // be in bytes behind such a one): bytes above 0x7F are masked out.
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5C)
      let found =
        ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
      let marks = found & (ones &* 0x80)
      if marks != 0 { return position + marks.trailingZeroBitCount / 8 }
      position += 8
    }
    while position < end {
      let byte = bytes[position]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
      position += 1
    }
    return position
  }

  /// A number, `true`, `false` or `null`, as it is written.
  mutating func readScalar() throws(JSONProblem) -> String { bytes.text(try scalarRange()) }

  /// What scalars are besides numbers: those of JSON, and the numbers that Python writes though JSON has none such.
  private static let names = ["true", "false", "null", "NaN", "Infinity", "-Infinity"]

  /// Where a number, `true`, `false` or `null` lies.
  mutating func scalarRange() throws(JSONProblem) -> Range<Int> {
    guard peek() != nil else { throw problem("the text ends too early") }
    let start = position
    while position < end, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    // Most numbers are whole.
    let isWhole = position > start && (bytes[start] != UInt8(ascii: "0") || position == start + 1)
    if isWhole, position == end || !isScalarByte(bytes[position]) { return start..<position }
    while position < end, isScalarByte(bytes[position]) { position += 1 }
    let scalar = start..<position
    guard isNumber(scalar) || Self.names.contains(where: { equal(bytes.slice(scalar), $0) }) else {
      position = start
      throw problem("expected a value")
    }
    return scalar
  }

  private func isScalarByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "E"),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "N"), UInt8(ascii: "I"):
      true
    default: false
    }
  }

  /// `-`? digits without leading zeros, a fraction, an exponent.
  private func isNumber(_ scalar: Range<Int>) -> Bool {
    var next = scalar.lowerBound
    if byte(next, of: scalar) == UInt8(ascii: "-") { next += 1 }
    let leadsWithZero = byte(next, of: scalar) == UInt8(ascii: "0")
    let whole = digits(from: next, of: scalar)
    guard whole > 0, !(leadsWithZero && whole > 1) else { return false }
    next += whole
    if byte(next, of: scalar) == UInt8(ascii: ".") {
      let fraction = digits(from: next + 1, of: scalar)
      guard fraction > 0 else { return false }
      next += 1 + fraction
    }
    if byte(next, of: scalar) | 0x20 == UInt8(ascii: "e") {
      next += 1
      if [UInt8(ascii: "+"), UInt8(ascii: "-")].contains(byte(next, of: scalar)) { next += 1 }
      let exponent = digits(from: next, of: scalar)
      guard exponent > 0 else { return false }
      next += exponent
    }
    return next == scalar.upperBound
  }

  private func byte(_ position: Int, of scalar: Range<Int>) -> UInt8 {
    position < scalar.upperBound ? bytes[position] : 0
  }

  /// How many digits follow each other.
  private func digits(from start: Int, of scalar: Range<Int>) -> Int {
    var next = start
    while byte(next, of: scalar) &- UInt8(ascii: "0") < 10 { next += 1 }
    return next - start
  }

  /// Appends the characters of a string, escapes resolved, as UTF-8.
  mutating func readString(into text: inout [UInt8]) throws(JSONProblem) {
    guard peek() == UInt8(ascii: "\"") else { throw problem("expected a string") }
    position += 1
    while true {
      let plain = position..<endOfPlainBytes()
      if !plain.isEmpty { text.append(contentsOf: bytes.slice(plain)) }
      position = plain.upperBound
      guard position < end else { throw problem("a string is not closed") }
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"): text.append(contentsOf: Character(try readEscape()).utf8)
      default: throw problem("a control character inside a string: write it as an escape")
      }
    }
  }

  /// What a backslash and one letter stand for.
  private func plainEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: nil
    }
  }

  /// Reads what begins with a backslash.
  private mutating func readEscape() throws(JSONProblem) -> UnicodeScalar {
    guard position + 1 < end else { throw problem("a string is not closed") }
    let escape = bytes[position + 1]
    if let byte = plainEscape(escape) {
      position += 2
      return UnicodeScalar(byte)
    }
    guard escape == UInt8(ascii: "u") else { throw problem("an unknown escape") }
    var code = try readHex(at: position + 2)
    var length = 6
    if code >= 0xD800, code < 0xDC00, position + 7 < end, bytes[position + 6] == UInt8(ascii: "\\"),
      bytes[position + 7] == UInt8(ascii: "u")
    {
      let low = try readHex(at: position + 8)
      guard low >= 0xDC00, low < 0xE000 else { throw problem("half of a surrogate pair") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      length = 12
    }
    guard let scalar = UnicodeScalar(code) else { throw problem("half of a surrogate pair") }
    position += length
    return scalar
  }

  private func readHex(at start: Int) throws(JSONProblem) -> UInt32 {
    guard start + 4 <= end else { throw problem("a string is not closed") }
    var value: UInt32 = 0
    for byte in bytes[start..<start + 4] {
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
        throw problem("an escape without four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
