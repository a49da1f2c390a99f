import Formatting
import Testing

@Suite struct NumberTextTests {
  @Test func numbers() {
    #expect(NumberText.fixed(0.12346, decimals: 4) == "0.1235")
    #expect(NumberText.fixed(-0.00001, decimals: 2) == "0.00")
    #expect(NumberText.fixed(12.05, decimals: 0) == "12")
    #expect(NumberText.fixed(.nan, decimals: 2) == "NaN")
    #expect(NumberText.scientific(0.000871, decimals: 2) == "8.71e-4")
    #expect(NumberText.scientific(9.999e-5, decimals: 2) == "1.00e-4")
    #expect(NumberText.scientific(.leastNormalMagnitude, decimals: 2) == "2.23e-308")
    #expect(NumberText.scientific(-.leastNonzeroMagnitude, decimals: 2) == "0")
    #expect(NumberText.scientific(.greatestFiniteMagnitude, decimals: 2) == "1.80e308")
    #expect(NumberText.compact(1e300) == "1.0e300")
    #expect(NumberText.compact(-4.2e16) == "-4.2e16")
    #expect(NumberText.compact(1028) == "1.03k")
    #expect(NumberText.compact(999.7) == "1.00k")
    #expect(NumberText.compact(34.21) == "34.2")
    #expect(NumberText.grouped(13_084) == "13,084")
    let texts = [0, 7, 999, 1000, -42, -1_000_000].map(NumberText.grouped)
    #expect(texts == ["0", "7", "999", "1,000", "-42", "-1,000,000"])
    #expect(NumberText.grouped(Int.min) == "-9,223,372,036,854,775,808")
    #expect(NumberText.percent(0.97125) == "97.13%" || NumberText.percent(0.97125) == "97.12%")
    #expect(NumberText.duration(3723) == "1:02:03")
    #expect(NumberText.duration(67.9) == "1:07")
    #expect(NumberText.duration(273_900) == "3d 04:05")
    #expect(NumberText.duration(.infinity) == "-")
  }
}
