/// Reads the JSON header of a safetensors file: exactly its grammar, so that nothing else gets through and no depth of
/// nesting or number can do harm. Takes memory in proportion to the header.
struct SafetensorsHeaderParser {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  private init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Parses a header, trailing spaces included.
  ///
  /// Returns the entries in the order written, byte ranges not yet checked against each other, and the metadata.
  static func parse(_ bytes: ArraySlice<UInt8>) throws(FormatFault) -> ([TensorEntry], [String: String]) {
    guard bytes.first == UInt8(ascii: "{") else { throw FormatFault("its header does not begin with {") }
    var parser = Self(bytes)
    var entries: [TensorEntry] = []
    var names: Set<String> = []
    var metadata: [String: String] = [:]
    try parser.object { (parser, key) throws(FormatFault) in
      guard names.insert(key).inserted else { throw FormatFault("its header names \"\(key)\" twice") }
      if key == "__metadata__" {
        metadata = try parser.stringMap()
      } else {
        entries.append(try parser.entry(name: key))
      }
    }
    parser.skipSpace()
    guard parser.position == bytes.endIndex else { throw parser.fault("more after the header's end") }
    return (entries, metadata)
  }

  private mutating func entry(name: String) throws(FormatFault) -> TensorEntry {
    var type: TensorType?
    var shape: [Int]?
    var offsets: [Int]?
    try object { (parser, key) throws(FormatFault) in
      switch key {
      case "dtype" where type == nil:
        let text = try parser.string()
        guard let known = TensorType(rawValue: text) else {
          throw FormatFault("tensor \"\(name)\" has the unknown type \"\(text)\"")
        }
        type = known
      case "shape" where shape == nil: shape = try parser.integers()
      case "data_offsets" where offsets == nil: offsets = try parser.integers()
      default: throw FormatFault("tensor \"\(name)\" has an unexpected or repeated field \"\(key)\"")
      }
    }
    guard let type, let shape, let offsets else {
      throw FormatFault("tensor \"\(name)\" lacks dtype, shape or data_offsets")
    }
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw FormatFault("tensor \"\(name)\" has data_offsets that are no range")
    }
    return TensorEntry(name: name, type: type, shape: shape, range: offsets[0]..<offsets[1])
  }

  private mutating func stringMap() throws(FormatFault) -> [String: String] {
    var map: [String: String] = [:]
    try object { (parser, key) throws(FormatFault) in
      let value = try parser.string()
      guard map.updateValue(value, forKey: key) == nil else {
        throw FormatFault("its header's metadata name \"\(key)\" twice")
      }
    }
    return map
  }

  // MARK: - JSON

  private func fault(_ what: String) -> FormatFault {
    FormatFault("its header has \(what) at byte \(position - bytes.startIndex)")
  }

  private mutating func skipSpace() {
    while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private func peek() -> UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func take(_ character: Unicode.Scalar) throws(FormatFault) {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { throw fault("no \(character) where one is expected") }
    position += 1
  }

  private mutating func takeIf(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek() == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func object(
    _ member: (inout Self, String) throws(FormatFault) -> Void
  ) throws(FormatFault) {
    try take("{")
    if takeIf("}") { return }
    repeat {
      skipSpace()
      let key = try string()
      try take(":")
      skipSpace()
      try member(&self, key)
    } while takeIf(",")
    try take("}")
  }

  private mutating func integers() throws(FormatFault) -> [Int] {
    var values: [Int] = []
    try take("[")
    if takeIf("]") { return values }
    repeat {
      skipSpace()
      values.append(try integer())
    } while takeIf(",")
    try take("]")
    return values
  }

  /// A whole number without sign, fraction or leading zeros that fits an `Int`.
  private mutating func integer() throws(FormatFault) -> Int {
    let start = position
    var value = 0
    while let byte = peek(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
      let (tens, overflowTens) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowSum) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      guard !overflowTens, !overflowSum else { throw fault("a number too large") }
      value = sum
      position += 1
    }
    let digits = position - start
    guard digits > 0 else { throw fault("no whole number where one is expected") }
    guard digits == 1 || bytes[start] != UInt8(ascii: "0") else { throw fault("a number with a leading zero") }
    return value
  }

  private mutating func string() throws(FormatFault) -> String {
    try take("\"")
    var text: [UInt8] = []
    while let byte = peek() {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw fault("a string that is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): text.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw fault("a control character in a string")
      default: text.append(byte)
      }
    }
    throw fault("a string without an end")
  }

  /// The scalar after a backslash.
  private mutating func escape() throws(FormatFault) -> Unicode.Scalar {
    guard let byte = peek() else { throw fault("a string without an end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      var value = try codeUnit()
      if (0xD800..<0xDC00).contains(value), peek() == UInt8(ascii: "\\") {
        position += 1
        guard peek() == UInt8(ascii: "u") else { throw fault("half a surrogate pair") }
        position += 1
        let low = try codeUnit()
        guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
        value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let scalar = Unicode.Scalar(value) else { throw fault("half a surrogate pair") }
      return scalar
    default: throw fault("an unknown escape")
    }
  }

  private mutating func codeUnit() throws(FormatFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek(), let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("an escape without four hexadecimal digits")
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }
}
