/// A text in lines of at most so many columns, broken at white space; a word that is longer stands alone.
///
/// - Parameter width: the columns that a text takes.
public func wrapped(_ text: String, columns limit: Int, width: (String) -> Int = \.count) -> [String] {
  guard limit > 0 else { return [] }
  var lines: [String] = []
  var line = ""
  for word in text.unicodeScalars.split(whereSeparator: \.properties.isWhitespace) {
    let longer = line.isEmpty ? String(word) : line + " " + String(word)
    if width(longer) <= limit || line.isEmpty {
      line = longer
    } else {
      lines.append(line)
      line = String(word)
    }
  }
  if !line.isEmpty { lines.append(line) }
  return lines
}
