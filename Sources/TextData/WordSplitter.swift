/// Splits a text at white space alone, as the lines of `seq.in` are.
public func splitAtWhiteSpace(_ text: String) -> [Substring] {
  text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace).map { Substring($0) }
}

/// Splits raw text into words, as the data sets that models learn from have them.
///
/// White space (any that Unicode knows) separates words. `. , ; : ? !` and closing quotation marks and brackets at a
/// word's end, and opening ones at its start, become words of their own, except the last full stop of a word that has
/// another inside (`p.m.`, `U.S.`). What stands between letters stays: `I'd`, `7:30`, `R&B`.
/// - Parameters:
///   - longestWord: bytes beyond which `isWord` is not asked.
///   - isWord: asked of what white space separates, and of what is left of it once something was split off; true keeps
///     it whole.
/// - Returns: the words in their order; their indices are those of `text`.
public func splitIntoWords(
  _ text: String, longestWord: Int = .max, isWord: (Substring) -> Bool = { _ in false }
) -> [Substring] {
  let scalars = text.unicodeScalars
  var words: [Substring] = []
  for chunk in scalars.split(whereSeparator: \.properties.isWhitespace) {
    // By indices: slices of slices would be gone through from their start each time.
    var (low, high) = (chunk.startIndex, chunk.endIndex)
    var bytes = text.utf8.distance(from: low, to: high)
    func isWhole() -> Bool {
      scalars.index(after: low) == high || (bytes <= longestWord && isWord(text[low..<high]))
    }
    while openers.contains(scalars[low]), !isWhole() {
      let next = scalars.index(after: low)
      words.append(text[low..<next])
      bytes -= UTF8.width(scalars[low])
      low = next
    }
    var closing: [Substring] = []
    while true {
      let last = scalars.index(before: high)
      guard closers.contains(scalars[last]), !endsAbbreviation(scalars, low, last), !isWhole() else { break }
      closing.append(text[last..<high])
      bytes -= UTF8.width(scalars[last])
      high = last
    }
    words.append(text[low..<high])
    words += closing.reversed()
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

private let openers: Set<UnicodeScalar> = ["\"", "(", "[", "{", "“", "„", "«", "¿", "¡"]
private let closers: Set<UnicodeScalar> = [".", ",", ";", ":", "?", "!", "\"", ")", "]", "}", "”", "“", "»", "…"]

/// Whether a word that begins at `low` ends with a full stop at `last` and has another inside, not just before.
private func endsAbbreviation(_ scalars: String.UnicodeScalarView, _ low: String.Index, _ last: String.Index) -> Bool {
  guard scalars[last] == ".", let inner = scalars[low..<last].lastIndex(of: ".") else { return false }
  return scalars.index(after: inner) != last && inner != low
}
