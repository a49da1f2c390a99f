public import ArgumentParser
public import TerminalCanvas

/// How the run is shown.
struct DisplayOptions: ParsableArguments {
  /// What `--no-ui` writes on standard output.
  enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: ArgumentHelp(
      "Show the dashboard, or with --no-ui print plain lines (default: --ui on a terminal)."))
  var ui: Bool?

  @Option(
    help: ArgumentHelp(
      "What --no-ui prints: text, or json for one JSON object a line (default: text).", valueName: "name"))
  var logFormat: LogFormat?

  @Option(
    help: ArgumentHelp(
      "Colour theme: a name that 'mtt-tui themes' lists, or a btop theme file.", valueName: "name|file"),
    completion: .file(extensions: ["theme"]))
  var theme: String?

  @Option(
    help: ArgumentHelp(
      "Characters for charts and bars (default: what the terminal can show).",
      valueName: "name"))
  var glyphs: GlyphSet?
}

extension GlyphSet: ExpressibleByArgument {}
