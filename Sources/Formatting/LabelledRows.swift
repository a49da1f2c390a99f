/// Rows of a label and a text beside it, which goes on in a column of its own where it is too long.
///
/// Widths count characters: it is for text whose characters are one column wide.
public func labelledRows(
  _ rows: [(label: String, text: String)], indentation: Int = 2, width: Int = 79
) -> String {
  let labels = rows.map(\.label.count).max() ?? 0
  let margin = indentation + labels + 2
  return rows.map { row in
    var lines = [String(repeating: " ", count: indentation) + row.label]
    lines[0] += String(repeating: " ", count: margin - lines[0].count)
    var isBegun = false
    for word in row.text.split(separator: " ") {
      let last = lines[lines.count - 1]
      if isBegun, last.count + 1 + word.count > width {
        lines.append(String(repeating: " ", count: margin) + word)
      } else {
        lines[lines.count - 1] = last + (isBegun ? " " : "") + word
      }
      isBegun = true
    }
    return lines.joined(separator: "\n")
  }.joined(separator: "\n")
}
