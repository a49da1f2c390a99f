/// A theme file inside the program.
struct EmbeddedTheme: Sendable {
  let name: String
  let bytes: @Sendable () -> [UInt8]
}

extension ThemeCatalog {
  /// The files of `themes/`: embedded resources have no list of their own, and a test compares this one with the
  /// folder.
  static let embedded: [EmbeddedTheme] = [
    EmbeddedTheme(name: "contrast") { PackageResources.contrast_theme },
    EmbeddedTheme(name: "ember") { PackageResources.ember_theme },
    EmbeddedTheme(name: "fjord") { PackageResources.fjord_theme },
    EmbeddedTheme(name: "midnight") { PackageResources.midnight_theme },
    EmbeddedTheme(name: "moss") { PackageResources.moss_theme },
    EmbeddedTheme(name: "okabe-light") { PackageResources.okabe_light_theme },
    EmbeddedTheme(name: "okabe") { PackageResources.okabe_theme },
    EmbeddedTheme(name: "orchid") { PackageResources.orchid_theme },
    EmbeddedTheme(name: "paper") { PackageResources.paper_theme },
    EmbeddedTheme(name: "sand") { PackageResources.sand_theme },
    EmbeddedTheme(name: "slate") { PackageResources.slate_theme },
    EmbeddedTheme(name: "terminal") { PackageResources.terminal_theme },
    EmbeddedTheme(name: "tide") { PackageResources.tide_theme },
  ]
}
