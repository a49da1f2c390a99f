import Glibc
import Testing

@testable import TerminalCanvas

@Suite struct AxisTests {
  @Test func linearTicksAreRound() {
    let axis = Axis(.linear, covering: 0...6.93, ticks: 4)
    #expect(axis.lower == 0)
    #expect(axis.upper >= 6.93)
    #expect(axis.ticks(4).map(\.label) == ["0", "2", "4", "6"])
    #expect(Axis(.linear, from: 0, to: 0.42).ticks(4).map(\.label) == ["0", "0.2", "0.4"])
    #expect(Axis(.linear, from: 0, to: 0.1).ticks(4).map(\.label) == ["0", "0.025", "0.050", "0.075", "0.100"])
  }

  @Test func logarithmicTicksAreRound() {
    #expect(Axis(.logarithmic, from: 0.01, to: 10).ticks(4).map(\.label) == ["0.01", "0.1", "1", "10"])
    #expect(Axis(.logarithmic, from: 0.1, to: 10).ticks(6).map(\.label) == ["0.1", "0.2", "0.5", "1", "2", "5", "10"])
    #expect(Axis(.logarithmic, from: 1e-6, to: 1e6).ticks(4).count <= 5)
  }

  @Test func aShortLogarithmicAxisEndsNearItsValues() {
    for (low, high) in [(0.051, 0.063), (1.1, 1.9), (210.0, 240), (0.9, 1.1), (2e-5, 3e-5)] {
      let axis = Axis(.logarithmic, covering: low...high, ticks: 5)
      #expect(axis.lower <= low && axis.upper >= high, "\(axis)")
      #expect(high - low >= 0.7 * (axis.upper - axis.lower), "\(axis)")
      #expect(axis.ticks(5).count >= 3, "\(axis)")
    }
  }

  /// Whatever the values, the labels of one axis are written alike, and none says another value than its own.
  @Test(arguments: AxisScale.allCases)
  func anAxisHasOneNotation(_ scale: AxisScale) {
    for exponent in -12...12 {
      for (low, high) in [(0.0, 1.0), (0.4, 1.0), (1.0, 2.4), (0.001, 3), (9.99, 10.01), (-3, 2)] {
        let power = pow(10, Double(exponent))
        let axis = Axis(scale, covering: low * power...high * power, ticks: 5, fromZero: false)
        let ticks = axis.ticks(5).filter { $0.value != 0 }
        let powers = ticks.count { $0.label.contains("e") }
        let labels = ticks.map(\.label)
        #expect(powers == 0 || powers == ticks.count, "\(labels)")
        #expect(Set(labels).count == ticks.count, "\(labels)")
        for tick in ticks {
          let written = Double(tick.label) ?? .nan
          #expect(abs(written - tick.value) <= 1e-9 * (axis.upper - axis.lower), "\(tick)")
        }
      }
    }
    #expect(Axis(.linear, from: 0, to: 2e-4).ticks(4).map(\.label) == ["0", "5e-5", "1e-4", "1.5e-4", "2e-4"])
    #expect(Axis(.linear, from: 0, to: 2e5).ticks(4).map(\.label) == ["0", "5e4", "1e5", "1.5e5", "2e5"])
    #expect(Axis(.linear, from: 123_456, to: 123_458).ticks(2).map(\.label) == ["123456", "123457", "123458"])
    #expect(Axis(.logarithmic, from: 1e-6, to: 1e-3).ticks(4).map(\.label) == ["1e-6", "1e-5", "1e-4", "1e-3"])
  }

  @Test func countsAreShortened() {
    let labels = Axis(.linear, from: 0, to: 3200).ticks(7, whole: true, labels: Axis.countLabels).map(\.label)
    #expect(labels == ["0", "500", "1k", "1.5k", "2k", "2.5k", "3k"])
    #expect(Axis(.linear, from: 1, to: 10).ticks(4, whole: true).allSatisfy { $0.value == $0.value.rounded() })
  }

  @Test(arguments: AxisScale.allCases)
  func positionsRunFromZeroToOne(_ scale: AxisScale) throws {
    let axis = Axis(scale, from: 0.5, to: 8)
    #expect(axis.position(of: 0.5) == 0)
    #expect(axis.position(of: 8) == 1)
    #expect(axis.position(of: .nan) == nil)
    #expect(axis.position(of: .infinity) == nil)
    let middle = try #require(axis.position(of: 2))
    #expect(abs(middle - (scale == .linear ? 0.2 : 0.5)) < 1e-12)
  }

  @Test(arguments: AxisScale.allCases, [0.0, -1, 1e-300, 1e300, -1e308, .nan, .infinity])
  func anyRangeGivesAUsableAxis(_ scale: AxisScale, _ end: Double) {
    for other in [end, 0, 1e308, 1] {
      let axis = Axis(scale, from: min(end, other), to: max(end, other))
      #expect(axis.upper > axis.lower)
      #expect(axis.ticks(5).count <= 20)
    }
  }
}
