import Formatting

/// The tables of keys, commands and signs as plain text, for the manual.
public enum KeyReference {
  /// Every key of a run's dashboard, by what it is for.
  public static var keys: String {
    KeyBinding.sections.map { section in
      "  \(section.title)\n" + table(section.bindings.map { ($0.label, $0.explanation) })
    }.joined(separator: "\n\n")
  }

  /// Every key of the comparison of runs.
  public static var comparisonKeys: String { table(ComparisonBinding.explained) }

  /// What can be typed after `:`.
  public static var commands: String { table(CommandParser.usages.map { ($0.usage, $0.meaning) }) }

  /// What stands on the curves.
  public static var signs: String { table(HelpPopup.signs.map { ($0.sign, $0.meaning) }) }

  private static func table(_ rows: [(label: String, text: String)]) -> String { labelledRows(rows, indentation: 4) }
}
