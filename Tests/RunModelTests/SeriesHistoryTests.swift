import Testing
import TrainingEvents

@testable import RunModel

@Suite struct SeriesHistoryTests {
  @Test func aSpikeOfOneStepAmongMillionsStaysVisible() {
    var history = SeriesHistory()
    for step in 1...300_000 { history.append(step: step, value: step == 123_456 ? 99 : 1) }
    let columns = history.columns(160, from: 0, to: 300_000)
    let tall = columns.indices.filter { columns[$0].maximum == 99 }
    #expect(tall == [123_456 * 160 / 300_000])
    #expect(columns.allSatisfy { $0.minimum == 1 })
    #expect(columns.reduce(0) { $0 + $1.count } == 300_000)
    #expect(history.whole.count == 300_000)
    let near = history.columns(100, from: 123_000, to: 124_000)
    #expect(near.contains { $0.maximum == 99 })
  }

  @Test func columnsKeepTheExtremesOfTheirSteps() {
    var history = SeriesHistory()
    let values = (1...70_000).map { Double(($0 &* 7919) % 10_007) }
    for (index, value) in values.enumerated() { history.append(step: index + 1, value: value) }
    #expect(history.span == 2)
    for (count, upper) in [(1, 1000), (7, 1000), (160, 1000), (1, 70_000), (160, 70_000), (4096, 70_000), (4, 1)] {
      let columns = history.columns(count, from: 0, to: Double(upper)).filter { $0.count > 0 }
      let shown = values.prefix(upper)
      // A bucket at the edge may reach over it, by less than a column.
      let around = values.prefix(upper + max(1, upper / count))
      let (low, high) = (columns.map(\.minimum).min() ?? .nan, columns.map(\.maximum).max() ?? .nan)
      #expect(low <= shown.min() ?? .nan && low >= around.min() ?? .nan, "\(count) columns to \(upper)")
      #expect(high >= shown.max() ?? .nan && high <= around.max() ?? .nan, "\(count) columns to \(upper)")
      let total = columns.reduce(0) { $0 + $1.count }
      #expect(total >= shown.count && total <= around.count)
    }
  }

  @Test func valuesThatAreNotFiniteAreCountedApart() {
    var history = SeriesHistory()
    for (step, value) in [1.0, .nan, .infinity, 3].enumerated() { history.append(step: step + 1, value: value) }
    #expect(history.whole.broken == 2)
    #expect(history.whole.count == 2)
    #expect(history.whole.mean == 2)
    let columns = history.columns(4, from: 0.5, to: 4.5)
    #expect(columns.map(\.broken) == [0, 1, 1, 0])
    #expect(columns.map(\.count) == [1, 0, 0, 1])
  }

  @Test func oddStepsAreIgnoredOrFit() {
    var history = SeriesHistory()
    for step in [-5, Int.min, Int.max] { history.append(step: step, value: 1) }
    #expect(history.isEmpty)
    for step in [10, 9, 11, 1 << 40] { history.append(step: step, value: Double(step)) }
    #expect(history.whole.count == 3)
    #expect(history.whole.maximum == Double(1 << 40))
    #expect(history.columns(10, from: 5, to: 5).allSatisfy { $0.isEmpty })
    #expect(history.columns(0, from: 0, to: 5).isEmpty)
  }

  @Test func stepsMayComeInAnyOrder() {
    var ordered = SeriesHistory()
    var shuffled = SeriesHistory()
    for step in 0..<5000 {
      ordered.append(step: step, value: Double(step % 97))
      let other = step == 0 ? 0 : 1 + (step * 1237) % 4999
      shuffled.append(step: other, value: Double(other % 97))
    }
    for count in [3, 40, 700] {
      #expect(shuffled.columns(count, from: 0, to: 4999) == ordered.columns(count, from: 0, to: 4999))
    }
    #expect(shuffled.whole == ordered.whole)
  }

  @Test func smoothingFollowsTheMeanAndDoesNotDependOnTheView() {
    var series = SmoothedSeries(window: 50)
    for step in 1...5000 { series.append(step: step, value: step % 2 == 0 ? 1 : 3) }
    #expect(abs((series.latest ?? 0) - 2) < 0.05)
    let wide = series.smooth.columns(10, from: 0, to: 5000)[9].mean
    let close = series.smooth.columns(10, from: 4500, to: 5000).reduce(0) { $0 + $1.mean } / 10
    #expect(abs(wide - close) < 1e-9)
    var later = SmoothedSeries(window: 1)
    for step in 1...5000 { later.append(step: step, value: step % 2 == 0 ? 1 : 3) }
    later.setWindow(50)
    #expect(later.smooth == series.smooth)
    series.append(step: 5001, value: .nan)
    #expect(series.latest == later.latest)
    #expect(series.raw.latest?.isNaN == true)
  }

  /// While a loss falls fastest, its mean is not far above it: within what the last third of the steps have been.
  @Test(arguments: [10, 50, 300, 1000])
  func theMeanLiesWithinItsDataFromTheFirstStep(window: Int) {
    var series = SmoothedSeries(window: window)
    var state: UInt64 = 9
    var values: [Double] = []
    for step in 1...2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let noise = 0.9 + 0.2 * Double(state >> 40) / Double(1 << 24)
      values.append((0.3 + 5 / (1 + Double(step) / 60)) * noise)
      series.append(step: step, value: values[step - 1])
      let recent = values.suffix(max(3, step / 3))
      let mean = series.latest ?? .nan
      #expect(mean >= (recent.min() ?? 0) && mean <= (recent.max() ?? 0), "step \(step): \(mean)")
    }
    let before = series.latest ?? 0
    series.setWindow(window + 1)
    series.setWindow(window)
    #expect(abs((series.latest ?? 0) - before) < 1e-9, "smoothed anew, it is the same")
  }
}
