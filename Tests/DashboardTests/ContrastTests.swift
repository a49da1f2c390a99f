import TerminalCanvas
import Testing
import Themes

@testable import Dashboard
@testable import NcursesTerminal

/// What is drawn can be read, in every theme and at every depth of colour.
@Suite struct ContrastTests {
  /// The grid is decoration, and what lies behind a dialog or stands in place of a bar is not to be read.
  private func isDecoration(_ style: Style, _ palette: Palette) -> Bool {
    style.foreground == palette.grid.foreground || style.foreground == palette.track.foreground
      || style == palette.shade
  }

  private static let lines: Set<Unicode.Scalar> = ["●", "▲", "■", "★", "◆", "↑", "║", "▶", "±", "×"]

  private func isLine(_ scalar: Unicode.Scalar) -> Bool {
    (0x2500..<0x25A0).contains(scalar.value) || (0x2800..<0x2900).contains(scalar.value) || Self.lines.contains(scalar)
  }

  @Test(arguments: ThemeCatalog.shipped + ["btop"])
  func everyCell(_ name: String) throws {
    // A theme as others write them: pale text on a pale band, dark bars.
    let foreign = Theme(
      name: "btop",
      colors: [
        .mainBackground: Color(0x202020), .mainForeground: Color(0x707070), .title: Color(0x606060),
        .inactive: Color(0x303030), .graphText: Color(0x404040), .selectedBackground: Color(0x888888),
        .selectedForeground: Color(0x999999), .cpuBox: Color(0x242424), .stateRunning: Color(0x335533),
      ])
    let theme = name == "btop" ? foreign : try ThemeCatalog.theme(named: name)
    let palette = Palette(theme)
    for scene in [Scene.running, .classes, .balance, .machine, .journal, .cursor, .failed, .stop, .help, .command] {
      var model = try scene.model()
      model.theme = theme
      var canvas = Canvas(width: 120, height: 40)
      model.draw(into: &canvas, now: Scene.now)
      var worst: [String: Double] = [:]
      // A bar's last, partly filled cell stands before its track; the bar is recognized by the cells before it.
      for cell in canvas.cells where cell.scalar > 32 && !(0x2589...0x258F).contains(cell.scalar) {
        let style = canvas.styles[Int(cell.style)]
        guard let scalar = Unicode.Scalar(cell.scalar), !isDecoration(style, palette), let color = style.foreground
        else { continue }
        let behind = style.background ?? palette.base
        let needed = isLine(scalar) ? Color.lineContrast : Color.textContrast
        let ratio = color.contrast(with: behind)
        if ratio < needed { worst["\(Character(scalar)) \(color) on \(behind)"] = ratio }
      }
      #expect(worst.isEmpty, "\(name), \(scene)")
    }
  }

  /// Where few colours are left, text is lifted out of its background.
  @Test(arguments: ThemeCatalog.shipped, [ColorDepth.ansi8, .ansi16])
  func fewColours(_ name: String, depth: ColorDepth) throws {
    let usual = [
      0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00,
      0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ].map { Color($0) }
    let theme = try ThemeCatalog.theme(named: name)
    guard theme.background != nil else { return }  // the terminal's own, which may be any
    let palette = Palette(theme)
    for key in [ThemeKey.mainForeground, .title, .graphText, .inactive, .lossA, .lossB, .logError, .stateRunning] {
      for style in [palette.style(key), palette.band(key)] {
        let pair = depth.numbers(foreground: style.foreground, background: style.background)
        let (front, back) = (usual[Int(pair.foreground)], usual[Int(pair.background)])
        #expect(front.contrast(with: back) >= Color.textContrast, "\(key): \(pair)")
      }
    }
  }

  /// Colours are rounded to xterm's 256, text and what lies behind it each by itself, and can still be read.
  @Test(arguments: ThemeCatalog.shipped)
  func roundedColours(_ name: String) throws {
    let theme = try ThemeCatalog.theme(named: name)
    guard theme.background != nil else { return }  // the terminal's own, which may be any
    let palette = Palette(theme)
    for key in ThemeKey.allCases where theme[key] != nil {
      for style in [palette.style(key), palette.band(key), palette.line(key), palette.faint(key)] {
        let (front, back) = (try #require(style.foreground), try #require(style.background))
        let needed = [Color.textContrast, Color.lineContrast, 1].first { $0 <= front.contrast(with: back) } ?? 1
        let pair = ColorDepth.indexed256.numbers(foreground: front, background: back)
        let shown = ColorDepth.indexed(pair.foreground).contrast(with: ColorDepth.indexed(pair.background))
        #expect(shown >= needed, "\(key): \(front) on \(back) is shown as \(pair)")
      }
    }
  }

  /// A theme that leaves both to the terminal can be read on a light one, once that has reported its background.
  @Test func aLightTerminal() throws {
    let white = Color(0xFFFFFF)
    let palette = Palette(try ThemeCatalog.theme(named: "terminal"), terminalBackground: white)
    #expect(palette.text.foreground == nil && palette.strong.foreground == nil, "the terminal's own")
    for style in [palette.label, palette.quiet, palette.key, palette.style(.lossA), palette.style(.logError)] {
      #expect(try #require(style.foreground).contrast(with: white) >= Color.textContrast)
    }
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    _ = model.handle(.background(white), now: 0)
    #expect(model.theme.name == ThemeCatalog.defaultName, "it was chosen")
    model.followsBackground = true
    _ = model.handle(.background(Color(0x101010)), now: 0)
    #expect(model.theme.name == ThemeCatalog.defaultName)
    _ = model.handle(.background(white), now: 0)
    #expect(model.theme.name == ThemeCatalog.lightName)
    #expect(model.preferences.theme == nil, "not kept: nobody chose it")
    _ = model.handle(.background(Color(0x101010)), now: 0)
    #expect(model.theme.name == ThemeCatalog.defaultName, "the terminal knows better than its environment")
  }
}
