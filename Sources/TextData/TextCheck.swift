/// Throws for the first byte of a file that is not text: invalid UTF-8 or a control character.
///
/// Control characters are those below U+0020 that are not white space, and U+007F. UTF-8 as Unicode defines it: no
/// surrogates, no overlong forms, nothing above U+10FFFF.
func checkText(_ bytes: UnsafeBufferPointer<UInt8>, path: String) throws(DataError) {
  guard let offset = firstBadByte(bytes) else { return }
  let (line, lineStart) = LineCursor.line(of: offset, in: bytes)
  let hex = String(bytes[offset], radix: 16, uppercase: true)
  let byte = "byte \(offset - lineStart + 1) of the line is 0x\(hex.count == 1 ? "0" : "")\(hex)"
  if isUTF16(bytes) {
    let isUTF32 = bytes.starts(with: [0xFF, 0xFE, 0, 0])
    let encoding = isUTF32 ? "UTF-32" : "UTF-16"
    throw .malformed(path, line: line, "the file is \(encoding), not UTF-8: convert it (\(iconv(encoding, path)))")
  }
  if bytes[offset] < 0x80 {
    throw .malformed(path, line: line, "\(byte), a control character: remove it")
  }
  if bytes[offset] == 0xED, offset + 1 < bytes.count, bytes[offset + 1] >= 0xA0 {
    throw .malformed(
      path, line: line, "\(byte), half of a surrogate pair as CESU-8 writes it: convert the file to UTF-8")
  }
  throw .malformed(path, line: line, "\(byte), which is not valid UTF-8 there: \(encodingAdvice(bytes, offset, path))")
}

/// Whether a file begins as UTF-16 does: with its mark, or with every other byte 0.
private func isUTF16(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
  guard bytes.count >= 2 else { return false }
  if (bytes[0] == 0xFF && bytes[1] == 0xFE) || (bytes[0] == 0xFE && bytes[1] == 0xFF) { return true }
  let start = bytes.prefix(64)
  guard start.count >= 8 else { return false }
  func zeros(_ rest: Int) -> Int { start.indices.filter { $0 % 2 == rest && start[$0] == 0 }.count }
  return (zeros(0) == 0 && zeros(1) == start.count / 2) || (zeros(1) == 0 && zeros(0) == (start.count + 1) / 2)
}

/// What to do with a file that is not UTF-8: the encoding that it probably is in, and how to convert it.
private func encodingAdvice(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int, _ path: String) -> String {
  // Whole characters of UTF-8 before it: the file is damaged there, not of another encoding.
  if bytes[..<offset].contains(where: { $0 >= 0x80 }) { return "mend that line, or save the file as UTF-8 anew" }
  let start = bytes.prefix(1 << 20)
  let high = start.reduce(0) { $0 + ($1 >= 0x80 ? 1 : 0) }
  // Latin letters with accents are few among plain ones; other scripts are mostly bytes above 0x7F.
  guard high * 4 < start.count else {
    return "convert the file from its encoding (such as \(iconv("GB18030", path)), or SHIFT_JIS, EUC-KR, CP1251)"
  }
  let hasC1 = start.contains { $0 >= 0x80 && $0 < 0xA0 }
  return hasC1
    ? "it is probably Windows-1252; convert it (\(iconv("WINDOWS-1252", path)))"
    : "it is probably Latin-1 (ISO-8859-1); convert it (\(iconv("ISO-8859-1", path)))"
}

private func iconv(_ encoding: String, _ path: String) -> String {
  "iconv -f \(encoding) -t UTF-8 \(lastComponent(path)) > converted"
}

/// Offset of the first byte that is not part of text, nil if all is.
func firstBadByte(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
  let raw = UnsafeRawBufferPointer(bytes)
  var position = 0
  while position < raw.count {
    if position + 8 <= raw.count {
      let others = othersThanASCIIText(UInt64(littleEndian: bytes.eightBytes(at: position)))
      if others == 0 {
        position += 8
        continue
      }
      position += others.trailingZeroBitCount / 8
    }
    if raw[position] < 0x80 {
      if (raw[position] < 0x20 && !isWhiteSpace(raw[position])) || raw[position] == 0x7F { return position }
      position += 1
    }
    while position < raw.count, raw[position] >= 0x80 {
      let length = sequenceLength(raw, at: position)
      if length == 0 { return position }
      position += length
    }
  }
  return nil
}

/// Bit 7 of each of eight bytes that is neither in 0x20...0x7E nor ASCII's white space.
@inline(__always)
private func othersThanASCIIText(_ word: UInt64) -> UInt64 {
  let high: UInt64 = 0x8080_8080_8080_8080
  let low = word & ~high
  // Sets bit 7 of the bytes whose other bits are at least `first`; none of these sums is carried to the next byte.
  func atLeast(_ first: UInt64) -> UInt64 { low &+ 0x0101_0101_0101_0101 &* (0x80 - first) }
  let text = atLeast(0x20) & ~atLeast(0x7F) | atLeast(0x09) & ~atLeast(0x0E)
  return (word | ~text) & high
}

/// Length in bytes of the well-formed sequence of more than one byte at `position`, 0 if there is none.
private func sequenceLength(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
  let lead = bytes[position]
  let length: Int
  var low: UInt8 = 0x80
  var high: UInt8 = 0xBF
  switch lead {
  case 0xC2...0xDF: length = 2
  case 0xE0: (length, low) = (3, 0xA0)
  case 0xE1...0xEC, 0xEE, 0xEF: length = 3
  case 0xED: (length, high) = (3, 0x9F)
  case 0xF0: (length, low) = (4, 0x90)
  case 0xF1...0xF3: length = 4
  case 0xF4: (length, high) = (4, 0x8F)
  default: return 0
  }
  guard position + length <= bytes.count else { return 0 }
  guard bytes[position + 1] >= low, bytes[position + 1] <= high else { return 0 }
  for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 { return 0 }
  return length
}
