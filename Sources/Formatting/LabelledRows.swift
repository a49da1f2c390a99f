/// Rows of a label and a text beside it, which goes on in a column of its own where it is too long.
///
/// Widths count characters: it is for text whose characters are one column wide.
public func labelledRows(
  _ rows: [(label: String, text: String)], indentation: Int = 2, width: Int = 79
) -> String {
  let labels = rows.map(\.label.count).max() ?? 0
  let margin = indentation + labels + 2
  return rows.map { row in
    let label = String(repeating: " ", count: indentation) + row.label
    let lines = wrapped(row.text, columns: max(1, width - margin))
    return label + String(repeating: " ", count: margin - label.count)
      + lines.joined(separator: "\n" + String(repeating: " ", count: margin))
  }.joined(separator: "\n")
}
