import Comparison
import LoggedRuns
import TerminalCanvas
import Testing
import Themes

@testable import Dashboard

/// The comparison's text and look, and what its keys do.
@Suite struct ComparisonScreenTests {
  @Test(arguments: ComparisonScene.allCases, [[80, 24], [120, 40], [200, 60]])
  func frame(_ scene: ComparisonScene, size: [Int]) throws {
    let canvas = try scene.canvas(width: size[0], height: size[1])
    try GoldenTests.compare(GoldenTests.layers(canvas), with: "comparison-\(scene.rawValue)-\(size[0])x\(size[1])")
  }

  @Test(arguments: [GlyphSet.blocks, .ascii])
  func glyphs(_ glyphs: GlyphSet) throws {
    let texts = try ComparisonScene.allCases.map { scene in
      let rows = try scene.canvas(width: 80, height: 24, glyphs: glyphs).plainRows()
      return "== \(scene.rawValue)\n" + rows.joined(separator: "|\n")
    }
    try GoldenTests.compare(texts.joined(separator: "|\n"), with: "comparison-80x24-\(glyphs.rawValue)")
  }

  /// No size is too small or too large to be drawn.
  @Test func everySizeIsDrawn() throws {
    for scene in ComparisonScene.allCases {
      for (width, height) in [(0, 0), (1, 1), (39, 9), (40, 10), (41, 11), (60, 12), (109, 30), (110, 31), (300, 100)] {
        #expect(try scene.canvas(width: width, height: height).width == width)
      }
    }
  }

  // MARK: - Keys

  private func model() throws -> ComparisonModel { try ComparisonScene.table.model() }

  private func press(_ keys: String, _ model: inout ComparisonModel) {
    for key in keys { _ = model.handle(.key(key == "\t" ? .tab : .character(key)), now: 0) }
  }

  private func names(_ model: ComparisonModel) -> [String] { model.listed.map(\.name) }

  @Test func marksChooseWhatIsDrawn() throws {
    var model = try model()
    #expect(model.drawn.count == 5)
    press("  ", &model)
    #expect(model.drawn.map(\.name) == ["snips-standard-s1", "snips-standard-s2"])
    press("u", &model)
    #expect(names(model) == ["snips-standard-s1", "snips-standard-s2"])
    press("u", &model)
    #expect(names(model).count == 5)
  }

  /// What lies in a folder that can be read at last has its row, its letter and whatever was chosen of it.
  @Test func runsTakeThePlaceOfARow() throws {
    var model = try model()
    press(" b", &model)
    let (before, gone) = (names(model), model.runs[1])
    #expect(model.baseline == gone.id)
    let new = ["x", "y"].map { LoggedRun(id: gone.id + "/" + $0, name: $0, format: .table) }
    model.apply([], opened: [gone.id: new], isLoading: false)
    #expect(names(model) == [before[0], "x", "y"] + before[2...])
    #expect(model.baseline == new[0].id && model.selected == new[0].id && model.slot(new[0].id) == 1)
    #expect(model.slot(new[1].id) == before.count && model.slot(model.runs[3].id) == 2)
    // A folder that is a run itself has the row's own id; one in which there is nothing leaves no row.
    let same = LoggedRun(id: new[0].id, name: "z", format: .tensorBoard)
    model.apply([], opened: [new[0].id: [same], new[1].id: []], isLoading: false)
    #expect(names(model) == [before[0], "z"] + before[2...] && model.baseline == same.id && model.slot(same.id) == 1)
    model.apply([], opened: [same.id: []], isLoading: false)
    #expect(names(model) == [before[0]] + before[2...] && model.baseline == nil && model.marked == [model.runs[0].id])
  }

  @Test func metricsAreSearchedByTheWordsOfTheirNames() throws {
    var model = try model()
    _ = model.handle(.key(.tab), now: 0)
    let all = model.tree.rows
    press("/dev acc", &model)
    #expect(model.tree.rows.map(\.id) == ["dev/", "dev/accuracy_a"])
    #expect(model.families.map(\.family) == ["accuracy_a"])
    #expect(names(model).count == 5, "runs are filtered on their own page")
    _ = model.handle(.key(.enter), now: 0)
    #expect(model.popup == nil && model.tree.rows.count == 2)
    _ = model.handle(.key(.escape), now: 0)
    #expect(model.tree.rows == all)
    press("/nothing", &model)
    #expect(model.tree.rows.isEmpty && model.families.isEmpty)
    var canvas = Canvas(width: 80, height: 24)
    model.draw(into: &canvas)
    #expect(canvas.plainRows().contains { $0.contains("none has that name") })
    _ = model.handle(.key(.escape), now: 0)
    _ = model.handle(.key(.tab), now: 0)
    #expect(model.families.count > 1)
  }

  /// Beside the curves where there is room, in their place where there is none: the key works at every size.
  @Test(arguments: [80, 120, 200]) func differencesAreShownAndHidden(width: Int) throws {
    var model = try model()
    var canvas = Canvas(width: width, height: 40)
    func isShown() -> Bool {
      model.draw(into: &canvas)
      return canvas.plainRows().contains { $0.contains("Configuration:") }
    }
    let isWide = width >= 110
    #expect(isShown() == isWide)
    press("D", &model)
    #expect(isShown() == !isWide)
    press("D", &model)
    #expect(isShown() == isWide)
  }

  /// Logs of others often have none.
  @Test func whereNoRunHasAConfigurationTheCurvesHaveItsRoom() throws {
    func logs(_ names: String...) -> [LoggedRun] {
      names.map { ComparisonScene.run($0, seed: 1, rate: 0, best: 0.9, format: .tensorBoard) }
    }
    var model = ComparisonModel(theme: try ThemeCatalog.theme(named: "midnight"), glyphs: .braille, wall: 0)
    model.apply(logs("a", "b"), isLoading: false)
    var canvas = Canvas(width: 160, height: 40)
    func shows(_ text: String) -> Bool {
      model.draw(into: &canvas)
      return canvas.plainRows().contains { $0.contains(text) }
    }
    #expect(!shows("Configuration"))
    press("D", &model)
    #expect(shows("these logs hold no configuration"), "it was asked for")
    press("D", &model)
    #expect(!shows("Configuration"))
    model = ComparisonModel(theme: model.theme, glyphs: .braille, wall: 0)
    model.apply(logs("a", "b") + [ComparisonScene.run("c", seed: 1, rate: 0, best: 0.9)], isLoading: false)
    #expect(shows("Configuration"))
  }

  /// What is not read yet has no standing, whatever its file says.
  @Test func runsThatAreBeingReadSaySo() throws {
    var run = LoggedRun(id: "/runs/new", name: "new", format: .table)
    #expect(run.state(now: 1000) == .reading)
    run.lastWrite = 990
    #expect(run.state(now: 1000) == .reading)
    run.isComplete = true
    #expect(run.state(now: 1000) == .live && run.state(now: 2000) == .ended)
    let unread = LoggedRun(id: "/runs/other", name: "other", format: .table)
    let table = RunTable([unread], columns: [.name, .state, .step, .points, .age], now: 1000)
    #expect(table.rows[0].cells.map(\.text) == ["other", "reading", "–", "–", "–"])
  }

  @Test func sortingGoesThroughTheColumns() throws {
    var model = try model()
    for column in model.table.columns {
      press("s", &model)
      #expect(model.sort == column)
    }
    press("s", &model)
    #expect(model.sort == nil)
    press("sr", &model)
    #expect(names(model) == names(model).sorted(by: >))
  }

  @Test func theFilterShowsAtOnceWhatItLeavesAndEscapeTakesItBack() throws {
    var model = try model()
    press("/s2", &model)
    #expect(names(model) == ["snips-standard-s2"])
    _ = model.handle(.key(.escape), now: 0)
    #expect(names(model).count == 5 && model.popup == nil)
    press("/-s2", &model)
    _ = model.handle(.key(.enter), now: 0)
    #expect(names(model).count == 4 && model.popup == nil)
    _ = model.handle(.key(.escape), now: 0)
    #expect(names(model).count == 5)
  }

  @Test func colourAndLetterStayUnderEveryFilterAndOrder() throws {
    var model = try model()
    let before = Dictionary(uniqueKeysWithValues: model.runs.map { ($0.id, model.slot($0.id)) })
    press("sssr/s2", &model)
    #expect(Dictionary(uniqueKeysWithValues: model.runs.map { ($0.id, model.slot($0.id)) }) == before)
  }

  @Test func theBaselineIsDrawnAndHasAColumn() throws {
    var model = try model()
    press("b", &model)
    #expect(model.baseline == model.runs[0].id)
    #expect(model.table.columns.contains { if case .delta(_) = $0 { true } else { false } })
    press("b", &model)
    #expect(model.baseline == nil)
  }

  @Test func zoomAndPanStayWithinTheCurves() throws {
    var model = try model()
    let whole = try #require(model.wholeRange)
    press("+++", &model)
    var shown = try #require(model.range)
    #expect(abs((shown.upperBound - shown.lowerBound) - (whole.upperBound - whole.lowerBound) / 8) < 1e-9)
    #expect(shown.upperBound == whole.upperBound)
    press(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,", &model)
    shown = try #require(model.range)
    #expect(shown.lowerBound == whole.lowerBound)
    press("---", &model)
    #expect(model.range == nil)
  }

  /// Zoomed in far enough, the points are wanted that buckets stand for; out again, they are not.
  @Test func zoomingInAsksForMoreOfTheLog() throws {
    var model = try model()
    var long = LoggedRun(id: "/long", name: "long", format: .tensorBoard)
    let place = long.place(of: "train/loss")
    for step in 1...50_000 { long.add(place, step: Int64(step), time: 0, value: Double(step)) }
    long.isComplete = true
    model.apply([long], isLoading: false)
    press("/long", &model)
    _ = model.handle(.key(.enter), now: 0)
    while model.family != "loss" { press("n", &model) }
    #expect(model.detailRequest == nil)
    press("+++++", &model)
    let request = try #require(model.detailRequest)
    let steps = try #require(request.steps["/long"])
    #expect(request.metrics == ["train/loss"] && request.steps.count == 1)
    #expect(steps.upperBound == 50_000 && 1500...1700 ~= steps.count)
    var canvas = Canvas(width: 120, height: 40)
    model.draw(into: &canvas)
    #expect(canvas.plainRows().contains { $0.contains("zoomed, reading…") })
    let points = steps.map { SeriesBucket(step: $0, time: 0, value: 7) }
    model.apply(["/long": ["train/loss": CurveDetail(steps: steps, buckets: points)]])
    model.draw(into: &canvas)
    #expect(canvas.plainRows().contains { $0.contains("zoomed ─") })
    let shown = model.curves["loss"]?.first?.curve.columns(100, over: 49_000...50_000) ?? []
    #expect(shown.reduce(0) { $0 + $1.count } == 1001 && shown.allSatisfy { $0.count == 0 || $0.maximum == 7 })
    press("0", &model)
    #expect(model.detailRequest == nil)
  }

  /// A value that can be read whole is worth more than the beginning of a long key; only what is longer than all room is
  /// cut, and the runs without a column are counted.
  @Test func differingValuesAreReadWhole() throws {
    var model = ComparisonModel(theme: try ThemeCatalog.theme(named: "midnight"), glyphs: .braille, wall: 0)
    let runs = (1...6).map { number in
      var run = ComparisonScene.run("run-\(number)", seed: 1, rate: 0.001, best: 0.9)
      run.configuration["optimizer/parameters/epsilonOfTheDenominator"] = .number(Double("\(number)e-9") ?? 0)
      run.configuration["data"] = .text("/data/corpora/snips-\(number)")
      return run
    }
    func rows(_ count: Int, width: Int) -> [String] {
      model.apply(Array(runs.prefix(count)), isLoading: false)
      var canvas = Canvas(width: width, height: 40)
      model.draw(into: &canvas)
      return canvas.plainRows().map { String($0.suffix(min(60, width * 36 / 100))) }
    }
    let two = rows(2, width: 160)
    #expect(two.contains { $0.contains("/data/corpora/snips-1 /data/corpora/snips-2") })
    #expect(two.contains { $0.contains("1e-9") && $0.contains("2e-9") && $0.contains("minator") })
    // Paths are cut before numbers are.
    let five = rows(5, width: 160)
    #expect(five.contains { row in (1...5).allSatisfy { row.contains("\($0)e-9") } })
    #expect(five.contains { row in (1...5).allSatisfy { row.contains("s-\($0)") } })
    #expect(rows(6, width: 110).contains { $0.contains("+4") })
  }

  @Test func metricsCanBeJoinedAndTakenApart() throws {
    var model = try model()
    _ = model.handle(.key(.tab), now: 0)
    let names = model.families.map(\.family)
    #expect(names == ["entity_f1", "accuracy_a", "loss"])
    func select(_ metric: String) {
      while model.treeMetric != metric { press("j", &model) }
    }
    select("dev/entity_f1")
    press("J", &model)
    #expect(model.joining == "entity_f1")
    select("train/loss")
    press("J", &model)
    #expect(model.families.map(\.family) == ["entity_f1 + loss", "accuracy_a"] && model.joining == nil)
    #expect(model.families[0].metrics == ["dev/entity_f1", "dev/loss", "train/loss"])
    #expect(model.family == "entity_f1 + loss")
    #expect(model.dashedMetrics("entity_f1 + loss", model.families[0].metrics) == ["dev/loss", "train/loss"])
    var canvas = Canvas(width: 160, height: 40)
    model.draw(into: &canvas)
    #expect(canvas.plainRows().contains { $0.contains("dev/entity_f1 ─, dev/loss ┄, train/loss ┄") })
    press("J", &model)
    #expect(model.families.map(\.family) == names)
    // Esc forgets the one that was chosen.
    press("J", &model)
    _ = model.handle(.key(.escape), now: 0)
    #expect(model.joining == nil && model.page == .metrics)
  }

  /// Charts and tree have what the drawn runs have; a metric that was chosen comes back with the runs that have it.
  @Test func metricsAreThoseOfTheDrawnRuns() throws {
    var model = try model()
    var other = LoggedRun(id: "/other", name: "other", format: .table)
    for step in 0..<10 { other.add(other.place(of: "reward"), step: Int64(step), time: 0, value: 1) }
    model.apply([other], isLoading: false)
    press(" ", &model)
    #expect(model.drawn.map(\.id) == [model.runs[0].id])
    #expect(!model.families.contains { $0.family == "reward" } && !model.tree.rows.contains { $0.id == "reward" })
    while model.family != "loss" { press("n", &model) }
    while model.selected != other.id { press("j", &model) }
    while model.selected != model.runs[0].id { press("k", &model) }
    press(" ", &model)
    while model.selected != other.id { press("j", &model) }
    press(" ", &model)
    #expect(model.drawn.map(\.id) == [other.id] && model.families.map(\.family) == ["reward"])
    #expect(model.family == "reward")
    press(" ", &model)
    #expect(model.marked.isEmpty && model.family == "loss")
  }

  /// Runs without a point take no place among those that are drawn at first.
  @Test func emptyRunsAreNotDrawnAtFirst() throws {
    var model = try ComparisonScene.empty.model()
    var empty = (0..<8).map { LoggedRun(id: "/empty\($0)", name: "empty\($0)", format: .table) }
    for index in empty.indices { empty[index].isComplete = true }
    model.apply(empty + ComparisonScene.runs, isLoading: false)
    #expect(model.drawn.count == 5 && model.drawn.allSatisfy { $0.points > 0 })
    // One that is not read yet may have some.
    empty[3].isComplete = false
    model.apply([empty[3]], isLoading: true)
    #expect(model.drawn.first?.id == "/empty3")
  }

  /// A problem is shown in full, however long it is and however narrow the screen.
  @Test(arguments: [40, 80, 200])
  func longProblemsAreReadWhole(width: Int) throws {
    var model = try ComparisonScene.empty.model()
    var run = LoggedRun(id: "/a", name: "a", format: .table)
    let words = (0..<40).map { "word\($0)" }
    let path = "/" + (0..<30).map { "folder\($0)" }.joined(separator: "/")
    run.note(LogProblem(file: path, place: .line(7), finding: words.joined(separator: " ")))
    model.apply([run], isLoading: false)
    var canvas = Canvas(width: width, height: 12)
    model.draw(into: &canvas)
    press("i", &model)
    var shown = ""
    for _ in 0..<60 {
      model.draw(into: &canvas)
      shown += canvas.plainRows().map { $0.filter { !"│╭╮╰╯─ ".contains($0) } }.joined()
      _ = model.handle(.key(.down), now: 0)
    }
    for word in words { #expect(shown.contains(word), "\(word) at \(width) columns") }
    for part in path.split(separator: "/") where width > 40 { #expect(shown.contains(part)) }
  }

  @Test func drawnRunsSmoothedAnewAreTheCurvesMadeSo() throws {
    var model = try model()
    press("]]", &model)
    let smoothed = try #require(model.curves[model.family ?? ""])
    var fresh = try self.model()
    fresh.smoothing = 2
    fresh.refresh()
    let made = try #require(fresh.curves[fresh.family ?? ""])
    for (one, other) in zip(smoothed, made) {
      let columns = [one, other].map { drawn in
        drawn.curve.columns(50, over: 1...600).map { [$0.minimum, $0.maximum, $0.last].map(\.bitPattern) }
      }
      #expect(columns[0] == columns[1])
      #expect(one.curve.extremes(over: 1...600, positive: true) == other.curve.extremes(over: 1...600, positive: true))
    }
    #expect(smoothed.count == made.count && !made.isEmpty)
  }

  /// Whatever was kept from the frames before, a frame is what it would be without them.
  @Test func framesAfterOthersAreTheSameAsTheFirst() throws {
    var model = try model()
    var canvas = Canvas(width: 160, height: 50)
    var pressed = ""
    for key in ["l", "]", "\t", "]", "\t", "l", "[", "\t", "x", "\t"] {
      pressed += key
      press(key, &model)
      model.draw(into: &canvas)
      var fresh = try self.model()
      press(pressed, &fresh)
      var first = Canvas(width: 160, height: 50)
      fresh.draw(into: &first)
      #expect(canvas.plainRows() == first.plainRows(), "after \(pressed.debugDescription)")
    }
  }

  /// What a key does not change is kept: with everything made anew the frame would be the same.
  @Test func whatIsKeptIsWhatWouldBeMade() throws {
    var model = try model()
    var canvas = Canvas(width: 160, height: 50)
    let keys: [Key] =
      "  b ssrsr/lr>0.001\nuuGDjo\tjjJjJ/acc\n\tnxGb]lAo".map {
        $0 == "\t" ? .tab : $0 == "\n" ? .enter : .character($0)
      }
      + [.escape, .escape, .enter, .down, .enter, .escape, .tab, .escape] + "uk r".map { .character($0) }
    for (count, key) in keys.enumerated() {
      _ = model.handle(.key(key), now: 0)
      var fresh = model
      fresh.apply([], isLoading: model.isLoading)
      var anew = canvas
      fresh.draw(into: &anew)
      model.draw(into: &canvas)
      #expect(canvas.plainRows() == anew.plainRows(), "after \(keys.prefix(count + 1))")
      #expect(
        model.table.rows == fresh.table.rows && model.diff.differing == fresh.diff.differing
          && model.tree.rows == fresh.tree.rows)
    }
  }

  @Test func theTreesCursorLeadsTheChart() throws {
    var model = try model()
    press("\t", &model)
    for _ in 1...3 {
      _ = model.handle(.key(.down), now: 0)
      #expect(model.treeFamily == nil || model.treeFamily == model.family)
    }
    #expect(model.treeFamily != nil)
  }

  @Test func groupsWithoutTheMetricTakeNoLine() throws {
    var other = LoggedRun(id: "/runs/other", name: "other", format: .table)
    let place = other.place(of: "steps_a_second")
    for step in 1...9 { other.add(place, step: Int64(step), time: .nan, value: 7) }
    var model = ComparisonModel(
      theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille, wall: ComparisonScene.now)
    model.apply([other] + ComparisonScene.runs, isLoading: false)
    press("G", &model)
    var canvas = Canvas(width: 160, height: 40)
    model.draw(into: &canvas)
    let rows = canvas.plainRows()
    let heading = try #require(rows.firstIndex { $0.contains("mean ± sd of") })
    #expect(rows[heading + 1].contains("n="), "\(rows[heading + 1])")
    #expect(rows[heading + 2].contains("n="), "\(rows[heading + 2])")
  }

  @Test func theReadOutSaysWhereAValueIsTakenFrom() throws {
    var model = try model()
    var canvas = Canvas(width: 120, height: 40)
    model.cursor = -1000
    model.draw(into: &canvas)
    let early = canvas.plainRows().joined()
    #expect(early.contains(" at "), "the curves begin later: \(early)")
  }

  /// A key's word is shown whole or not at all, whatever is said beside it.
  @Test(arguments: [60, 80, 120]) func aNoticeCutsNoKey(_ width: Int) throws {
    var model = try model()
    var canvas = Canvas(width: width, height: 24)
    model.draw(into: &canvas)
    let all = canvas.plainRows()[23].split(separator: " ")
    model.showNotice("this has no chart that could be joined", now: 0)
    model.draw(into: &canvas)
    let line = canvas.plainRows()[23]
    let place = try #require(line.firstRange(of: "this has no chart that could be joined"))
    let words = line[..<place.lowerBound].split(separator: " ")
    #expect(words.allSatisfy(all.contains), "\(line)")
    #expect(words.count.isMultiple(of: 2), "a key without its word: \(line)")
  }

  /// A key that does nothing on this page, or now, says why.
  @Test func keysWithoutEffectSaySo() throws {
    for (pressed, notice) in [
      ("J", "metrics are joined in their tree (Tab)"), (",", "everything is shown; + zooms in"),
      ("\tD", "that is for the table of runs (Tab)"), ("\ts", "that is for the table of runs (Tab)"),
      ("\tJ", "this has no chart that could be joined"),
    ] {
      var model = try model()
      press(pressed, &model)
      #expect(model.notice?.text == notice, "after \(pressed.debugDescription)")
    }
    var model = try model()
    press("D\tn+,", &model)
    #expect(model.notice == nil)
  }

  /// Within an epoch, too, the axis says where the curves are.
  @Test func aPartOfAnEpochHasTicks() throws {
    var model = try model()
    press("x", &model)
    #expect(model.axis == .epoch)
    for _ in 1...5 {
      press("+", &model)
      let range = try #require(model.shownRange)
      var canvas = Canvas(width: 120, height: 40)
      model.draw(into: &canvas)
      let row = try #require(canvas.plainRows().last { $0.contains(" epoch ") })
      let places = row.split(whereSeparator: { $0 == " " || $0 == "─" }).compactMap { Double($0) }
      #expect(places.count >= 2 && places.allSatisfy(range.contains), "\(row)")
    }
  }

  @Test func drawnRunsCanBeWrittenAsEventFiles() throws {
    var model = try model()
    press(" ", &model)
    #expect(model.handle(.key(.character("W")), now: 0) == [.writeEvents([model.runs[0].id])])
  }

  @Test func everyKeyIsBoundOnce() {
    let keys = ComparisonBinding.all.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    #expect(Set(ComparisonBinding.all.map(\.command)) == Set(ComparisonCommand.allCases))
  }

  @Test func randomKeysDoNoHarm() throws {
    var model = try model()
    let keys = ComparisonBinding.all.flatMap(\.keys)
    var state: UInt64 = 7
    var canvas = Canvas(width: 100, height: 30)
    for _ in 0..<600 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      _ = model.handle(.key(keys[Int(state >> 33) % keys.count]), now: 0)
      model.draw(into: &canvas)
    }
    #expect(canvas.width == 100)
  }

  @Test func runsThatGrowKeepWhatWasChosen() throws {
    var model = try model()
    press(" bn", &model)
    let (marked, family) = (model.marked, model.family)
    var run = model.runs[0]
    run.add(run.place(of: "train/loss"), step: 601, time: 0, value: 0.1)
    model.apply([run], isLoading: false)
    #expect(model.marked == marked && model.family == family && model.runs.count == 5)
    #expect(model.runs[0].lastStep == 601)
  }

  @Test func exportsAreWholeAndQuoted() throws {
    var model = try model()
    var odd = ComparisonScene.run("a, \"b\"", seed: 9, rate: 1, best: 0.5)
    odd.name = "a, \"b\""
    model.apply([odd], isLoading: false)
    let files = Dictionary(uniqueKeysWithValues: model.exports(width: 100, height: 30).map { ($0.name, $0.text) })
    #expect(files["comparison.svg"]?.hasPrefix("<svg") == true)
    #expect(files["comparison.md"]?.split(separator: "\n").count == 8)
    #expect(files["comparison.csv"]?.contains("\"a, \"\"b\"\"\"") == true)
    #expect(
      files["curves.csv"]?.split(separator: "\n").contains { $0.hasPrefix("\"a, \"\"b\"\"\",dev/entity_f1,600,") }
        == true)
  }
}
