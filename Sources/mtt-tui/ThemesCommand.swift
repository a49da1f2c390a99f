import ArgumentParser
import Themes

/// `mtt-tui themes`: the names that `--theme` takes.
struct ThemesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "themes",
    abstract: "List the colour themes.",
    discussion: "The name or the path of a btop theme file goes to --theme.")

  func run() throws {
    for name in ThemeCatalog.shipped {
      print(name == ThemeCatalog.defaultName ? "\(name) (default)" : name)
    }
  }
}
