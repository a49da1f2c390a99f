import ArgumentParser
import Glibc
import NcursesTerminal
import TerminalCanvas
import Themes

/// `mtt-tui themes`: the names that `--theme` takes, on a terminal with a sample of each.
struct ThemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "themes",
    abstract: "List the colour themes.",
    discussion: "A name, or the path of a btop theme file, goes to --theme.")

  func run() throws {
    let environment = TerminalEnvironment.current
    let isColoured = StandardStreams.isTerminal(STDOUT_FILENO) && !environment.noColor
    let names = ThemeCatalog.available
    let width = (names.map(\.count).max() ?? 0) + " (default)".count + 2
    for name in names {
      let label = name == ThemeCatalog.defaultName ? "\(name) (default)" : name
      guard isColoured else {
        try Failures.output(label + "\n")
        continue
      }
      let padding = String(repeating: " ", count: max(1, width - label.count))
      let sample: String
      do {
        sample = ThemeSample(theme: try ThemeCatalog.theme(named: name), isExact: environment.hasTrueColor).text
      } catch {
        sample = error.description
      }
      try Failures.output(label + padding + sample + "\n")
    }
  }
}

/// A theme's main colours on one line of a terminal.
private struct ThemeSample {
  let theme: Theme
  /// Whether the terminal shows exact colours, or only the nearest of 256.
  let isExact: Bool

  var text: String {
    var text = sequence(48, theme.background)
    for (key, label) in [(ThemeKey.mainForeground, " loss "), (.lossTotal, "━ "), (.lossA, "━ "), (.lossB, "━ ")] {
      text += sequence(38, theme[key]) + label
    }
    for gradient in [ThemeGradient.taskA, .taskB, .progress] {
      for cell in 0..<10 { text += sequence(38, theme[gradient][Double(cell) / 9]) + "█" }
      text += " "
    }
    return text + "\u{1B}[0m"
  }

  /// The sequence that sets the foreground (38) or background (48); the terminal's own for nil.
  private func sequence(_ layer: Int, _ color: Color?) -> String {
    guard let color else { return "\u{1B}[\(layer + 1)m" }
    guard isExact else { return "\u{1B}[\(layer);5;\(ColorDepth.nearestIndexed(color))m" }
    return "\u{1B}[\(layer);2;\(color.red);\(color.green);\(color.blue)m"
  }
}
