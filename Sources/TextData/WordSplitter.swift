/// Splits raw text into words, as the data sets that models learn from have them.
///
/// White space (any that Unicode knows) separates words. `. , ; : ? !` and closing quotation marks and brackets at a
/// word's end, and opening ones at its start, become words of their own, except the last full stop of a word that has
/// another inside (`p.m.`, `U.S.`). What stands between letters stays: `I'd`, `7:30`, `R&B`.
/// - Returns: the words in their order; their indices are those of `text`.
public func splitIntoWords(_ text: String) -> [Substring] {
  var words: [Substring] = []
  for chunk in text.split(whereSeparator: \.isWhitespace) {
    var rest = chunk
    while rest.count > 1, let first = rest.first, openers.contains(first) {
      words.append(rest.prefix(1))
      rest = rest.dropFirst()
    }
    var closing: [Substring] = []
    while rest.count > 1, let last = rest.last, closers.contains(last), !endsAbbreviation(rest) {
      closing.append(rest.suffix(1))
      rest = rest.dropLast()
    }
    words.append(rest)
    words += closing.reversed()
  }
  return words
}

private let openers: Set<Character> = ["\"", "(", "[", "{", "“", "„", "«", "¿", "¡"]
private let closers: Set<Character> = [".", ",", ";", ":", "?", "!", "\"", ")", "]", "}", "”", "“", "»", "…"]

private func endsAbbreviation(_ word: Substring) -> Bool {
  guard word.last == ".", let inner = word.dropLast().lastIndex(of: ".") else { return false }
  return word.index(after: inner) != word.index(before: word.endIndex) && inner != word.startIndex
}
