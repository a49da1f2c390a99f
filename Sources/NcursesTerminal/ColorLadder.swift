public import TerminalCanvas

/// How many colours a terminal shows, the most first.
public enum ColorDepth: String, Hashable, Sendable, CaseIterable {
  /// Any 24-bit colour.
  case direct = "truecolor"
  /// xterm's 6×6×6 cube and 24 greys.
  case indexed256 = "256"
  /// The eight of ANSI and their bright forms.
  case ansi16 = "16"
  /// The eight of ANSI.
  case ansi8 = "8"
  /// Only bold, reverse and the like.
  case none

  /// The depth behind ncurses' number of colours; the one that was asked for where it is not beyond them.
  init(colors: Int, noColor: Bool, forced: ColorDepth? = nil) {
    let own: ColorDepth =
      switch colors {
      case 65537...: .direct
      case 256...: .indexed256
      case 16...: .ansi16
      case 8...: .ansi8
      default: .none
      }
    let ladder = Self.allCases
    if let forced, let place = ladder.firstIndex(of: forced), let most = ladder.firstIndex(of: own) {
      self = ladder[max(place, most)]
    } else {
      self = noColor ? .none : own
    }
  }

  /// ncurses' numbers for a foreground and a background; -1 is the terminal's own colour.
  ///
  /// Where few colours are left, text that would sink into its background is lifted out of it.
  func numbers(foreground: Color?, background: Color?) -> (foreground: Int32, background: Int32) {
    let back = background.map(number) ?? -1
    guard let foreground else { return (-1, back) }
    let front = number(foreground)
    if self == .indexed256, let background { return (Self.readable(foreground, front, on: background, back), back) }
    guard self == .ansi8 || self == .ansi16, let background, foreground != background, back >= 0 else {
      return (front, back)
    }
    // The colour itself, its bright form, what is left of its hue, and what can be read on anything.
    let behind = Self.usual[Int(back)]
    let candidates =
      [front] + (self == .ansi16 && front < 8 ? [front + 8] : []) + poorer(foreground, front, on: behind) + [7, 0]
      + (self == .ansi16 ? [15] : [])
    let wanted = min(Color.textContrast, foreground.contrast(with: background))
    let found = candidates.first { Self.usual[Int($0)].contrast(with: behind) >= wanted }
    let most = candidates.max {
      Self.usual[Int($0)].contrast(with: behind) < Self.usual[Int($1)].contrast(with: behind)
    }
    return (found ?? most ?? front, back)
  }

  /// The entries with some of the channels that an entry of ANSI's has, those nearest to a colour first, and among them
  /// black on what is light: cyan and yellow, which white swallows, are blue and red there instead of the black that others
  /// become. None for greys.
  private func poorer(_ color: Color, _ number: Int32, on behind: Color) -> [Int32] {
    let hue = number & 7
    guard hue != 0, hue != 7 else { return [] }
    let kept = (Int32(1)...6).filter { $0 & hue == $0 }
    let entries = (behind.relativeLuminance > 0.5 ? [0] : []) + kept + (self == .ansi16 ? kept.map { $0 + 8 } : [])
    func distance(_ number: Int32) -> Int32 {
      let entry = Self.usual[Int(number)]
      return Self.distance(color, Int32(entry.red), Int32(entry.green), Int32(entry.blue))
    }
    return entries.sorted { distance($0) < distance($1) }
  }

  /// An entry of 256 that can be read as text or seen as a line on its background where the exact colour can: both are
  /// rounded, perhaps towards each other.
  private static func readable(_ color: Color, _ number: Int32, on background: Color, _ back: Int32) -> Int32 {
    let behind = indexed(back)
    let exact = color.contrast(with: background)
    guard let wanted = [Color.textContrast, Color.lineContrast].first(where: { $0 <= exact }),
      indexed(number).contrast(with: behind) < wanted
    else { return number }
    let end = Color(color.relativeLuminance < background.relativeLuminance ? 0x000000 : 0xFFFFFF)
    let moved = (1...16).lazy.map { nearestIndexed(color.mixed(with: end, Double($0) / 16)) }
    return moved.first { indexed($0).contrast(with: behind) >= wanted } ?? nearestIndexed(end)
  }

  /// The colour of an entry of xterm's cube and greys, 16 to 255.
  static func indexed(_ number: Int32) -> Color {
    if number >= 232 {
      let grey = UInt8(8 + 10 * (number - 232))
      return Color(red: grey, green: grey, blue: grey)
    }
    let levels: [UInt8] = [0, 95, 135, 175, 215, 255]
    let place = Int(number) - 16
    return Color(red: levels[place / 36], green: levels[place / 6 % 6], blue: levels[place % 6])
  }

  /// ANSI's sixteen as xterm shows them; every terminal has its own, much like these.
  static let usual: [Color] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5, 0x7F7F7F, 0xFF0000, 0x00FF00,
    0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ].map(Color.init)

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

  /// The one of ANSI's first `count` colours that a colour is taken for: by its hue where it has one, since pastels are
  /// all nearest to white, else by its lightness.
  static func nearestANSI(_ color: Color, among count: Int) -> Int32 {
    let channels = [color.red, color.green, color.blue].map(Int.init)
    let (low, high) = (channels.min() ?? 0, channels.max() ?? 0)
    if high >= 64, high - low > high * 28 / 100 {
      // Bright colours tend to the lighter neighbour, as cyan for light blue; dark ones, which lie behind text, do not.
      let threshold = low + (high - low) * (high < 128 ? 50 : 30) / 100
      let hue = channels.enumerated().reduce(0) { $0 | ($1.element > threshold ? 1 << $1.offset : 0) }
      return Int32(hue + (count > 8 && high > 190 ? 8 : 0))
    }
    let greys: [(number: Int32, level: Int)] = [(0, 0), (7, 229), (8, 127), (15, 255)]
    let mean = channels.reduce(0, +) / 3
    let shown = greys.filter { $0.number < count }
    return shown.min { abs($0.level - mean) < abs($1.level - mean) }?.number ?? 7
  }

  /// Squared distance, green counted most and blue least, as eyes do.
  private static func distance(_ color: Color, _ red: Int32, _ green: Int32, _ blue: Int32) -> Int32 {
    let (r, g, b) = (Int32(color.red) - red, Int32(color.green) - green, Int32(color.blue) - blue)
    return 3 * r * r + 4 * g * g + 2 * b * b
  }
}
