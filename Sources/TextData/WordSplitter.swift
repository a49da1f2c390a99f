/// Splits raw text into words, as the data sets that models learn from have them.
///
/// White space (any that Unicode knows) separates words. `. , ; : ? !` and closing quotation marks and brackets at a
/// word's end, and opening ones at its start, become words of their own, except the last full stop of a word that has
/// another inside (`p.m.`, `U.S.`). What stands between letters stays: `I'd`, `7:30`, `R&B`.
/// - Parameter isWord: asked of what white space separates, and of what is left of it once something was split off;
///   true keeps it whole.
/// - Returns: the words in their order; their indices are those of `text`.
public func splitIntoWords(_ text: String, isWord: (Substring) -> Bool = { _ in false }) -> [Substring] {
  var words: [Substring] = []
  for chunk in text.split(whereSeparator: \.isWhitespace) {
    var rest = chunk
    while let first = rest.first, openers.contains(first), isSplittable(rest, isWord) {
      words.append(rest.prefix(1))
      rest = rest.dropFirst()
    }
    var closing: [Substring] = []
    while let last = rest.last, closers.contains(last), !endsAbbreviation(rest), isSplittable(rest, isWord) {
      closing.append(rest.suffix(1))
      rest = rest.dropLast()
    }
    words.append(rest)
    words += closing.reversed()
  }
  return words
}

private func isSplittable(_ rest: Substring, _ isWord: (Substring) -> Bool) -> Bool {
  rest.dropFirst().first != nil && !isWord(rest)
}

private let openers: Set<Character> = ["\"", "(", "[", "{", "“", "„", "«", "¿", "¡"]
private let closers: Set<Character> = [".", ",", ";", ":", "?", "!", "\"", ")", "]", "}", "”", "“", "»", "…"]

private func endsAbbreviation(_ word: Substring) -> Bool {
  guard word.last == ".", let inner = word.dropLast().lastIndex(of: ".") else { return false }
  return word.index(after: inner) != word.index(before: word.endIndex) && inner != word.startIndex
}
