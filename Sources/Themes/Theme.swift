public import TerminalCanvas

/// A colour scheme: btop's keys, and ours that fall back to btop's.
public struct Theme: Hashable, Sendable {
  public var name: String
  /// nil: the terminal's own background.
  public var background: Color?
}

/// Why a theme could not be used.
public struct ThemeError: Error, CustomStringConvertible, Hashable {
  /// A sentence with file, line, what was found and what to do.
  public var description: String
}

/// The themes that can be named.
public enum ThemeCatalog {
  public static let defaultName = "midnight"

  /// The embedded themes' names, sorted.
  public static var shipped: [String] { ["midnight"] }

  /// A theme by name or by path of a btop theme file.
  public static func theme(named nameOrPath: String) throws(ThemeError) -> Theme {
    throw ThemeError(description: "stub")
  }
}
