/// Splits a text at white space alone, as the lines of `seq.in` are.
public func splitAtWhiteSpace(_ text: String) -> [Substring] {
  text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { Substring($0) }
}

/// Splits raw text into words, as the data sets that models learn from have them.
///
/// White space (any that Unicode knows) separates words. `. , ; : ? !` and closing quotation marks and brackets at a
/// word's end, and opening ones at its start, become words of their own, except the last full stop of a word that has
/// another inside (`p.m.`, `U.S.`). What stands between letters stays: `I'd`, `7:30`, `R&B`. Each character of Chinese
/// and Japanese writing, which puts no white space between words, is a word.
/// - Parameters:
///   - longestWord: bytes beyond which `isWord` is not asked.
///   - isWord: asked of what white space separates, and of what is left of it once something was split off; true keeps
///     it whole.
/// - Returns: the words in their order; their indices are those of `text`.
public func splitIntoWords(
  _ text: String, longestWord: Int = .max, isWord: (Substring) -> Bool = { _ in false }
) -> [Substring] {
  var words: [Substring] = []
  var contiguous = text
  contiguous.withUTF8 { bytes in
    func substring(_ range: Range<Int>) -> Substring {
      let start = text.utf8.index(text.startIndex, offsetBy: range.lowerBound)
      return text[start..<text.utf8.index(start, offsetBy: range.count)]
    }
    forEachWord(in: bytes, isWord: { $0.count <= longestWord && isWord(substring($0)) }) {
      words.append(substring($0))
    }
  }
  return words
}

/// Splits raw text as `splitIntoWords` does, but keeps known words whole.
public struct WordSplitter: Sendable {
  private let known: StringTable
  private let longest: Int
  private let lowercase: Bool

  /// - Parameter lowercase: whether the known words are in lower case and stand for all spellings.
  public init(keeping known: some Collection<String> = [String](), lowercase: Bool = false) {
    self.known = StringTable(known)
    self.lowercase = lowercase
    longest = known.reduce(0) { max($0, $1.utf8.count) }
  }

  /// The words in their order; their indices are those of `text`.
  public func words(of text: String) -> [Substring] {
    // In lower case a word may have fewer bytes, never less than a third.
    splitIntoWords(text, longestWord: lowercase ? 3 * longest : longest) { word in
      known.find(lowercase ? word.lowercased() : String(word)) != nil
    }
  }
}

/// Calls `body` with the place of each word of a UTF-8 text, as `splitIntoWords` finds them.
func forEachWord(
  in bytes: UnsafeBufferPointer<UInt8>, isWord: (Range<Int>) -> Bool = { _ in false }, _ body: (Range<Int>) -> Void
) {
  var position = 0
  while position < bytes.count {
    let space = bytes.whiteSpace(at: position)
    guard space == 0 else {
      position += space
      continue
    }
    let start = position
    var hasCJK = false
    while true {
      position = bytes.firstPossibleSpace(from: position, before: bytes.count)
      guard position < bytes.count, bytes.whiteSpace(at: position) == 0 else { break }
      hasCJK = hasCJK || isCJK(bytes, at: position)
      position += sequenceLength(of: bytes[position])
    }
    let chunk = start..<min(position, bytes.count)
    if hasCJK, !isWord(chunk) {
      splitAtCJK(bytes, chunk, isWord, body)
    } else {
      splitPunctuation(bytes, chunk, isWord, body)
    }
  }
}

/// Hands out the characters of Chinese and Japanese writing, and the words between them.
private func splitAtCJK(
  _ bytes: UnsafeBufferPointer<UInt8>, _ chunk: Range<Int>, _ isWord: (Range<Int>) -> Bool, _ body: (Range<Int>) -> Void
) {
  var start = chunk.lowerBound
  var position = start
  while position < chunk.upperBound {
    let next = min(position + sequenceLength(of: bytes[position]), chunk.upperBound)
    if isCJK(bytes, at: position) {
      if start < position { splitPunctuation(bytes, start..<position, isWord, body) }
      body(position..<next)
      start = next
    }
    position = next
  }
  if start < chunk.upperBound { splitPunctuation(bytes, start..<chunk.upperBound, isWord, body) }
}

/// Hands out the words of what white space separates.
private func splitPunctuation(
  _ bytes: UnsafeBufferPointer<UInt8>, _ chunk: Range<Int>, _ isWord: (Range<Int>) -> Bool, _ body: (Range<Int>) -> Void
) {
  // Most words: no mark begins or ends with a letter.
  if isAlphanumeric(bytes[chunk.lowerBound]), isAlphanumeric(bytes[chunk.upperBound - 1]) { return body(chunk) }
  var rest = chunk
  func isSplittable() -> Bool {
    rest.count > sequenceLength(of: bytes[rest.lowerBound]) && !isWord(rest)
  }
  while true {
    let length = lengthOfMark(openers, bytes, startingAt: rest.lowerBound)
    guard length > 0, isSplittable() else { break }
    body(rest.lowerBound..<rest.lowerBound + length)
    rest = rest.lowerBound + length..<rest.upperBound
  }
  while true {
    let length = lengthOfMark(closers, bytes, endingAt: rest.upperBound)
    guard length > 0, length < rest.count, !endsAbbreviation(bytes, rest), isSplittable() else { break }
    rest = rest.lowerBound..<rest.upperBound - length
  }
  body(rest)
  var mark = rest.upperBound
  while mark < chunk.upperBound {
    let end = mark + sequenceLength(of: bytes[mark])
    body(mark..<end)
    mark = end
  }
}

private let openers = ["\"", "(", "[", "{", "“", "„", "«", "¿", "¡"].map { Array($0.utf8) }
private let closers = [".", ",", ";", ":", "?", "!", "\"", ")", "]", "}", "”", "“", "»", "…"].map { Array($0.utf8) }
/// What a mark may begin or end with: letters, the most of a text, are none.
private let firstBytes = bytesOf(openers.compactMap(\.first))
private let lastBytes = bytesOf(closers.compactMap(\.last))

private func bytesOf(_ bytes: [UInt8]) -> [Bool] {
  var table = [Bool](repeating: false, count: 256)
  for byte in bytes { table[Int(byte)] = true }
  return table
}

private func lengthOfMark(_ marks: [[UInt8]], _ bytes: UnsafeBufferPointer<UInt8>, startingAt position: Int) -> Int {
  guard firstBytes[Int(bytes[position])] else { return 0 }
  return marks.first { bytes[position...].starts(with: $0) }?.count ?? 0
}

private func lengthOfMark(_ marks: [[UInt8]], _ bytes: UnsafeBufferPointer<UInt8>, endingAt end: Int) -> Int {
  guard lastBytes[Int(bytes[end - 1])] else { return 0 }
  return marks.first { end >= $0.count && bytes[end - $0.count..<end].elementsEqual($0) }?.count ?? 0
}

@inline(__always)
private func isAlphanumeric(_ byte: UInt8) -> Bool {
  (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
}

/// Whether a word ends in a full stop and has another inside, not right before it.
private func endsAbbreviation(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Bool {
  let stop = UInt8(ascii: ".")
  guard bytes[word.upperBound - 1] == stop,
    let inner = bytes[word.lowerBound..<word.upperBound - 1].lastIndex(of: stop)
  else { return false }
  return inner + 1 != word.upperBound - 1 && inner != word.lowerBound
}

/// Bytes of the character that begins with `lead`, in valid UTF-8.
@inline(__always)
func sequenceLength(of lead: UInt8) -> Int {
  lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
}

/// The character at `position` of valid UTF-8.
@inline(__always)
func scalarValue(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32 {
  let length = sequenceLength(of: bytes[position])
  guard length > 1, position + length <= bytes.count else { return UInt32(bytes[position]) }
  var value = UInt32(bytes[position]) & (0xFF >> UInt32(length + 1))
  for offset in 1..<length { value = value << 6 | UInt32(bytes[position + offset] & 0x3F) }
  return value
}

/// Whether the character at `position` is of Chinese or Japanese writing: ideographs, kana and their punctuation.
@inline(__always)
private func isCJK(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Bool {
  guard bytes[position] >= 0xE2 else { return false }
  switch scalarValue(bytes, at: position) {
  case 0x2E80...0x2FDF, 0x3001...0x312F, 0x3190...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFE30...0xFE4F,
    0xFF01...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFF9F, 0x1F200...0x1F2FF, 0x20000...0x3FFFF:
    return true
  default: return false
  }
}
