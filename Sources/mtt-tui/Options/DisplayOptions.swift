public import ArgumentParser
public import NcursesTerminal
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
      "Print lines instead of the dashboard, as --no-ui does: text, or json for one JSON object a line (default: text).",
      valueName: "name"))
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

  @Option(
    help: ArgumentHelp(
      "Colours to use (default: what the terminal can show; NO_COLOR counts).", valueName: "depth"))
  var colors: ColorDepth?

  @Flag(
    inversion: .prefixedNo, exclusivity: .chooseLast,
    help: "Let the mouse work the dashboard; text is then marked with Shift (default: --mouse).")
  var mouse: Bool?

  /// Whether the dashboard is not wanted.
  var wantsLines: Bool { Self.wantsLines(ui: ui, format: logFormat) }

  static func wantsLines(ui: Bool?, format: LogFormat?) -> Bool { ui == false || (ui == nil && format != nil) }

  func checkTogether() throws {
    if ui == true, logFormat != nil {
      throw ValidationError("--log-format is about lines, which --ui replaces by the dashboard: leave one of them out.")
    }
  }
}

extension GlyphSet: ExpressibleByArgument {}
extension ColorDepth: ExpressibleByArgument {}
