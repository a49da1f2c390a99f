import TerminalCanvas
import Themes

/// A theme's colours by what the dashboard uses them for, each moved as far as it takes to be read on what lies behind it.
struct Palette: Sendable {
  private let theme: Theme
  /// What lies behind, the terminal's own where the theme leaves it to that; and what is sent for it.
  let base: Color
  private let background: Color?
  // Those that most cells have are looked up once.
  let text, strong, value, label, quiet, key, grid, best: Style
  /// A bar's unfilled part. Drawn as a background, and where there are only plain glyphs as dots.
  let track: Style

  /// `terminalBackground`: the terminal's own, where it is known.
  init(_ theme: Theme, terminalBackground: Color? = nil) {
    self.theme = theme
    let background = theme.background
    // A theme that leaves the background to the terminal is made for a dark one unless its text says otherwise.
    let isForLight = (theme[.mainForeground].map { $0.luminance <= 0.5 }) ?? false
    let base = background ?? terminalBackground ?? Color(isForLight ? 0xF8F8F8 : 0x101010)
    func style(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style {
      Style(
        foreground: theme[key]?.readable(on: base, contrast: Color.textContrast), background: background,
        attributes: attributes)
    }
    self.background = background
    self.base = base
    text = style(.mainForeground)
    strong = style(.title, .bold)
    value = style(.mainForeground, .bold)
    label = style(.graphText)
    quiet = style(.inactive)
    key = style(.highlight, .bold)
    grid = Style(foreground: theme[.dividerLine], background: background)
    best = style(.best, .bold)
    track = Style(
      foreground: theme[.inactive]?.readable(on: base, contrast: Color.lineContrast),
      background: theme[.meterBackground])
  }

  /// A colour of the theme for text, readable on its background.
  func style(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style { style(theme[key], attributes) }

  /// The same of a colour that no theme has.
  func style(_ color: Color?, _ attributes: Style.Attributes = []) -> Style {
    Style(
      foreground: color?.readable(on: base, contrast: Color.textContrast), background: background,
      attributes: attributes)
  }

  /// The same for lines, bars and frames.
  func line(_ key: ThemeKey) -> Style {
    Style(foreground: theme[key]?.readable(on: base, contrast: Color.lineContrast), background: background)
  }

  /// A style on the header's band.
  func band(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style {
    let band = theme[.selectedBackground]
    let color = theme[key] ?? theme[.selectedForeground]
    return Style(
      foreground: band.flatMap { color?.readable(on: $0, contrast: Color.textContrast) } ?? color, background: band,
      attributes: attributes)
  }

  /// The marked choice: reversed, so that it stands out without colour too; hence the swapped colours.
  var selected: Style {
    let band = band(.selectedForeground)
    return Style(foreground: band.background, background: band.foreground, attributes: [.bold, .reverse])
  }

  /// Behind a dialog.
  var shade: Style { faint(theme[.inactive]) }

  /// A curve's raw values: the colour fades towards the background.
  func faint(_ key: ThemeKey) -> Style { faint(theme[key]) }

  func faint(_ color: Color?) -> Style {
    Style(foreground: faded(color), background: background, attributes: .dim)
  }

  /// A colour nearer to the background, as far as it can still be seen.
  private func faded(_ color: Color?) -> Color? {
    color?.mixed(with: base, 0.45).readable(on: base, contrast: Color.lineContrast)
  }

  func gradient(_ gradient: ThemeGradient) -> (Double) -> Style {
    func line(_ color: Color?) -> Color? { color?.readable(on: base, contrast: Color.lineContrast) }
    let given = theme[gradient]
    let colors = Gradient(start: line(given.start), middle: line(given.middle), end: line(given.end))
    let background = background
    return { Style(foreground: colors[$0], background: background) }
  }
}
