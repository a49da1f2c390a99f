internal import Formatting

/// A table of runs as text, for people, scripts and pull requests.
public enum TableText: String, Hashable, Sendable, CaseIterable {
  case text, json, csv, markdown

  /// `width`: columns of the terminal, for `text`; nil where there is none, and nothing is cut.
  public func write(_ table: RunTable, width: Int? = nil) -> String {
    switch self {
    case .text: Self.aligned(table, width)
    case .json: Self.json(table)
    case .csv: Self.csv(table)
    case .markdown: Self.markdown(table)
    }
  }

  // MARK: - Text

  private static let narrowestName = 12

  private static func aligned(_ table: RunTable, _ width: Int?) -> String {
    let rows = [table.columns.map(RunTable.heading)] + table.rows.map { row in row.cells.map(marked) }
    return aligned(rows, cutting: table.columns.firstIndex(of: .name), to: width) { isTextual(table.columns[$0]) }
  }

  /// Rows with their columns below each other.
  ///
  /// `name`: the column that is cut at its beginning where a row would be wider than `width`: one long name must not make
  /// every row as wide as it is.
  /// `isText`: whether a column stands at the left.
  public static func aligned(
    _ rows: [[String]], cutting name: Int?, to width: Int?, isText: (Int) -> Bool
  ) -> String {
    var widths = (rows.first ?? []).indices.map { column in
      rows.map { CharacterWidth.columns(of: $0[column]) }.max() ?? 0
    }
    if let width, let name {
      let others = widths.reduce(0, +) - widths[name] + 2 * (widths.count - 1)
      widths[name] = min(widths[name], max(narrowestName, width - others))
    }
    return rows.map { row in
      let cells = zip(row.indices, row).map { index, cell in
        let isCut = CharacterWidth.columns(of: cell) > widths[index]
        let text = isCut ? "…" + CharacterWidth.end(cell, columns: widths[index] - 1) : cell
        let free = CharacterWidth.padding(text, to: widths[index])
        return isText(index) ? text + free : free + text
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }

  private static func marked(_ cell: RunTable.Cell) -> String { cell.isBest ? cell.text + "*" : cell.text }

  private static func isTextual(_ column: RunTable.Column) -> Bool {
    switch column {
    case .name, .state, .format, .configuration: true
    default: false
    }
  }

  // MARK: - Files

  private static func csv(_ table: RunTable) -> String {
    func quoted(_ text: String) -> String {
      guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
      return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
    let rows =
      [table.columns.map(RunTable.heading)]
      + table.rows.map { row in
        zip(table.columns, row.cells).map { value($0, $1) ?? "" }
      }
    return rows.map { $0.map(quoted).joined(separator: ",") + "\n" }.joined()
  }

  /// A cell's value as it is computed with; nil where there is none.
  private static func value(_ column: RunTable.Column, _ cell: RunTable.Cell) -> String? {
    switch column {
    case .name, .state, .format: cell.text
    case .configuration: cell.text == "–" ? nil : cell.text
    default: cell.number.map { $0 == $0.rounded() && abs($0) < 1e15 ? String(Int64($0)) : "\($0)" }
    }
  }

  private static func markdown(_ table: RunTable) -> String {
    func row(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |\n" }
    func escaped(_ text: String) -> String { text.replacing("|", with: "\\|") }
    var text = row(table.columns.map { escaped(RunTable.heading($0)) })
    text += row(table.columns.map { isTextual($0) ? "---" : "---:" })
    for entry in table.rows {
      text += row(entry.cells.map { $0.isBest ? "**\(escaped($0.text))**" : escaped($0.text) })
    }
    return text
  }

  private static func json(_ table: RunTable) -> String {
    let rows = table.rows.map { row in
      let fields = zip(table.columns, row.cells).map { column, cell in
        quoted(RunTable.heading(column)) + ": " + jsonValue(column, cell)
      }
      return "{\"path\": \(quoted(row.id)), " + fields.joined(separator: ", ") + "}"
    }
    return "[" + rows.joined(separator: ",\n ") + "]\n"
  }

  private static func jsonValue(_ column: RunTable.Column, _ cell: RunTable.Cell) -> String {
    guard let value = value(column, cell) else { return "null" }
    return cell.number.map(\.isFinite) == true ? value : quoted(value)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case _ where scalar.value < 32:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
