import RunModel
import TerminalCanvas
import Themes

/// What the user chose to see, kept from one run to the next.
public struct DashboardPreferences: Hashable, Sendable {
  private var values: [String: String] = [:]

  /// The name of the theme; nil where none was kept.
  public var theme: String? { values["theme"] }
  /// The glyphs, if they were chosen.
  public var glyphs: String? { values["glyphs"] }

  private static let keys = ["theme", "glyphs", "page", "layout", "scale", "unit", "smoothing"]

  init(_ values: [String: String]) { self.values = values }

  /// Reads `key = value` lines; what is not understood is left out and named in `remarks`, as sentences.
  public init(text: String, file: String, remarks: inout [String]) {
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.prefix { $0 != "#" }
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      let parts = line.split(separator: "=", maxSplits: 1).map { part in
        String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
      }
      guard parts.count == 2, Self.keys.contains(parts[0]), !parts[1].isEmpty, parts[1].count < 1000 else {
        if remarks.isEmpty {
          remarks.append("\(file), line \(number + 1): \"\(line.prefix(40))\" is no preference; it is left out.")
        }
        continue
      }
      values[parts[0]] = parts[1]
    }
  }

  /// The lines to keep.
  public var text: String {
    "# What the dashboard shows at first; written by mtt-tui.\n"
      + Self.keys.compactMap { key in values[key].map { "\(key) = \($0)\n" } }.joined()
  }

  fileprivate subscript(_ key: String) -> String? { values[key] }
}

extension DashboardModel {
  /// What to keep of the user's choices.
  public var preferences: DashboardPreferences {
    var values = [
      "page": page.title, "layout": layout.rawValue, "scale": chart.scale.rawValue,
      "unit": chart.unit.rawValue, "smoothing": "\(run.smoothing)",
    ]
    values["theme"] = choseTheme ? theme.source : keptTheme
    values["glyphs"] = choseGlyphs ? glyphs.rawValue : keptGlyphs
    return DashboardPreferences(values)
  }

  /// Takes choices up again; theme and glyphs are the caller's, since options may say otherwise.
  public mutating func adopt(_ preferences: DashboardPreferences) {
    if let page = Page.allCases.first(where: { $0.title == preferences["page"] }) { self.page = page }
    if let layout = preferences["layout"].flatMap({ LayoutPreset(rawValue: $0) }) { self.layout = layout }
    if let scale = preferences["scale"].flatMap({ AxisScale(rawValue: $0) }) { chart.scale = scale }
    if let unit = preferences["unit"].flatMap({ AxisUnit(rawValue: $0) }) { chart.unit = unit }
    if let level = preferences["smoothing"].flatMap({ Int($0) }) { run.setSmoothing(level) }
    (keptTheme, keptGlyphs) = (preferences["theme"], preferences["glyphs"])
  }
}
