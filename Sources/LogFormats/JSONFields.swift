internal import LoggedRuns

/// What stands in a field of a JSON text.
enum JSONScalar: Hashable, Sendable {
  case number(Double)
  case flag(Bool)
  case text(String)
  case null

  /// As a point's value: numbers, and the words for those that are not finite.
  var number: Double? {
    switch self {
    case .number(let value): value
    case .text(var text): text.withUTF8 { NumberBytes.word(UnsafeRawBufferPointer($0)) }
    case .flag, .null: nil
    }
  }

  var configuration: ConfigurationValue? {
    switch self {
    case .number(let value): .number(value)
    case .flag(let flag): .flag(flag)
    case .text(let text): .text(text)
    case .null: nil
    }
  }
}

/// Why a text is no JSON, as the end of a sentence.
struct JSONProblem: Error, Hashable {
  var finding: String
}

/// Reads a JSON value field by field, without building anything of it: names of nested fields are joined by `/`, places
/// in arrays are numbers. Python's NaN and Infinity are numbers.
struct JSONFields {
  private static let deepest = 64

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  /// The name of the field being read.
  private var path: [UInt8] = []

  typealias Field = (_ path: UnsafeRawBufferPointer, _ value: JSONScalar) -> Void

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  static func read(_ bytes: UnsafeRawBufferPointer, _ field: Field) throws(JSONProblem) {
    var reader = JSONFields(bytes)
    try reader.value(0, field)
    reader.skipSpace()
    guard reader.place == bytes.count else { throw JSONProblem(finding: "has more behind its end") }
  }

  /// Reads with names as strings.
  static func read(_ bytes: [UInt8], _ field: (String, JSONScalar) -> Void) throws(JSONProblem) {
    var problem: JSONProblem?
    bytes.withUnsafeBytes { all in
      do throws(JSONProblem) {
        try read(all) { path, value in field(String(decoding: path, as: UTF8.self), value) }
      } catch {
        problem = error
      }
    }
    if let problem { throw problem }
  }

  private mutating func value(_ depth: Int, _ field: Field) throws(JSONProblem) {
    skipSpace()
    guard place < bytes.count else { throw JSONProblem(finding: "ends too early") }
    guard depth < Self.deepest else { throw JSONProblem(finding: "is nested too deeply") }
    switch bytes[place] {
    case UInt8(ascii: "{"): try object(depth, field)
    case UInt8(ascii: "["): try array(depth, field)
    case UInt8(ascii: "\""): tell(.text(String(decoding: try text(), as: UTF8.self)), field)
    default: tell(try word(), field)
    }
  }

  private func tell(_ value: JSONScalar, _ field: Field) { path.withUnsafeBytes { field($0, value) } }

  private mutating func object(_ depth: Int, _ field: Field) throws(JSONProblem) {
    place += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return }
    let length = path.count
    repeat {
      skipSpace()
      guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
        throw JSONProblem(finding: "has no name where one must stand")
      }
      let name = try text()
      if length > 0 { path.append(UInt8(ascii: "/")) }
      path += name
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw JSONProblem(finding: "has no colon after a name") }
      try value(depth + 1, field)
      path.removeSubrange(length...)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw JSONProblem(finding: "has no comma or brace after a value") }
  }

  private mutating func array(_ depth: Int, _ field: Field) throws(JSONProblem) {
    place += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return }
    let length = path.count
    var index = 0
    repeat {
      if length > 0 { path.append(UInt8(ascii: "/")) }
      path += Array(String(index).utf8)
      index += 1
      try value(depth + 1, field)
      path.removeSubrange(length...)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw JSONProblem(finding: "has no comma or bracket after a value") }
  }

  /// A number or a bare word.
  private mutating func word() throws(JSONProblem) -> JSONScalar {
    let start = place
    while place < bytes.count, !Self.isEnd(bytes[place]) { place += 1 }
    let word = UnsafeRawBufferPointer(rebasing: bytes[start..<place])
    if let number = NumberBytes.value(word) { return .number(number) }
    switch String(decoding: word.prefix(8), as: UTF8.self) {
    case "true": return .flag(true)
    case "false": return .flag(false)
    case "null": return .null
    default: throw JSONProblem(finding: "has a value that is no JSON")
    }
  }

  private static func isEnd(_ byte: UInt8) -> Bool {
    byte <= 32 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
      || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[")
  }

  /// A text in quotation marks, its escapes resolved.
  private mutating func text() throws(JSONProblem) -> [UInt8] {
    place += 1
    let start = place
    while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\") { place += 1 }
    var text = [UInt8](bytes[start..<place])
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return text }
      if byte == UInt8(ascii: "\\") { try escape(&text) } else { text.append(byte) }
    }
    throw JSONProblem(finding: "has a text without its end")
  }

  private mutating func escape(_ text: inout [UInt8]) throws(JSONProblem) {
    guard place < bytes.count else { throw JSONProblem(finding: "has a text without its end") }
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "u"):
      var code = try hexadecimal()
      if (0xD800...0xDBFF).contains(code), place + 1 < bytes.count, bytes[place] == UInt8(ascii: "\\"),
        bytes[place + 1] == UInt8(ascii: "u")
      {
        place += 2
        let low = try hexadecimal()
        code = (0xDC00...0xDFFF).contains(low) ? 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00) : 0xFFFD
      }
      text += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
    default: text.append(byte)
    }
  }

  private mutating func hexadecimal() throws(JSONProblem) -> UInt32 {
    guard place + 4 <= bytes.count,
      let code = UInt32(String(decoding: bytes[place..<place + 4], as: UTF8.self), radix: 16)
    else { throw JSONProblem(finding: "has a wrong \\u escape") }
    place += 4
    return code
  }

  private mutating func skipSpace() {
    while place < bytes.count, [32, 9, 10, 13].contains(bytes[place]) { place += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }
}
