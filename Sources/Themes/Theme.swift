public import TerminalCanvas

/// A colour scheme: btop's keys, and ours that fall back to btop's.
public struct Theme: Hashable, Sendable {
  public var name: String
  /// What names it the next time: its name, or its file's path where it was given by that.
  public var source: String
  /// What its file gives: a missing entry was not in the file, a nil one was empty (the terminal's own colour).
  private var given: [ThemeKey: Color?]

  public init(name: String, source: String? = nil, colors: [ThemeKey: Color?] = [:]) {
    self.name = name
    self.source = source ?? name
    given = colors
  }

  /// The background; nil for the terminal's own.
  public var background: Color? { self[.mainBackground] }

  /// A key's colour, from the file or what the key falls back to; nil for the terminal's own.
  public subscript(key: ThemeKey) -> Color? {
    if let color = given[key] { return color ?? key.fallback.flatMap { self[$0] } }
    if let fallback = key.fallback { return self[fallback] }
    return ThemeDefaults.colors[key] ?? nil
  }

  /// A gradient by the name its three keys share.
  public subscript(gradient: ThemeGradient) -> Gradient {
    for candidate in [gradient] + gradient.fallbacks {
      guard let start = given[candidate.start] ?? nil else { continue }
      return Gradient(start: start, middle: given[candidate.middle] ?? nil, end: given[candidate.end] ?? nil)
    }
    let last = gradient.fallbacks.last ?? gradient
    return Gradient(
      start: ThemeDefaults.colors[last.start] ?? nil, middle: ThemeDefaults.colors[last.middle] ?? nil,
      end: ThemeDefaults.colors[last.end] ?? nil)
  }
}

/// Colours from a start over an optional middle to an optional end.
public struct Gradient: Hashable, Sendable {
  public var start: Color?
  public var middle: Color?
  public var end: Color?

  public init(start: Color?, middle: Color? = nil, end: Color? = nil) {
    self.start = start
    self.middle = middle
    self.end = end
  }

  /// The colour at a place in 0...1, to the nearest hundredth; nil for the terminal's own.
  public subscript(place: Double) -> Color? {
    guard let start else { return nil }
    let share = place.isFinite ? (min(max(place, 0), 1) * 100).rounded() / 100 : 0
    guard let end = end ?? middle else { return start }
    guard let middle else { return start.mixed(with: end, share) }
    return share < 0.5 ? start.mixed(with: middle, share * 2) : middle.mixed(with: end, share * 2 - 1)
  }
}

extension Color {
  /// How bright it looks, in 0...1.
  public var luminance: Double {
    (0.2126 * Double(red) + 0.7152 * Double(green) + 0.0722 * Double(blue)) / 255
  }
}

/// Why a theme could not be used.
public struct ThemeError: Error, CustomStringConvertible, Hashable {
  /// A sentence with file, line, what was found and what to do.
  public var description: String
}
