import Formatting
import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// What keys and mouse do with the curves, and what is marked on them.
@Suite struct ChartTests {
  private func model(through step: Int = 2000) throws -> DashboardModel {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: step) { model.apply(event, now: 0) }
    model.resize(width: 160, height: 50)
    return model
  }

  private func press(_ model: inout DashboardModel, _ keys: Key...) {
    for key in keys { _ = model.handle(.key(key), now: 1) }
  }

  private func shown(_ model: DashboardModel) -> ClosedRange<Double> { StepAxis(model.run, model.chart).steps }

  @Test func zoomingKeepsTheNewestInSightAndZeroShowsAll() throws {
    var model = try model()
    let all = shown(model)
    press(&model, .character("+"), .character("+"))
    let part = shown(model)
    #expect(abs((part.upperBound - part.lowerBound) * 4 - (all.upperBound - all.lowerBound)) < 1)
    #expect(part.contains(2000))
    press(&model, .character(","))
    #expect(shown(model).upperBound < part.upperBound)
    #expect(!model.chart.follows)
    press(&model, .character("0"))
    #expect(shown(model) == all)
  }

  /// Nothing lies between two epochs of the accuracies.
  @Test func accuraciesOfFewEpochsHaveWholeTicks() throws {
    let edge = try accuracyEdge(epochs: 2, width: 160, height: 50)
    let ticks = edge.compactMap { Double($0) }
    #expect(!ticks.isEmpty && ticks.allSatisfy { $0 == $0.rounded() }, "\(edge)")
  }

  /// What the axis ends at is told, where need be in place of the label before it.
  @Test func theLastEpochHasItsLabel() throws {
    let edge = try accuracyEdge(epochs: 7, width: 200, height: 60)
    #expect(edge.dropFirst().dropLast() == ["0", "1", "2", "3", "4", "epoch", "6"])
  }

  /// The labels below the accuracies by epoch, of a run that is over, between the corners of their frame.
  private func accuracyEdge(epochs: Int, width: Int, height: Int) throws -> [String] {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    run.epochs = epochs
    for event in run.events(through: run.totalSteps) { model.apply(event, now: 0) }
    model.resize(width: width, height: height)
    var canvas = Canvas(width: width, height: height)
    model.draw(into: &canvas, now: 1)
    let row = try #require(canvas.plainRows().last { $0.contains(" epoch ") && $0.contains("╰") })
    // The chart is the one on the right.
    let edge = row[(row.lastIndex(of: "╰") ?? row.startIndex)...]
    return edge.split(whereSeparator: { $0 == " " || $0 == "─" }).map(String.init)
  }

  /// Curves that are kept from frame to frame are those that a first frame would show, whatever happened since.
  @Test func keptCurvesAreThoseOfAFirstFrame() throws {
    var kept = try model()
    var run = SampleRun()
    let (paper, light) = (try ThemeCatalog.theme(named: "paper"), Color(0xFFFFFF))
    let changes: [(inout DashboardModel) -> Void] = [
      { self.press(&$0, .left, .left, .left) }, { self.press(&$0, .character("+")) },
      { self.press(&$0, .character("l")) },
      { self.press(&$0, .character("]")) }, { $0.apply(.stepsCompleted([run.step(2001)]), now: 2) },
      { $0.theme = paper }, { $0.glyphs = .ascii }, { _ = $0.handle(.background(light), now: 2) },
      { $0.resize(width: 200, height: 60) }, { self.press(&$0, .left) },
    ]
    for (number, change) in changes.enumerated() {
      change(&kept)
      var first = kept
      // What is kept belongs to the look before.
      let theme = first.theme
      first.theme = theme
      let size = number < 8 ? (160, 50) : (200, 60)
      var (known, new) = (Canvas(width: size.0, height: size.1), Canvas(width: size.0, height: size.1))
      kept.draw(into: &known, now: 3)
      first.draw(into: &new, now: 3)
      #expect(known.cells == new.cells && known.styles == new.styles, "after change \(number)")
    }
  }

  @Test func theNewestStepIsFollowed() throws {
    var model = try model()
    press(&model, .character("+"), .character("+"), .character("+"))
    var run = SampleRun()
    let later = (2001...2600).map { run.step($0) }
    model.apply(.stepsCompleted(later), now: 2)
    #expect(shown(model).contains(2600))
    press(&model, .character("f"))
    let still = shown(model)
    model.apply(.stepsCompleted((2601...3400).map { run.step($0) }), now: 3)
    #expect(abs(shown(model).lowerBound - still.lowerBound) < 1)
  }

  @Test func theCursorReadsTheStepItStandsAt() throws {
    var model = try model()
    press(&model, .left)
    #expect(model.chart.cursor == 2000)
    press(&model, .left)
    let moved = try #require(model.chart.cursor)
    #expect(moved < 2000 && moved > 1960)
    press(&model, .end)
    #expect(model.chart.cursor == 2000)
    press(&model, .right)
    #expect(model.chart.cursor == 2000, "not beyond the newest")
    var canvas = Canvas(width: 160, height: 50)
    model.draw(into: &canvas, now: 1)
    let text = canvas.plainRows().joined(separator: "\n")
    #expect(text.contains("step 2,000, epoch 4"))
    let loss = try #require(model.run.total.raw.bucket(at: 2000))
    #expect(text.contains(NumberText.short(loss.mean)))
    press(&model, .escape)
    #expect(model.chart.cursor == nil)
  }

  /// Keys and drags find the curves without drawing them.
  @Test(arguments: [(160, 50), (120, 40), (80, 24), (60, 20)])
  func theCurvesAreFoundWhereTheyAreDrawn(width: Int, height: Int) throws {
    var model = try model()
    for key: Key in [.character("l"), .character("+"), .character("x")] {
      model.resize(width: width, height: height)
      let drawn = model.regions(now: 1).last { $0.target == .plot }?.rect
      let area = try #require(model.layoutNow[.loss])
      #expect(drawn != nil && LossChart(run: model.run, view: model.chart).plot(in: area) == drawn)
      press(&model, key)
    }
    #expect(LossChart(run: RunState(), view: ChartView()).plot(in: Rect(x: 0, y: 0, width: 80, height: 20)) == nil)
  }

  /// Of many points in a column the extremes are drawn, with the first and the last one that lead to its neighbours.
  @Test(arguments: AxisScale.allCases)
  func aColumnOfManyPointsShowsItsExtremes(_ axis: AxisScale) {
    let values = (0..<1000).map { (index: Int) -> Double in
      let noise = Double((index * 7919) % 101) / 50
      return index == 500 ? .nan : noise + (index == 42 ? 3 : 0.01)
    }
    let scale = PlotScale(
      horizontal: AxisPlaces(Axis(.linear, from: 0, to: 999)), vertical: AxisPlaces(Axis(axis, from: 0.005, to: 4)),
      lastColumn: 49, lastRow: 79)
    let points = values.enumerated().map { (place: Double($0.offset), value: $0.element) }
    let lines = scale.lines(through: points)
    #expect(lines.count == 2, "a value that is not finite leaves a gap")
    for column in 0..<50 {
      let rows = points.filter { scale.column($0.place) == column }.compactMap { scale.row($0.value) }
      let dots = lines.joined().filter { $0.column == column }.map { $0.row }
      #expect(dots.min() == rows.min() && dots.max() == rows.max(), "column \(column)")
      #expect(dots.first == rows.first && dots.last == rows.last, "column \(column)")
    }
  }

  @Test func smoothingDoesNotDependOnTheZoom() throws {
    var model = try model()
    let before = model.run.total.smooth
    press(&model, .character("+"), .character("+"), .character(","))
    #expect(model.run.total.smooth == before)
    press(&model, .character("]"))
    #expect(model.run.total.window == 160 && model.run.total.smooth != before)
    press(&model, .character("["), .character("["), .character("["))
    #expect(model.run.smoothing == 0)
    #expect(model.run.total.smooth.latest == model.run.total.raw.latest)
  }

  @Test func stepsEpochsAndTimeAreOneAxis() throws {
    var model = try model()
    for unit in AxisUnit.allCases {
      model.chart.unit = unit
      let axis = StepAxis(model.run, model.chart)
      for step in [10.0, 409, 1999] { #expect(abs(axis.step(axis.value(step)) - step) < 1e-6, "\(unit)") }
    }
    model.chart.unit = .epoch
    #expect(StepAxis(model.run, model.chart).value(818) == 2)
    model.chart.unit = .time
    #expect(abs(StepAxis(model.run, model.chart).value(818) - (818 * 0.031 + 0.9)) < 0.2)
  }

  @Test func theMouseZoomsPansAndPointsAtASteps() throws {
    var model = try model()
    let plot = try #require(model.regions(now: 1).last { $0.target == .plot }?.rect)
    let all = shown(model)
    func mouse(_ action: MouseEvent.Action, _ x: Int, _ y: Int) {
      _ = model.handle(.mouse(MouseEvent(action: action, x: x, y: y)), now: 1)
    }
    let (x, y) = (plot.x + plot.width / 4, plot.y + 3)
    mouse(.press, x, y)
    mouse(.release, x, y)
    let cursor = try #require(model.chart.cursor)
    #expect(abs(Double(cursor) - (all.upperBound - all.lowerBound) / 4) < 40)
    #expect(model.focus == .loss)
    mouse(.wheelUp, x, y)
    let zoomed = shown(model)
    #expect(zoomed.upperBound - zoomed.lowerBound < all.upperBound - all.lowerBound)
    #expect(zoomed.contains(Double(cursor)))
    mouse(.press, x, y)
    mouse(.drag, x + 10, y)
    mouse(.release, x + 10, y)
    #expect(shown(model).lowerBound < zoomed.lowerBound)
    #expect(model.chart.cursor == cursor, "a drag is no click")
  }

  @Test func clicksOnKeysAndPagesWork() throws {
    var model = try model()
    let key = try #require(model.regions(now: 1).first { $0.target == .command(.checkpoint) }?.rect)
    #expect(
      model.handle(.mouse(MouseEvent(action: .press, x: key.x, y: key.y)), now: 1) == [.send(.checkpoint)])
    let tab = try #require(model.regions(now: 1).first { $0.target == .page(.balance) }?.rect)
    _ = model.handle(.mouse(MouseEvent(action: .press, x: tab.x, y: tab.y)), now: 1)
    #expect(model.page == .balance)
  }

  @Test func whatHappenedIsMarked() throws {
    let model = try Scene.cursor.model()
    let marks = model.run.marks.all
    #expect(marks.filter { $0.kind == .epoch }.map(\.step) == [409, 818, 1227, 1636, 2045, 2454])
    #expect(marks.filter { $0.kind == .checkpoint }.count == 6)
    #expect(marks.filter { $0.kind == .parameter }.map(\.step) == [600, 2100])
    #expect(marks.filter { $0.kind == .pause || $0.kind == .resume }.map(\.step) == [1000, 1001])
    let broken = marks.filter { $0.kind == .broken }
    #expect(broken.map(\.step) == [1700] && broken.map(\.lastStep) == [1701])
    #expect(model.run.unreadAlerts == 1)
  }

  /// Where a round axis ends soon after the newest step, and where sums do not come out even.
  @Test(arguments: [12_384, 12_000, 12_499, 10_007, 999] as [Double])
  func panningBackToTheNewestFollowsItAgain(latest: Double) {
    let whole = 0...(latest < 1000 ? 1000.0 : 12_500)
    var view = ChartView()
    view.zoom(0.5, anchor: latest, of: whole, latest: latest)
    #expect(view.follows && !view.showsAll)
    let followed = view.visible(of: whole, latest: latest)
    let width = followed.upperBound - followed.lowerBound
    view.pan(-width / 8, of: whole, latest: latest)
    #expect(!view.follows)
    view.pan(width / 16, of: whole, latest: latest)
    #expect(!view.follows, "halfway there the newest step is not followed yet")
    view.pan(width / 16, of: whole, latest: latest)
    #expect(view.follows)
    #expect(view.visible(of: whole, latest: latest) == followed)
  }

  @Test func spikesStandOutAgainstTheirPast() {
    var detector = SpikeDetector()
    var told: [Double] = []
    for norm in (0..<200).map({ 1 + Double($0 % 7) / 10 }) + [30, 1.2, .nan] where detector.isSpike(norm) {
      told.append(norm)
    }
    #expect(told == [30])
    // What comes every dozen steps is no spike, however large.
    var tails = SpikeDetector()
    let count = (0..<600).filter { tails.isSpike($0 % 12 == 0 ? 1 : 0.02) }.count
    #expect(count == 0)
  }

  @Test func marksStayBoundedAndKeepWhatMatters() {
    var marks = RunMarks()
    for step in 1...5 { marks.add(.parameter, step: step, "rate") }
    for step in 6..<20_000 { marks.add(.checkpoint, step: step, "") }
    #expect(marks.all.count <= 4096)
    #expect(marks.all.filter { $0.kind == .parameter }.map(\.step) == Array(1...5))
  }

  @Test func tableOfStepTimesStaysBounded() {
    var clock = StepClock()
    for step in 1...100_000 { clock.append(step: step, seconds: Double(step) * 0.5) }
    for step in [1.0, 777, 50_000, 100_000] { #expect(abs(clock.seconds(at: step) - step / 2) < 1e-6) }
    #expect(abs(clock.step(at: 12_345) - 24_690) < 1e-6)
    #expect(abs(clock.seconds(at: 200_000) - 100_000) < 1e-6, "as fast as before")
  }
}
