import TerminalCanvas

/// The colours of keys that neither a theme's file nor a fallback gives: the default theme's own.
enum ThemeDefaults {
  static let colors: [ThemeKey: Color?] = {
    let parser = ThemeParser(file: ThemeCatalog.defaultName + ".theme")
    let bytes = ThemeCatalog.embedded.first { $0.name == ThemeCatalog.defaultName }?.bytes() ?? []
    return (try? parser.parse(bytes)) ?? [:]
  }()
}
