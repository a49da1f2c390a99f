import Glibc

/// Numbers as the screen writes them: the same everywhere, whatever the locale.
public enum NumberText {
  /// A number with a fixed count of decimals, such as 0.1235; `NaN`, `inf` and `-inf` where it is not finite.
  public static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-inf" : "inf" }
    let power = pow(10, Double(decimals))
    let scaled = (abs(value) * power).rounded()
    guard scaled < 1e15 else { return scientific(value, decimals: 2) }
    let units = UInt64(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(units) }
    let divisor = UInt64(power)
    let fraction = String(units % divisor)
    return sign + String(units / divisor) + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// A number as a mantissa and a power of ten, such as 8.71e-4. One below the smallest normal number is written as 0,
  /// which it is to threads that compute without such numbers.
  public static func scientific(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return fixed(value, decimals: 0) }
    guard abs(value) >= .leastNormalMagnitude else { return "0" }
    var exponent = Int(log10(abs(value)).rounded(.down))
    // In two steps, as the smallest numbers' power of ten is below the smallest normal number.
    let shift = exponent < -290 ? 200.0 : 0
    var mantissa = value * pow(10, shift) / pow(10, Double(exponent) + shift)
    let power = pow(10, Double(decimals))
    if (abs(mantissa) * power).rounded() >= 10 * power {
      mantissa /= 10
      exponent += 1
    }
    return fixed(mantissa, decimals: decimals) + "e" + String(exponent)
  }

  /// A loss or norm in about five characters: 0.1235, 12.35, 1.2e5.
  public static func short(_ value: Double) -> String {
    let magnitude = abs(value)
    if !value.isFinite || magnitude < 10 { return fixed(value, decimals: magnitude < 1e-4 && magnitude > 0 ? 6 : 4) }
    if magnitude < 100 { return fixed(value, decimals: 3) }
    if magnitude < 1000 { return fixed(value, decimals: 2) }
    return magnitude < 100_000 ? fixed(value, decimals: 0) : scientific(value, decimals: 2)
  }

  /// A share of one as a percentage with two decimals: 97.12 %.
  public static func percent(_ share: Double) -> String { fixed(share * 100, decimals: 2) + "%" }

  /// The same of a figure that may not exist: `–` then.
  public static func percent(_ share: Double?) -> String { share.map { fixed($0 * 100, decimals: 2) + "%" } ?? "–" }

  /// The same of a figure that may not exist: `–` then.
  public static func short(_ value: Double?) -> String {
    guard let value else { return "–" }
    return short(value)
  }

  /// A rate or amount in at most five characters: 7.42, 34.2, 850, 1.23k, 45.6k, 1.20M; as a power of ten where there is
  /// no unit for it.
  public static func compact(_ value: Double) -> String {
    guard value.isFinite else { return fixed(value, decimals: 0) }
    var scaled = abs(value)
    var unit = ""
    for next in ["k", "M", "G", "T"] where scaled >= 999.5 {
      scaled /= 1000
      unit = next
    }
    guard scaled < 999.5 else { return scientific(value, decimals: 1) }
    let decimals = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0
    return (value < 0 ? "-" : "") + fixed(scaled, decimals: decimals) + unit
  }

  /// A count with a thin separator each three digits: 13,084.
  public static func grouped(_ value: Int) -> String {
    let digits = String(value.magnitude).utf8
    let most = 26  // a sign, 19 digits and 6 separators
    return String(unsafeUninitializedCapacity: most) { bytes in
      var count = 0
      func write(_ byte: UInt8) {
        bytes[count] = byte
        count += 1
      }
      if value < 0 { write(UInt8(ascii: "-")) }
      for (place, digit) in digits.enumerated() {
        if place > 0, (digits.count - place).isMultiple(of: 3) { write(UInt8(ascii: ",")) }
        write(digit)
      }
      return count
    }
  }

  /// A duration: 0:07, 12:34, 1:02:03, 3d 04:05.
  public static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    let whole = Int(max(0, seconds).rounded(.down))
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : String(value) }
    let (days, hours, minutes) = (whole / 86400, whole / 3600 % 24, whole / 60 % 60)
    if days > 0 { return "\(days)d \(two(hours)):\(two(minutes))" }
    if hours > 0 { return "\(hours):\(two(minutes)):\(two(whole % 60))" }
    return "\(minutes):\(two(whole % 60))"
  }
}
