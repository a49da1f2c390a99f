import Paths

/// The themes that can be named.
public enum ThemeCatalog {
  public static let defaultName = "midnight"
  /// The default of terminals whose background is light.
  public static let lightName = "paper"

  /// The embedded themes' names, sorted.
  public static var shipped: [String] { embedded.map(\.name).sorted() }

  /// Every name that can be given now: the user's, the installed and the embedded ones, sorted.
  public static var available: [String] {
    var names = Set(shipped)
    for folder in searchFolders() {
      for file in ThemeFiles.names(in: folder) where file.hasSuffix(".theme") { names.insert(String(file.dropLast(6))) }
    }
    return names.sorted()
  }

  /// A theme by name or by path of a btop theme file.
  ///
  /// A name is looked for in `$XDG_CONFIG_HOME/mtt-tui/themes`, then in `../share/mtt-tui/themes` beside the
  /// program's folder, then among the embedded ones. What has a slash in it or ends in `.theme` is a path first.
  public static func theme(named nameOrPath: String) throws(ThemeError) -> Theme {
    try theme(named: nameOrPath, folders: searchFolders())
  }

  static func theme(named nameOrPath: String, folders: [String]) throws(ThemeError) -> Theme {
    let isPath = nameOrPath.contains("/") || nameOrPath.hasSuffix(".theme")
    if isPath, let bytes = try ThemeFiles.read(nameOrPath) {
      var theme = try parse(bytes, file: nameOrPath)
      theme.source = ThemeFiles.absolute(nameOrPath)
      return theme
    }
    let name = nameOrPath.hasSuffix(".theme") ? String(nameOrPath.dropLast(6)) : nameOrPath
    if !name.contains("/"), !name.isEmpty {
      for folder in folders {
        let path = folder + "/" + name + ".theme"
        if let bytes = try ThemeFiles.read(path) { return try parse(bytes, file: path) }
      }
      if let found = embedded.first(where: { $0.name == name }) {
        return try parse(found.bytes(), file: name + ".theme")
      }
    }
    if isPath { throw ThemeError(description: "There is no theme file \(nameOrPath).") }
    throw ThemeError(
      description: "There is no theme named \"\(nameOrPath)\"; choose one of \(shipped.joined(separator: ", ")), "
        + "or give the path of a btop theme file.")
  }

  private static func parse(_ bytes: [UInt8], file: String) throws(ThemeError) -> Theme {
    let stem = file.split(separator: "/").last.map { $0.hasSuffix(".theme") ? $0.dropLast(6) : $0 } ?? "theme"
    return Theme(name: String(stem), colors: try ThemeParser(file: file).parse(bytes))
  }

  /// The folders searched before the embedded themes, in order.
  static func searchFolders() -> [String] {
    var folders: [String] = []
    if let configuration = userFolder("XDG_CONFIG_HOME", inHome: ".config") {
      folders.append(configuration + "/mtt-tui/themes")
    }
    if let program = linkTarget("/proc/self/exe") {
      let folder = program.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      folders.append(folder + "/../share/mtt-tui/themes")
    }
    return folders
  }
}
