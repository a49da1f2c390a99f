import Foundation

/// Numbers as people and scripts read them, independent of the locale.
enum Format {
  /// "%.4f"; "nan", whose sign says nothing, and "inf" as C prints them.
  static func fixed(_ value: Double, decimals: Int = 4) -> String {
    value.isNaN ? "nan" : String(format: "%.\(decimals)f", value)
  }

  /// Minutes and seconds, hours where there are some: 0:07, 12:30, 1:02:03.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "–" }
    let total = Int(seconds.rounded())
    let (hours, minutes, rest) = (total / 3600, total / 60 % 60, total % 60)
    return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }
}
