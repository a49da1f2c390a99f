import TerminalCanvas
import Themes

/// A theme's colours by what the dashboard uses them for.
struct Palette: Sendable {
  let theme: Theme
  /// The background to mix fading colours with.
  private let base: Color

  init(_ theme: Theme) {
    self.theme = theme
    let foreground = theme[.mainForeground] ?? Color(0xCCCCCC)
    base = theme.background ?? (foreground.luminance > 0.5 ? Color(0x101010) : Color(0xF8F8F8))
  }

  /// A style on the theme's background.
  func style(_ color: Color?, _ attributes: Style.Attributes = []) -> Style {
    Style(foreground: color, background: theme.background, attributes: attributes)
  }

  func style(_ key: ThemeKey, _ attributes: Style.Attributes = []) -> Style { style(theme[key], attributes) }

  var text: Style { style(.mainForeground) }
  var strong: Style { style(.title, .bold) }
  var value: Style { style(.mainForeground, .bold) }
  var label: Style { style(.graphText) }
  var quiet: Style { style(.inactive) }
  var key: Style { style(.highlight, .bold) }
  var grid: Style { style(.dividerLine, .dim) }
  /// A bar's unfilled part. Drawn as a background, and where there are only plain glyphs as dots.
  var track: Style { Style(foreground: theme[.inactive], background: theme[.meterBackground]) }
  var best: Style { style(.best, .bold) }
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
    let background = theme.background
    return { Style(foreground: colors[$0], background: background) }
  }
}
