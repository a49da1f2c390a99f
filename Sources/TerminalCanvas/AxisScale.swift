internal import Formatting
import Glibc

/// How values are laid out along an axis.
public enum AxisScale: String, Hashable, Sendable, CaseIterable {
  case linear, logarithmic
}

/// Makes the labels of an axis's ticks from their values and the distance between them, which is nil where it is not the
/// same everywhere.
public typealias TickLabels = (_ values: [Double], _ step: Double?) -> [String]

/// A labelled place on an axis.
public struct AxisTick: Hashable, Sendable {
  public var value: Double
  public var label: String
}

/// An axis's positions, for many values.
public struct AxisPlaces: Hashable, Sendable {
  private let scale: AxisScale
  /// Of the axis's lower end; logarithms where it is logarithmic.
  private let start: Double
  private let span: Double

  public init(_ axis: Axis) {
    scale = axis.scale
    switch axis.scale {
    case .linear: (start, span) = (axis.lower, axis.upper - axis.lower)
    case .logarithmic: (start, span) = (log(axis.lower), log(axis.upper) - log(axis.lower))
    }
  }

  /// Where a value lies along the axis: 0 at its lower end, 1 at its upper; nil where it cannot lie anywhere.
  public func position(of value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    case .linear:
      let place = (value - start) / span
      return place.isFinite ? place : nil
    case .logarithmic: return value > 0 ? (log(value) - start) / span : -1
    }
  }
}

/// An axis: a range of values and its round ticks.
public struct Axis: Hashable, Sendable {
  public var scale: AxisScale
  public var lower: Double
  public var upper: Double

  /// An axis that shows exactly a range. An empty or unusable one is widened; a logarithmic one stays above zero.
  public init(_ scale: AxisScale, from lower: Double, to upper: Double) {
    self.scale = scale
    var low = lower.isFinite ? lower : 0
    var high = upper.isFinite ? upper : low + 1
    if scale == .logarithmic {
      high = high > 0 ? min(max(high, 1e-200), 1e200) : 1
      low = low > 0 ? min(max(low, 1e-200), high) : high / 1000
      if high / low < 1.0001 { (low, high) = (low / 2, high * 2) }
    } else {
      high = min(max(high, -1e300), 1e300)
      low = min(max(low, -1e300), 1e300)
      if high - low < max(abs(high), abs(low), 1e-12) * 1e-9 { high = low + max(abs(low) * 0.1, 1) }
    }
    self.lower = low
    self.upper = high
  }

  /// An axis for values in a range, widened to round ends, about `ticks` ticks long.
  ///
  /// - Parameter fromZero: whether a linear one begins at zero where the values come near it.
  public init(_ scale: AxisScale, covering values: ClosedRange<Double>, ticks: Int, fromZero: Bool = true) {
    switch scale {
    case .linear:
      let isNearZero = fromZero && values.lowerBound > 0 && values.lowerBound < 0.5 * values.upperBound
      let low = isNearZero ? 0 : values.lowerBound
      let plain = Axis(.linear, from: low, to: values.upperBound)
      let step = Axis.roundStep((plain.upper - plain.lower) / Double(max(1, ticks)))
      let fine = step / 2
      self.init(
        .linear, from: (plain.lower / fine).rounded(.down) * fine, to: (plain.upper / fine).rounded(.up) * fine)
    case .logarithmic:
      let plain = Axis(.logarithmic, from: values.lowerBound, to: values.upperBound)
      // Where ticks lie as on a linear axis, so do the ends: 1, 2, 5 and 10 would leave most of a narrow range empty.
      let narrow = Axis(.linear, covering: plain.lower...plain.upper, ticks: ticks, fromZero: false)
      if narrow.lower > 0, Axis.hasLinearTicks(narrow.lower, narrow.upper) {
        self.init(.logarithmic, from: narrow.lower, to: narrow.upper)
      } else {
        self.init(.logarithmic, from: Axis.roundDown(plain.lower), to: Axis.roundUp(plain.upper))
      }
    }
  }

  /// Where a value lies along the axis: 0 at its lower end, 1 at its upper; nil where it cannot lie anywhere.
  public func position(of value: Double) -> Double? { AxisPlaces(self).position(of: value) }

  /// At most about `count` round values within the range, ascending; whole ones where the axis counts things.
  public func ticks(_ count: Int, whole: Bool = false, labels: TickLabels = Axis.decimalLabels) -> [AxisTick] {
    guard count > 0 else { return [] }
    switch scale {
    case .linear:
      var step = Axis.roundStep((upper - lower) / Double(count))
      if whole { step = step <= 1 ? 1 : step == 2.5 ? 3 : step }
      let first = (lower / step - 1e-9).rounded(.up)
      let last = (upper / step + 1e-9).rounded(.down)
      guard last >= first, last - first < 1000 else { return [] }
      return Self.ticks((0...Int(last - first)).map { (first + Double($0)) * step }, step, labels)
    case .logarithmic: return logarithmicTicks(count, labels)
    }
  }

  private static func ticks(_ values: [Double], _ step: Double?, _ labels: TickLabels) -> [AxisTick] {
    zip(values, labels(values, step)).map { AxisTick(value: $0, label: $1) }
  }

  /// Whether a logarithmic axis is so short that 1, 2 and 5 times powers of ten would be too few ticks.
  private static func hasLinearTicks(_ lower: Double, _ upper: Double) -> Bool { log10(upper) - log10(lower) < 0.7 }

  private func logarithmicTicks(_ count: Int, _ labels: TickLabels) -> [AxisTick] {
    if Self.hasLinearTicks(lower, upper) { return Axis(.linear, from: lower, to: upper).ticks(count, labels: labels) }
    let decades = log10(upper) - log10(lower)
    let mantissas: [Double] =
      decades * 3 <= Double(count) + 0.5 ? [1, 2, 5] : decades * 2 <= Double(count) + 0.5 ? [1, 3] : [1]
    let stride = max(1, Int((decades / Double(count)).rounded(.up)))
    var values: [Double] = []
    var exponent = Int(log10(lower).rounded(.down))
    let end = Int(log10(upper).rounded(.up))
    while exponent <= end {
      for mantissa in mantissas where exponent % stride == 0 {
        let value = mantissa * pow(10, Double(exponent))
        if value >= lower * 0.999, value <= upper * 1.001 { values.append(value) }
      }
      exponent += 1
    }
    return Self.ticks(values, nil, labels)
  }

  /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is not below a positive value.
  public static func roundStep(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1, 2, 2.5, 5, 10] where factor * power >= value * 0.999_999 { return factor * power }
    return 10 * power
  }

  private static func roundDown(_ value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [5.0, 2, 1] where factor * power <= value * 1.000_001 { return factor * power }
    return power
  }

  private static func roundUp(_ value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    for factor in [1.0, 2, 5, 10] where factor * power >= value * 0.999_999 { return factor * power }
    return 10 * power
  }

  /// Labels with as many digits as the distance between ticks asks for, all in one notation: with a power of ten where
  /// values are large or small and it makes them shorter.
  public static func decimalLabels(_ values: [Double], step: Double?) -> [String] {
    let plain = values.map { value in
      value == 0 ? "0" : NumberText.fixed(value, decimals: digits(of: step ?? value))
    }
    guard values.contains(where: { $0 != 0 && (abs($0) >= 100_000 || abs($0) < 1e-4) }) else { return plain }
    let powers = values.map { powerLabel($0, step: step ?? $0) }
    func length(_ labels: [String]) -> Int { labels.map(\.count).max() ?? 0 }
    return length(powers) <= length(plain) ? powers : plain
  }

  /// Decimals that a value needs to be written as it is.
  private static func digits(of value: Double) -> Int {
    (0..<mostDigits).first { digits in
      let scaled = value * pow(10, Double(digits))
      return abs(scaled - scaled.rounded()) <= 1e-6 * abs(scaled)
    } ?? mostDigits
  }

  private static let mostDigits = 12

  /// A value as a power of ten with as few decimals as tell it from its neighbours: 5e-5, 1.5e-4.
  private static func powerLabel(_ value: Double, step: Double) -> String {
    guard value != 0 else { return "0" }
    let power = pow(10, log10(abs(value)).rounded(.down))
    let decimals = (0..<mostDigits).first { decimals in
      let unit = power / pow(10, Double(decimals))
      return abs(value - (value / unit).rounded() * unit) < abs(step) * 1e-3
    }
    return NumberText.scientific(value, decimals: decimals ?? mostDigits)
  }

  /// A count's label: 0, 500, 1k, 1.5k, 2M.
  public static func countLabel(_ value: Double, step: Double) -> String {
    let magnitude = abs(value)
    let (divisor, unit): (Double, String) =
      magnitude >= 1e9 ? (1e9, "G") : magnitude >= 1e6 ? (1e6, "M") : magnitude >= 1000 ? (1000, "k") : (1, "")
    var label = decimalLabels([value / divisor], step: step / divisor).joined()
    if label.contains("."), !label.contains("e") {
      while label.last == "0" { label.removeLast() }
      if label.last == "." { label.removeLast() }
    }
    return label + unit
  }

  /// The same for each of an axis's ticks.
  public static func countLabels(_ values: [Double], step: Double?) -> [String] {
    values.map { countLabel($0, step: step ?? $0) }
  }
}
