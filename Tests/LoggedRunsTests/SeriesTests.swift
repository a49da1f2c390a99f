import LoggedRuns
import Testing

@Suite struct SeriesTests {
  private func series(_ count: Int, _ value: (Int) -> Double) -> Series {
    var series = Series()
    for step in 0..<count { series.add(step: Int64(step), time: Double(step), value: value(step)) }
    return series
  }

  @Test func fewPointsStayAsTheyAre() {
    let series = series(3000) { Double($0) / 7 }
    #expect(series.buckets.map(\.step) == Array(Int64(0)..<3000))
    #expect(series.buckets.allSatisfy { $0.count == 1 && $0.minimum == $0.maximum })
    #expect(series.buckets[2999].last == Float(2999.0 / 7))
  }

  @Test(arguments: [3072, 3073, 6144, 6145, 1_000_000])
  func everyExtremeAndEveryGapIsKeptInBoundedMemory(_ count: Int) {
    let (spike, dip, gap) = (count / 3, count / 2, count * 2 / 3)
    let series = series(count) { $0 == spike ? 1e6 : $0 == dip ? -1e6 : $0 == gap ? .nan : 1 }
    #expect(series.buckets.count * MemoryLayout<SeriesBucket>.stride <= 131_072)
    #expect(series.buckets.filter { $0.maximum == 1e6 }.count == 1)
    #expect(series.buckets.filter { $0.minimum == -1e6 }.count == 1)
    #expect(series.buckets.reduce(0) { $0 + $1.broken } == 1)
    #expect(series.buckets.reduce(0) { $0 + Int($1.count) } == count - 1)
    #expect(series.summary.highest == .init(step: Int64(spike), value: 1e6))
    #expect(series.summary.lowest == .init(step: Int64(dip), value: -1e6))
    #expect(series.summary.firstBroken == Int64(gap))
    #expect(zip(series.buckets, series.buckets.dropFirst()).allSatisfy { $0.step < $1.step })
    #expect(series.buckets.last?.step == Int64(count - 1))
  }

  @Test func bucketsHoldTheMeanOfTheirPoints() {
    let count = 100_000
    let series = series(count) { Double($0) }
    var start = 0
    for bucket in series.buckets {
      let end = Int(bucket.step)
      #expect(abs(Double(bucket.mean) - Double(start + end) / 2) <= Double(end) * 1e-6)
      #expect(Int(bucket.count) == end - start + 1)
      start = end + 1
    }
  }

  /// Rows of seven points each make the curve that the points themselves make, as fine as the rows are.
  @Test func rowsOfPointsKeepExtremesMeansAndCounts() {
    let count = 70_000
    var series = Series()
    for first in stride(from: 1, to: count, by: 7) {
      let values = (first..<first + 7).map { $0 == 35_000 ? Double.nan : Double($0 % 1000) }
      let finite = values.filter(\.isFinite)
      let mean = finite.reduce(0, +) / Double(finite.count)
      let row = SeriesBucket(
        step: Int64(first + 6), time: 0, values: (finite.min() ?? 0, finite.max() ?? 0, mean, finite.last ?? 0),
        count: finite.count, broken: 7 - finite.count)
      series.add(row, from: Int64(first))
    }
    #expect(series.buckets.count <= Series.capacity && series.buckets.count > Series.capacity / 2)
    #expect(series.summary.count == count - 1 && series.summary.broken == 1 && series.summary.firstStep == 1)
    #expect(series.buckets.reduce(0) { $0 + Int($1.count) } == count - 1)
    let total = series.buckets.reduce(0) { $0 + Double($1.mean) * Double($1.count) }
    #expect(abs(total / Double(count - 1) - 499.5) < 0.01)
    #expect(series.summary.highest == .init(step: 1001, value: 999))
    // A row that begins before the last one's end takes its place.
    let late = SeriesBucket(step: 70_000, time: 0, values: (5, 5, 5, 5), count: 7, broken: 0)
    series.add(late, from: 69_994)
    #expect(series.summary.last == .init(step: 70_000, value: 5))
    #expect(zip(series.buckets, series.buckets.dropFirst()).allSatisfy { $0.step < $1.step })
  }

  @Test func valuesBeyondSinglePrecisionStayFinite() {
    let series = series(2) { $0 == 0 ? 1e300 : -1e300 }
    #expect(series.buckets[0].last == .greatestFiniteMagnitude && series.buckets[1].last == -.greatestFiniteMagnitude)
    #expect(series.summary.highest?.value == 1e300)
  }

  @Test func pointsOfOneStepAreItsExtremesAndTheLastItsValue() {
    var series = Series()
    for value in [3.0, 1, 2] { series.add(step: 5, time: 0, value: value) }
    #expect(series.buckets.count == 1)
    #expect(series.buckets[0].minimum == 1 && series.buckets[0].maximum == 3 && series.buckets[0].last == 2)
    #expect(series.buckets[0].count == 3)
  }

  @Test func aStepThatGoesBackReplacesWhatCameAfterIt() {
    var series = series(100) { Double($0) }
    for step in 60..<80 { series.add(step: Int64(step), time: 0, value: -1) }
    #expect(series.buckets.map(\.step) == Array(Int64(0)..<80))
    #expect(series.buckets[59].last == 59 && series.buckets[60].last == -1)
    #expect(series.replacedCount == 40)
    #expect(series.replaced.map(\.step) == Array(Int64(60)..<100))
    #expect(series.summary.highest == .init(step: 59, value: 59))
    #expect(series.summary.count == 80)
    #expect(series.summary.lastStep == 79)
  }

  @Test func aLongSeriesGoesBackToo() {
    var series = series(100_000) { Double($0) }
    series.add(step: 50_001, time: 0, value: -1)
    #expect(series.buckets.last?.step == 50_001 && series.buckets.last?.last == -1)
    #expect(zip(series.buckets, series.buckets.dropFirst()).allSatisfy { $0.step < $1.step })
    #expect(series.replaced.count <= Series.replacedCapacity)
    series.rewind(to: 0)
    #expect(series.isEmpty && series.summary == SeriesSummary())
  }

  @Test func aLaterFileReplacesAnEarlierOneWhicheverIsReadFirst() {
    var (inOrder, reversed) = (Metric(name: "loss"), Metric(name: "loss"))
    let points = (0..<10).map { (0, $0, 1.0) } + (6..<12).map { (1, $0, 2.0) }
    for (file, step, value) in points { inOrder.add(file: file, step: Int64(step), time: 0, value: value) }
    for (file, step, value) in points.filter({ $0.0 == 1 }) + points.filter({ $0.0 == 0 }) {
      reversed.add(file: file, step: Int64(step), time: 0, value: value)
    }
    for metric in [inOrder, reversed] {
      #expect(metric.buckets.map(\.step) == Array(Int64(0)..<12))
      #expect(metric.buckets.map(\.last) == Array(repeating: 1, count: 6) + Array(repeating: 2, count: 6))
      #expect(metric.replacedCount == 4)
      #expect(metric.summary.count == 12 && metric.summary.firstStep == 0 && metric.summary.lastStep == 11)
      #expect(metric.replaced.map { $0.map(\.step) } == [[6, 7, 8, 9]])
    }
  }

  @Test func aFileThatIsReadAnewIsForgotten() {
    var metric = Metric(name: "loss")
    metric.add(file: 0, step: 1, time: 0, value: 1)
    metric.add(file: 1, step: 2, time: 0, value: 2)
    metric.remove(file: 0)
    #expect(metric.buckets.map(\.step) == [2])
  }

  @Test func configurationValuesAreWrittenAsShortAsTheyAreRead() {
    #expect(ConfigurationValue(text: "0.001").description == "0.001")
    #expect(ConfigurationValue(text: "3e-5").description == "3e-5")
    #expect(ConfigurationValue(text: "32").description == "32")
    #expect(ConfigurationValue(text: "1.5e-07").description == "1.5e-7")
    #expect(ConfigurationValue(text: "True") == .flag(true))
    #expect(ConfigurationValue(text: "nan") == .text("nan"))
  }

  @Test func problemsOfOneKindAreCounted() {
    var run = LoggedRun(id: "/a", name: "a", format: .table)
    run.note(LogProblem(file: "/a", place: .line(3), finding: "is odd"))
    run.note(LogProblem(file: "/a", place: .line(9), finding: "is odd"))
    run.note(LogProblem(file: "/b", place: .byte(7), finding: "is odd"))
    #expect(run.problems.map(\.description) == ["/a:3: is odd, 2 times from there on", "/b: byte 7: is odd"])
  }
}
