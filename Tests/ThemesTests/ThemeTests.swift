import Foundation
import TerminalCanvas
import Testing

@testable import Themes

@Suite struct ThemeTests {
  private func parse(_ text: String) throws -> Theme {
    Theme(name: "test", colors: try ThemeParser(file: "test.theme").parse(Array(text.utf8)))
  }

  /// `themes/` at the package's root.
  private var folder: String {
    var parts = #filePath.split(separator: "/").map(String.init)
    parts.removeLast(3)
    return "/" + parts.joined(separator: "/") + "/themes"
  }

  @Test func theEmbeddedThemesAreTheFolders() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".theme") }
    #expect(ThemeCatalog.shipped == files.map { String($0.dropLast(6)) }.sorted())
    for theme in ThemeCatalog.embedded {
      let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(theme.name).theme"))
      #expect(theme.bytes() == [UInt8](data), "\(theme.name) is embedded as it lies in the folder")
    }
    #expect(ThemeCatalog.shipped.contains(ThemeCatalog.defaultName))
  }

  /// Text 4.5 : 1 on the background, and on the header's band what stands there; lines, bars and frames 3 : 1.
  @Test(arguments: ThemeCatalog.shipped)
  func everyShippedThemeIsWholeAndReadable(_ name: String) throws {
    let theme = try ThemeCatalog.theme(named: name, folders: [])
    #expect(theme.name == name)
    let background = theme.background ?? Color(0x101010)
    let band = try #require(theme[.selectedBackground])
    for key in ThemeKey.allCases {
      guard let color = theme[key] else {
        let isTheTerminals = name == "terminal" && [.mainBackground, .mainForeground, .title].contains(key)
        #expect(isTheTerminals, "\(name) lacks \(key)")
        continue
      }
      let needed: Double? =
        switch key {
        case .mainBackground, .selectedBackground, .selectedForeground, .meterBackground, .dividerLine: nil
        case _ where key.rawValue.hasSuffix("_box") || key.rawValue.contains(/_(start|mid|end)$/): Color.lineContrast
        default: Color.textContrast
        }
      if let needed { #expect(color.contrast(with: background) >= needed, "\(name): \(key.rawValue)") }
    }
    let onBand: [ThemeKey] = [
      .mainForeground, .title, .graphText, .selectedForeground, .stateRunning, .statePaused, .stateEvaluating,
      .stateFinished, .stateFailed, .logWarning,
    ]
    for key in onBand {
      guard let color = theme[key] else { continue }
      #expect(color.contrast(with: band) >= Color.textContrast, "\(name): \(key.rawValue) on the header's band")
    }
  }

  @Test func btopsFormat() throws {
    let theme = try parse(
      """
      \u{FEFF}# a comment

      theme[main_bg]=""
      theme[main_fg]="#cc"  # grey
        theme[title]='12 34 255'\r
      theme[hi_fg]=#102030
      theme[something_new]="not looked at"
      theme[download_start]="#000000"
      theme[download_mid]=""
      theme[download_end]="#ffffff"
      """)
    #expect(theme.background == nil)
    #expect(theme[.mainForeground] == Color(0xCCCCCC))
    #expect(theme[.title] == Color(red: 12, green: 34, blue: 255))
    #expect(theme[.highlight] == Color(0x102030))
    #expect(theme[.lossA] == Color(0xFFFFFF))
    #expect(theme[.taskA][0.5] == Color(0x808080))
    #expect(theme[.taskA][0] == Color(0x000000))
    #expect(theme[.taskA][.nan] == Color(0x000000))
  }

  @Test func missingKeysFallBack() throws {
    let theme = try parse("theme[inactive_fg]=\"#404040\"\ntheme[cpu_start]=\"#010101\"\n")
    let standard = try ThemeCatalog.theme(named: ThemeCatalog.defaultName, folders: [])
    #expect(theme[.graphText] == Color(0x404040))
    #expect(theme[.meterBackground] == Color(0x404040))
    #expect(theme[.processStart] == Color(0x010101))
    #expect(theme[.process][1] == Color(0x010101))
    #expect(theme[.mainForeground] == standard[.mainForeground])
    #expect(theme.background == standard.background)
  }

  @Test(arguments: [
    ("theme[main_fg]=\"#12345\"", "broken.theme:1: theme[main_fg] is \"#12345\""),
    ("\ntheme[main_fg]=\"1 2\"", "broken.theme:2: theme[main_fg] is \"1 2\""),
    ("theme[main_fg]=\"1 2 256\"", "broken.theme:1: theme[main_fg] is"),
    ("theme[main_fg]=\"red\"", "broken.theme:1: theme[main_fg] is \"red\""),
    ("theme[main_fg]=\"#ffffff", "broken.theme:1: the value of theme[main_fg] has no closing quote"),
    ("theme[main_fg]", "broken.theme:1: there is no \"=\""),
    ("# fine\ncolour = red", "broken.theme:2: found \"colour = red\""),
  ])
  func aBrokenFileIsNamedByLine(_ text: String, _ expected: String) throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try text.write(toFile: folder + "/broken.theme", atomically: true, encoding: .utf8)
    let error = try #require(throws: ThemeError.self) { try ThemeCatalog.theme(named: folder + "/broken.theme") }
    #expect(error.description.hasPrefix(folder + "/" + expected), "\(error)")
  }

  @Test func usersThemesComeFirst() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try "theme[main_bg]=\"#123456\"".write(toFile: folder + "/paper.theme", atomically: true, encoding: .utf8)
    #expect(try ThemeCatalog.theme(named: "paper", folders: [folder]).background == Color(0x123456))
    #expect(try ThemeCatalog.theme(named: "paper.theme", folders: [folder]).background == Color(0x123456))
    #expect(try ThemeCatalog.theme(named: "paper", folders: []).background != Color(0x123456))
    #expect(try ThemeCatalog.theme(named: folder + "/paper.theme").name == "paper")
  }

  @Test func anUnknownNameListsTheKnownOnes() throws {
    let error = try #require(throws: ThemeError.self) { try ThemeCatalog.theme(named: "nope", folders: []) }
    #expect(error.description.contains("\"nope\""))
    for name in ThemeCatalog.shipped { #expect(error.description.contains(name)) }
    let path = try #require(throws: ThemeError.self) { try ThemeCatalog.theme(named: "/no/such.theme", folders: []) }
    #expect(path.description == "There is no theme file /no/such.theme.")
  }

  private func temporaryFolder() throws -> String {
    let path = NSTemporaryDirectory() + "/themes-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    return path
  }
}
