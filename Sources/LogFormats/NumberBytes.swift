/// Numbers as logs write them, from bytes: the same whatever the locale.
enum NumberBytes {
  /// Powers of ten that a double holds exactly.
  private static let powers: [Double] = (0...22).map { exponent in
    (0..<exponent).reduce(1.0) { power, _ in power * 10 }
  }

  /// The number that the bytes write, `nan` and `inf` in every spelling among them; nil where they are no number.
  static func value(_ bytes: UnsafeRawBufferPointer) -> Double? {
    if let value = simple(bytes) { return value }
    if let word = word(bytes) { return word }
    guard let first = bytes.first, first != UInt8(ascii: " "), bytes.count <= 64 else { return nil }
    // Hexadecimal numbers and names are none.
    guard bytes.allSatisfy({ isNumberByte($0) }) else { return nil }
    return Double(String(decoding: bytes, as: UTF8.self))
  }

  /// Digits with at most 15 of them significant and a small exponent, for which one division or product is exact.
  private static func simple(_ bytes: UnsafeRawBufferPointer) -> Double? {
    var place = 0
    var (mantissa, digits, scale, hasDigits) = (UInt64(0), 0, 0, false)
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { place = 1 }
    var isFraction = false
    while place < bytes.count {
      let byte = bytes[place]
      if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else if byte >= 48, byte <= 57 {
        hasDigits = true
        if mantissa > 0 || byte != 48 { digits += 1 }
        guard digits <= 15 else { return nil }
        mantissa = mantissa * 10 + UInt64(byte - 48)
        if isFraction { scale -= 1 }
      } else {
        break
      }
      place += 1
    }
    guard hasDigits, let exponent = exponent(bytes, place) else { return nil }
    scale += exponent
    guard scale >= -22, scale <= 22 else { return nil }
    let value = Double(mantissa)
    let scaled = scale < 0 ? value / powers[-scale] : value * powers[scale]
    return isNegative ? -scaled : scaled
  }

  /// What follows the digits: nothing, or `e` and a power.
  private static func exponent(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Int? {
    var place = start
    guard place < bytes.count else { return 0 }
    guard bytes[place] | 32 == UInt8(ascii: "e") else { return nil }
    place += 1
    guard place < bytes.count else { return nil }
    let isNegative = bytes[place] == UInt8(ascii: "-")
    if isNegative || bytes[place] == UInt8(ascii: "+") { place += 1 }
    guard place < bytes.count, bytes.count - place <= 4 else { return nil }
    var exponent = 0
    for byte in bytes[place...] {
      guard byte >= 48, byte <= 57 else { return nil }
      exponent = exponent * 10 + Int(byte - 48)
    }
    return isNegative ? -exponent : exponent
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || [43, 45, 46, 69, 101].contains(byte)
  }

  /// A value that is not finite, by its word.
  static func word(_ bytes: UnsafeRawBufferPointer) -> Double? {
    guard (3...9).contains(bytes.count) else { return nil }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "nan", "-nan", "+nan": return .nan
    case "inf", "+inf", "infinity", "+infinity": return .infinity
    case "-inf", "-infinity": return -.infinity
    default: return nil
    }
  }
}
