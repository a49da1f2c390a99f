/// ASCII's white space: space, tab, line feed, vertical tab, form feed, carriage return.
@inline(__always)
func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
}

/// White space is all that Unicode knows (property White_Space, as Python's `str.split` has it), in training, evaluation
/// and prediction alike: so all of them see the same words in the same text.
extension UnsafeBufferPointer<UInt8> {
  /// Bytes of the white space at `position`, 0 where something else is.
  @inline(__always)
  func whiteSpace(at position: Int) -> Int {
    let byte = self[position]
    if byte < 0x80 { return isWhiteSpace(byte) ? 1 : 0 }
    return byte == 0xC2 || (byte >= 0xE1 && byte <= 0xE3) ? wideWhiteSpace(at: position) : 0
  }

  /// Bytes of the white space beyond ASCII at `position`.
  private func wideWhiteSpace(at position: Int) -> Int {
    func byte(_ offset: Int) -> UInt8 { position + offset < count ? self[position + offset] : 0 }
    switch (byte(0), byte(1), byte(2)) {
    case (0xC2, 0x85, _), (0xC2, 0xA0, _): return 2  // U+0085, U+00A0
    case (0xE1, 0x9A, 0x80): return 3  // U+1680
    case (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9), (0xE2, 0x80, 0xAF): return 3  // U+2000…
    case (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80): return 3  // U+205F, U+3000
    default: return 0
    }
  }

  /// Bytes of the white space that ends before `position`.
  private func whiteSpace(before position: Int, from start: Int) -> Int {
    for length in 1...3 where position - length >= start {
      if self[position - length] & 0xC0 == 0x80 { continue }
      return whiteSpace(at: position - length) == length ? length : 0
    }
    return 0
  }

  /// The part without white space at either end.
  @inline(__always)
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    // Between letters and marks of ASCII there is nothing to trim.
    if let first = range.first, self[first] &- 0x21 < 0x5E, self[range.upperBound - 1] &- 0x21 < 0x5E { return range }
    return withoutWhiteSpaceAtEnds(range)
  }

  private func withoutWhiteSpaceAtEnds(_ range: Range<Int>) -> Range<Int> {
    var low = range.lowerBound
    var high = range.upperBound
    // Mostly ASCII's alone.
    while low < high, isWhiteSpace(self[low]) { low += 1 }
    while low < high, isWhiteSpace(self[high - 1]) { high -= 1 }
    if low == high || self[low] < 0x80 && self[high - 1] < 0x80 { return low..<high }
    while low < high {
      let length = whiteSpace(at: low)
      if length == 0 { break }
      low += length
    }
    while high > low {
      let length = whiteSpace(before: high, from: low)
      if length == 0 { break }
      high -= length
    }
    return low..<Swift.max(low, high)
  }

  /// The part without white space and byte order marks (U+FEFF) at either end.
  func trimmedName(_ range: Range<Int>) -> Range<Int> {
    var rest = trimmed(range)
    while true {
      if hasByteOrderMark(at: rest.lowerBound, before: rest.upperBound) {
        rest = trimmed(rest.lowerBound + 3..<rest.upperBound)
      } else if rest.count >= 3, hasByteOrderMark(at: rest.upperBound - 3, before: rest.upperBound) {
        rest = trimmed(rest.lowerBound..<rest.upperBound - 3)
      } else {
        return rest
      }
    }
  }

  /// Whether U+FEFF stands at `position`.
  @inline(__always)
  func hasByteOrderMark(at position: Int, before end: Int) -> Bool {
    end - position >= 3 && self[position] == 0xEF && self[position + 1] == 0xBB && self[position + 2] == 0xBF
  }

  /// Whether any white space is in it.
  func hasWhiteSpace(_ range: Range<Int>) -> Bool {
    var position = firstPossibleSpace(from: range.lowerBound, before: range.upperBound)
    while position < range.upperBound {
      if whiteSpace(at: position) > 0 { return true }
      position = firstPossibleSpace(from: position + sequenceLength(of: self[position]), before: range.upperBound)
    }
    return false
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Where ASCII's first white space is from a position on; `end` where there is none before it.
  @inline(__always)
  func firstASCIISpace(from start: Int, before end: Int) -> Int {
    var position = firstLowByte(from: start, before: end, orMasked: 0)
    while position < end, !isWhiteSpace(self[position]) {
      position = firstLowByte(from: position + 1, before: end, orMasked: 0)
    }
    return position
  }

  /// Where white space may be from a position on: at a byte that no word of ASCII has; `end` where there is none.
  @inline(__always)
  func firstPossibleSpace(from position: Int, before end: Int) -> Int {
    firstLowByte(from: position, before: end, orMasked: 0x8080_8080_8080_8080)
  }

  /// The first byte that is below 0x21 or has a bit of a mask's.
  @inline(__always)
  private func firstLowByte(from start: Int, before end: Int, orMasked mask: UInt64) -> Int {
    var position = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    // Bytes behind `end` may be looked at, as long as they are there.
    while position < end, position + 8 <= count {
      let word = UInt64(littleEndian: eightBytes(at: position))
      // Bit 7 of a byte is set where it is below 0x21 (and may be in bytes behind such a one).
      let found = ((word &- ones &* 0x21) & ~word | word & mask) & (ones &* 0x80)
      if found != 0 { return Swift.min(position + found.trailingZeroBitCount / 8, end) }
      position += 8
    }
    while position < end, self[position] > 0x20, self[position] & UInt8(truncatingIfNeeded: mask) == 0 { position += 1 }
    return Swift.min(position, end)
  }

  /// What comes next between runs of ASCII white space; nil where nothing is left.
  @inline(__always)
  func nextASCIIWord(from position: inout Int, before end: Int) -> Range<Int>? {
    while position < end, isWhiteSpace(self[position]) { position += 1 }
    let start = position
    position = firstASCIISpace(from: position, before: end)
    return position > start ? start..<position : nil
  }
}

extension ByteStrings {
  /// Appends what runs of white space separate in a line.
  mutating func appendWords(of bytes: UnsafeBufferPointer<UInt8>, in line: Range<Int>) {
    var position = line.lowerBound
    while position < line.upperBound {
      let start = position
      var length = 0
      while true {
        position = bytes.firstPossibleSpace(from: position, before: line.upperBound)
        guard position < line.upperBound else { break }
        length = bytes.whiteSpace(at: position)
        if length > 0 { break }
        position += 1
      }
      if position > start { append(bytes.slice(start..<position)) }
      position += length
    }
  }

  /// Appends what runs of ASCII white space separate in a line: other white space stays inside words.
  mutating func appendASCIIWords(of bytes: UnsafeBufferPointer<UInt8>, in line: Range<Int>) {
    var position = line.lowerBound
    while let word = bytes.nextASCIIWord(from: &position, before: line.upperBound) { append(bytes.slice(word)) }
  }
}
