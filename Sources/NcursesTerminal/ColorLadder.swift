public import TerminalCanvas

/// How many colours a terminal shows.
public enum ColorDepth: Hashable, Sendable {
  /// Only bold, reverse and the like.
  case none
  /// The eight of ANSI.
  case ansi8
  /// The eight of ANSI and their bright forms.
  case ansi16
  /// xterm's 6×6×6 cube and 24 greys.
  case indexed256
  /// Any 24-bit colour.
  case direct

  /// The depth behind ncurses' number of colours.
  init(colors: Int, noColor: Bool) {
    switch colors {
    case _ where noColor: self = .none
    case 65537...: self = .direct
    case 256...: self = .indexed256
    case 16...: self = .ansi16
    case 8...: self = .ansi8
    default: self = .none
    }
  }

  /// ncurses' numbers for a foreground and a background; -1 is the terminal's own colour.
  ///
  /// Where few colours are left, text that would sink into its background is lifted out of it.
  func numbers(foreground: Color?, background: Color?) -> (foreground: Int32, background: Int32) {
    let back = background.map(number) ?? -1
    guard let foreground else { return (-1, back) }
    let front = number(foreground)
    guard front == back, let background, foreground != background, self == .ansi8 || self == .ansi16 else {
      return (front, back)
    }
    let isLight = Int(background.red) + Int(background.green) + Int(background.blue) > 382
    switch self {
    case .ansi16: return (isLight ? 0 : back == 8 ? 7 : 8, back)
    default: return (isLight ? 0 : 7, back)
    }
  }

  /// ncurses' number for the nearest colour of this depth.
  private func number(_ color: Color) -> Int32 {
    switch self {
    case .none: -1
    case .ansi8: Self.nearestANSI(color, among: 8)
    case .ansi16: Self.nearestANSI(color, among: 16)
    case .indexed256: Self.nearestIndexed(color)
    // Terminals described as direct read 0 to 7 as ANSI's colours.
    case .direct: Int32(max(8, color.rgb))
    }
  }

  /// The nearest entry of xterm's cube and greys, 16 to 255. The 16 below are left out: every user sets them differently.
  public static func nearestIndexed(_ color: Color) -> Int32 {
    let levels: [Int32] = [0, 95, 135, 175, 215, 255]
    func nearestLevel(_ channel: UInt8) -> Int32 {
      let value = Int32(channel)
      // Halfway points between the levels: 47.5, 115, 155, 195, 235.
      return value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40
    }
    let (r, g, b) = (nearestLevel(color.red), nearestLevel(color.green), nearestLevel(color.blue))
    let cube = distance(color, levels[Int(r)], levels[Int(g)], levels[Int(b)])
    let mean = (Int32(color.red) + Int32(color.green) + Int32(color.blue)) / 3
    let greyIndex = min(23, max(0, (mean - 3) / 10))
    let grey = 8 + 10 * greyIndex
    return distance(color, grey, grey, grey) < cube ? 232 + greyIndex : 16 + 36 * r + 6 * g + b
  }

  /// The nearest of ANSI's first `count` colours, as xterm shows them.
  static func nearestANSI(_ color: Color, among count: Int) -> Int32 {
    let palette: [(Int32, Int32, Int32)] = [
      (0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238), (205, 0, 205), (0, 205, 205), (229, 229, 229),
      (127, 127, 127), (255, 0, 0), (0, 255, 0), (255, 255, 0), (92, 92, 255), (255, 0, 255), (0, 255, 255),
      (255, 255, 255),
    ]
    let distances = palette.prefix(count).map { distance(color, $0.0, $0.1, $0.2) }
    return Int32(distances.indices.min { distances[$0] < distances[$1] } ?? 7)
  }

  /// Squared distance, green counted most and blue least, as eyes do.
  private static func distance(_ color: Color, _ red: Int32, _ green: Int32, _ blue: Int32) -> Int32 {
    let (r, g, b) = (Int32(color.red) - red, Int32(color.green) - green, Int32(color.blue) - blue)
    return 3 * r * r + 4 * g * g + 2 * b * b
  }
}
