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

  @Test func countsAreShortened() {
    let labels = Axis(.linear, from: 0, to: 3200).ticks(7, whole: true, label: Axis.countLabel).map(\.label)
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

@Suite struct NumberTextTests {
  @Test func numbers() {
    #expect(NumberText.fixed(0.12346, decimals: 4) == "0.1235")
    #expect(NumberText.fixed(-0.00001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(12.05, decimals: 0) == "12")
    #expect(NumberText.fixed(.nan, decimals: 2) == "NaN")
    #expect(NumberText.scientific(0.000871, decimals: 2) == "8.71e-4")
    #expect(NumberText.scientific(9.999e-5, decimals: 2) == "1.00e-4")
    #expect(NumberText.compact(1028) == "1.03k")
    #expect(NumberText.compact(999.7) == "1.00k")
    #expect(NumberText.compact(34.21) == "34.2")
    #expect(NumberText.grouped(13_084) == "13,084")
    #expect(NumberText.grouped(Int.min) == "-9,223,372,036,854,775,808")
    #expect(NumberText.percent(0.97125) == "97.13%" || NumberText.percent(0.97125) == "97.12%")
    #expect(NumberText.duration(3723) == "1:02:03")
    #expect(NumberText.duration(67.9) == "1:07")
    #expect(NumberText.duration(273_900) == "3d 04:05")
    #expect(NumberText.duration(.infinity) == "-")
  }
}
