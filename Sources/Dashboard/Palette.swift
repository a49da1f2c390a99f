import TerminalCanvas
import Themes

/// A theme's colours by what the dashboard uses them for.
struct Palette: Sendable {
  let theme: Theme
  /// The background to mix fading colours with.
  private let base: Color
  private let background: Color?
  // Those that most cells have are looked up once.
  let text, strong, value, label, quiet, key, grid, best: Style
  /// A bar's unfilled part. Drawn as a background, and where there are only plain glyphs as dots.
  let track: Style

  init(_ theme: Theme) {
    self.theme = theme
    let background = theme.background
    func style(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style {
      Style(foreground: theme[key], background: background, attributes: attributes)
    }
    self.background = background
    text = style(.mainForeground)
    strong = style(.title, .bold)
    value = style(.mainForeground, .bold)
    label = style(.graphText)
    quiet = style(.inactive)
    key = style(.highlight, .bold)
    grid = style(.dividerLine, .dim)
    best = style(.best, .bold)
    track = Style(foreground: theme[.inactive], background: theme[.meterBackground])
    let foreground = theme[.mainForeground] ?? Color(0xCCCCCC)
    base = background ?? (foreground.luminance > 0.5 ? Color(0x101010) : Color(0xF8F8F8))
  }

  /// A style on the theme's background.
  func style(_ color: Color?, _ attributes: Style.Attributes = []) -> Style {
    Style(foreground: color, background: background, attributes: attributes)
  }

  func style(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style { style(theme[key], attributes) }

  /// The marked choice: reversed, so that it stands out without colour too; hence the swapped colours.
  var selected: Style {
    Style(
      foreground: theme[.selectedBackground], background: theme[.selectedForeground], attributes: [.bold, .reverse])
  }
  /// Behind a dialog.
  var shade: Style { style((theme[.inactive] ?? base).mixed(with: base, 0.45), .dim) }

  /// A curve's raw values: the colour fades towards the background.
  func faint(_ key: ThemeKey) -> Style {
    guard let color = theme[key] else { return style(nil, .dim) }
    return style(color.mixed(with: base, 0.45), .dim)
  }

  /// A colour as it looks where it is drawn dim.
  func faded(_ color: Color?) -> Color? { color?.mixed(with: base, 0.5) }

  func gradient(_ gradient: ThemeGradient) -> (Double) -> Style {
    let colors = theme[gradient]
    return { Style(foreground: colors[$0], background: background) }
  }
}
