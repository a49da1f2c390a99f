import Glibc

/// How well a colour can be read on another, by the Web Content Accessibility Guidelines' measure.
extension Color {
  /// What text needs, and what lines, bars and borders need.
  public static let textContrast = 4.5
  public static let lineContrast = 3.0

  /// Each channel's share of light: looked up, since every frame asks for it hundreds of times.
  private static let linear: [Double] = (0...255).map { channel in
    let value = Double(channel) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }

  /// Relative luminance, in 0...1.
  public var relativeLuminance: Double {
    0.2126 * Self.linear[Int(red)] + 0.7152 * Self.linear[Int(green)] + 0.0722 * Self.linear[Int(blue)]
  }

  /// From 1, the same, to 21, black on white.
  public func contrast(with other: Color) -> Double {
    let (first, second) = (relativeLuminance, other.relativeLuminance)
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)
  }

  /// This colour with a share of another, in 0...1.
  public func mixed(with other: Color, _ share: Double) -> Color {
    func channel(_ from: UInt8, _ to: UInt8) -> UInt8 {
      UInt8(min(255, max(0, (Double(from) + (Double(to) - Double(from)) * share).rounded())))
    }
    return Color(
      red: channel(red, other.red), green: channel(green, other.green), blue: channel(blue, other.blue))
  }

  /// This colour, moved towards white or black as little as it takes to stand out from a background.
  public func readable(on background: Color, contrast ratio: Double) -> Color {
    guard contrast(with: background) < ratio else { return self }
    // Above this luminance black stands out more than white.
    let end = background.relativeLuminance > 0.179 ? Color(0x000000) : Color(0xFFFFFF)
    for step in 1..<25 {
      let moved = mixed(with: end, Double(step) / 25)
      if moved.contrast(with: background) >= ratio { return moved }
    }
    return end
  }
}
