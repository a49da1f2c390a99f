import LoggedRuns
import Testing

@testable import Comparison

@Suite struct ComparisonTests {
  private let runs = SampleRuns.three

  private func table(_ columns: [RunTable.Column], sort: RunTable.Column? = nil, reversed: Bool = false) -> RunTable {
    RunTable(runs, columns: columns, sortedBy: sort, isReversed: reversed, baseline: runs[0], now: SampleRuns.now)
  }

  // MARK: - Metrics' names

  @Test func namesTellDirectionAndSplit() {
    for name in ["loss", "val_loss", "train/box_loss", "eval/perplexity", "dev/loss_a", "test_wer"] {
      #expect(MetricName.direction(name) == .down, "\(name)")
    }
    for name in ["accuracy", "val_acc", "dev/entity_f1", "metrics/mAP50(B)", "rollout/ep_rew_mean_reward", "top1_acc"] {
      #expect(MetricName.direction(name) == .up, "\(name)")
    }
    for name in ["learning_rate", "epoch", "grad_norm"] {
      #expect(MetricName.direction(name) == .unknown, "\(name)")
    }
    #expect(
      MetricName.isEvaluation("val_loss") && MetricName.isEvaluation("eval/f1") && !MetricName.isEvaluation("loss"))
    #expect(MetricName.family("train/loss") == "loss" && MetricName.family("val_loss") == "loss")
    #expect(MetricName.family("eval/nested/f1") == "nested/f1" && MetricName.family("loss") == "loss")
    #expect(MetricName.family("train/box_loss") == "box_loss" && MetricName.family("val/box_loss") == "box_loss")
  }

  /// Lightning's `train_loss_epoch` and `val_loss` are one chart; what Ultralytics calls `metrics/…` is of held-out data.
  @Test func namesOfOtherTrainersArePaired() {
    #expect(MetricName.family("train_loss_epoch") == "loss" && MetricName.family("val_loss") == "loss")
    #expect(MetricName.family("train_loss_step") == "loss_step" && MetricName.family("lr_epoch") == "lr_epoch")
    #expect(MetricName.isEvaluation("metrics/mAP50(B)") && !MetricName.isEvaluation("metrics/train_loss"))
    var run = LoggedRun(id: "/yolo", name: "yolo", format: .table)
    for name in ["train/box_loss", "val/box_loss", "val/cls_loss", "val/dfl_loss", "metrics/recall(B)", "lr/pg0"] {
      run.add(run.place(of: name), step: 1, time: 0, value: 0.5)
    }
    run.add(run.place(of: "metrics/mAP50(B)"), step: 1, time: 0, value: 0.5)
    #expect(
      RunTable.figures(of: [run]) == ["metrics/mAP50(B)", "metrics/recall(B)", "val/box_loss", "val/cls_loss"])
  }

  // MARK: - Table

  @Test func theTableShowsBestFiguresAndWhatDiffers() {
    let columns = RunTable.columns(for: runs)
    #expect(
      columns == [
        .name, .state, .epoch, .step, .metric("dev/accuracy"), .metric("dev/loss"), .metric("train/loss"),
        .configuration("learningRate"), .configuration("seed"), .age,
      ])
    let rows = table(columns).rows
    #expect(
      rows[0].cells.map(\.text) == [
        "snips-a-s1", "finished", "5/5", "500", "0.9500", "0.2500", "0.1667", "0.001", "1", "2 min",
      ])
    #expect(rows.map { $0.cells[4].isBest } == [false, true, false])
    #expect(rows.map { $0.cells[5].isBest } == [false, true, false])
  }

  @Test func sortingPutsTheBestFirstAndWhatIsMissingLast() {
    var runs = self.runs
    runs.append(LoggedRun(id: "/x", name: "empty", format: .table))
    func order(_ column: RunTable.Column, reversed: Bool = false) -> [String] {
      RunTable(runs, columns: [.name, column], sortedBy: column, isReversed: reversed, now: 0).rows.map {
        $0.cells[0].text
      }
    }
    #expect(order(.metric("dev/accuracy")) == ["snips-a-s2", "snips-a-s1", "snips-b-s1", "empty"])
    #expect(order(.metric("dev/accuracy"), reversed: true) == ["snips-b-s1", "snips-a-s1", "snips-a-s2", "empty"])
    #expect(order(.metric("dev/loss")) == ["snips-a-s2", "snips-a-s1", "snips-b-s1", "empty"])
    #expect(order(.configuration("learningRate"), reversed: true).first == "snips-b-s1")
    #expect(order(.name) == ["empty", "snips-a-s1", "snips-a-s2", "snips-b-s1"])
  }

  @Test func differencesToTheBaselineKnowWhatIsBetter() {
    let rows = table([.delta("dev/accuracy"), .delta("dev/loss")]).rows
    #expect(rows[0].cells.map(\.text) == ["base", "base"])
    #expect(rows[1].cells.map(\.text) == ["+0.0200", "−0.0250"] && rows[1].cells.map(\.tone) == [.better, .better])
    #expect(rows[2].cells.map(\.tone) == [.worse, .worse])
  }

  @Test func valuesThatAreNotFiniteAreSeen() {
    var run = LoggedRun(id: "/n", name: "n", format: .jsonLines)
    run.add(run.place(of: "loss"), step: 1, time: 0, value: .nan)
    let cell = RunTable([run], columns: [.metric("loss")], now: 0).rows[0].cells[0]
    #expect(cell.text == "NaN" && cell.tone == .alert && cell.number == nil)
  }

  // MARK: - Filter

  @Test(arguments: [
    ("", "abc"), ("snips", "abc"), ("s2", "b"), ("-s2", "ac"), ("lr>=3e-3", "c"), ("learningRate<0.003", "ab"),
    ("dev/accuracy>0.94", "ab"), ("accuracy>=0.97", "b"), ("best>0.96 | lr=0.003", "bc"), ("state:finished", "abc"),
    ("-state:fin", ""), ("name~-a-", "ab"), ("seed=1", "ac"), ("seed!=1", "b"), ("nothing>1", ""),
    ("preset=standard", "abc"),
    ("seed=1 lr<0.002", "a"), ("|", "abc"), ("x | s2", "b"),
  ])
  func filter(_ text: String, _ passing: String) {
    let names = ["snips-a-s1": "a", "snips-a-s2": "b", "snips-b-s1": "c"]
    let shown = RunFilter(text).runs(of: runs, now: SampleRuns.now).compactMap { names[$0.name] }
    #expect(shown.joined() == passing)
  }

  @Test(arguments: [
    ("lr>=x", "the filter lr>=x needs a number"), ("a | -lr<", "the filter lr< needs a number"), ("lr>=1e-3 x", nil),
    ("state=x", nil), ("", nil),
  ])
  func aComparisonNeedsANumber(_ text: String, _ problem: String?) {
    #expect(RunFilter(text).problem == problem)
  }

  // MARK: - Configuration

  @Test func onlyDifferingKeysAreShown() {
    let diff = ConfigurationDiff(runs)
    // Where a run lies is no difference.
    #expect(diff.differing == ["learningRate", "seed"] && diff.total == 5)
    #expect(ConfigurationDiff([runs[0]]).differing.isEmpty)
  }

  @Test func runsThatDifferInTheirSeedAloneAreAGroup() throws {
    let groups = RunGroup.groups(of: runs)
    #expect(groups.map(\.members) == [["/runs/snips-a-s1", "/runs/snips-a-s2"], ["/runs/snips-b-s1"]])
    #expect(groups.map(\.name) == ["snips-a", "snips-b-s1"])
    let statistics = try #require(groups[0].statistics(runs, "dev/accuracy"))
    #expect(statistics.count == 2 && abs(statistics.mean - 0.96) < 1e-12)
    // numpy.std([0.95, 0.97], ddof=1)
    #expect(abs((statistics.deviation ?? 0) - 0.014142135623730963) < 1e-12)
    #expect(groups[1].statistics(runs, "dev/accuracy")?.deviation == nil)
    #expect(groups[1].statistics(runs, "none") == nil)
  }

  // MARK: - Curves

  @Test func columnsKeepExtremesAndGapsAtEveryZoom() {
    var run = LoggedRun(id: "/a", name: "a", format: .jsonLines)
    let place = run.place(of: "x")
    for step in 0..<100_000 {
      run.add(place, step: Int64(step), time: 0, value: step == 77_777 ? 50 : step == 33_333 ? .nan : 1)
    }
    let curve = Curve(run, "x", AxisMapping(.step, run), smoothing: 0.9)
    for count in [1, 7, 200] {
      let columns = curve.columns(count, over: 0...99_999)
      #expect(columns.map(\.maximum).max() == 50)
      #expect(columns.reduce(0) { $0 + $1.broken } == 1)
      #expect(columns.reduce(0) { $0 + $1.count } == 99_999)
    }
  }

  /// The smoothing of TensorBoard, point by point.
  @Test func smoothingIsAnAverageThatForgets() {
    var run = LoggedRun(id: "/a", name: "a", format: .jsonLines)
    let place = run.place(of: "x")
    let values = (0..<50).map { Double($0 * $0 % 17) }
    for (step, value) in values.enumerated() { run.add(place, step: Int64(step), time: 0, value: value) }
    let curve = Curve(run, "x", AxisMapping(.step, run), smoothing: 0.6)
    var (last, correction) = (0.0, 0.0)
    for (step, value) in values.enumerated() {
      last = last * 0.6 + 0.4 * value
      correction = correction * 0.6 + 0.4
      #expect(abs((curve.point(at: Double(step))?.smooth ?? -1) - last / correction) < 1e-5)
    }
  }

  @Test func axes() {
    let run = runs[0]
    func extent(_ axis: CurveAxis) -> ClosedRange<Double>? {
      Curve(run, "dev/accuracy", AxisMapping(axis, run), smoothing: 0).extent
    }
    #expect(extent(.step) == 100...500)
    #expect(extent(.aligned) == 99...499)
    #expect(extent(.epoch) == 1...5)
    #expect(extent(.samples) == 3200...16_000)
    #expect(extent(.relative) == 99...499)
    // Where a run counts its seconds of training, pauses are left out.
    var paused = run
    let elapsed = paused.place(of: "elapsed")
    for step in 1...500 { paused.add(elapsed, step: Int64(step), time: 0, value: Double(step) / 2) }
    #expect(Curve(paused, "dev/loss", AxisMapping(.relative, paused), smoothing: 0).extent == 50...250)
    #expect(extent(.wall) == (SampleRuns.now - 900)...(SampleRuns.now - 500))
    #expect(CurveAxis.allCases.reduce(CurveAxis.step) { axis, _ in axis.next } == .step)
  }

  /// 100,000 points are kept as some 1,600 buckets: fifty of them are wanted finer, all of them or single points are not.
  @Test func aPartOfALongCurveCanBeFiner() throws {
    var run = LoggedRun(id: "/long", name: "long", format: .table)
    var part = run
    let place = run.place(of: "x")
    for step in 1...100_000 { run.add(place, step: Int64(step), time: 0, value: Double(step % 977)) }
    let buckets = try #require(run.metric("x")).buckets
    let mapping = AxisMapping(.step, run)
    func hidden(_ range: ClosedRange<Double>) -> ClosedRange<Int64>? {
      Curve.hiddenSteps(of: buckets, mapping, over: range, columns: 1000)
    }
    #expect(hidden(1...100_000) == nil && hidden(200_000...300_000) == nil)
    let steps = try #require(hidden(50_000...51_000))
    #expect(steps.lowerBound <= 50_000 && steps.upperBound >= 51_000 && steps.count < 1300)
    #expect(hidden(1...1000)?.lowerBound == Int64.min)
    // Its own points in the place of the buckets that stand for the same steps.
    part.window = steps
    _ = part.place(of: "x")
    for step in 1...100_000 { part.add(0, step: Int64(step), time: 0, value: Double(step % 977)) }
    let finer = try #require(part.metric("x")).buckets
    #expect(finer.map(\.step) == Array(steps))
    let detail = CurveDetail(steps: steps, buckets: finer)
    let whole = Curve(run, "x", mapping, smoothing: 0, detail: detail)
    let columns = whole.columns(2000, over: 50_000...51_000)
    #expect(columns.reduce(0) { $0 + $1.count } == 1001 && columns.allSatisfy { $0.count <= 1 })
    #expect(whole.columns(10, over: 1...100_000).reduce(0) { $0 + $1.count } == 100_000)
  }

  /// A run that goes back to before the window replaces what it had in it.
  @Test func aWindowKnowsOfStepsThatGoBack() {
    var run = LoggedRun(id: "/a", name: "a", format: .table)
    run.window = 50...60
    let place = run.place(of: "x")
    for step in 1...100 { run.add(place, step: Int64(step), time: 0, value: 1) }
    #expect(run.metric("x")?.buckets.map(\.step) == Array(50...60))
    for step in 40...52 { run.add(place, step: Int64(step), time: 0, value: 2) }
    #expect(run.metric("x")?.buckets.map(\.step) == [50, 51, 52] && run.metric("x")?.replacedCount == 11)
    run.add(place, SeriesBucket(step: 55, time: 0, values: (1, 1, 1, 1), count: 3, broken: 0), from: 53)
    run.add(place, SeriesBucket(step: 80, time: 0, values: (1, 1, 1, 1), count: 3, broken: 0), from: 78)
    #expect(run.metric("x")?.summary.lastStep == 55)
  }

  // MARK: - Tree

  @Test func metricsAreATreeAndFamilies() {
    let tree = MetricTree(runs)
    #expect(tree.rows.map(\.id) == ["dev/", "dev/accuracy", "dev/loss", "epoch", "train/", "train/loss"])
    #expect(tree.rows.map(\.count) == [2, 15, 15, 1500, 1, 1500])
    #expect(MetricTree(runs, closed: ["dev/"]).rows.map(\.id) == ["dev/", "epoch", "train/", "train/loss"])
    #expect(MetricTree(runs, search: "ACC").rows.map(\.id) == ["dev/", "dev/accuracy"])
    let families = MetricTree.families(of: runs)
    #expect(families.map(\.family) == ["accuracy", "loss"])
    #expect(families[1].metrics == ["dev/loss", "train/loss"])
  }

  // MARK: - Text

  @Test func tablesAsText() {
    let table = table([.name, .metric("dev/accuracy"), .configuration("seed")], sort: .metric("dev/accuracy"))
    #expect(
      TableText.markdown.write(table) == """
        | run | dev/accuracy | seed |
        | --- | ---: | --- |
        | snips-a-s2 | **0.9700** | 2 |
        | snips-a-s1 | 0.9500 | 1 |
        | snips-b-s1 | 0.8500 | 1 |

        """)
    #expect(
      TableText.csv.write(table)
        == "run,dev/accuracy,seed\nsnips-a-s2,0.97,2\nsnips-a-s1,0.95,1\nsnips-b-s1,0.85,1\n")
    #expect(
      TableText.json.write(table).split(separator: "\n")[0]
        == #"[{"path": "/runs/snips-a-s2", "run": "snips-a-s2", "dev/accuracy": 0.97, "seed": 2},"#)
  }

  @Test func aLongNameDoesNotMakeEveryRowWide() {
    var runs = self.runs
    runs[0].name = String(repeating: "x", count: 90)
    let table = RunTable(runs, columns: [.name, .state], now: 0)
    let lines = TableText.text.write(table, width: 40).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 40 } && lines[1].hasPrefix("…xxx") && lines[1].hasSuffix("finished"))
    #expect(TableText.text.write(table).split(separator: "\n")[1].count > 90)
  }

  /// Columns of the terminal, not letters: some are two wide, and marks have no width.
  @Test func namesOfAnyScriptKeepTheColumns() {
    var runs = self.runs
    runs[0].name = String(repeating: "類", count: 20)
    runs[1].name = "cafe\u{301}"
    let lines = TableText.text.write(RunTable(runs, columns: [.name, .state], now: 0), width: 80).split(separator: "\n")
    #expect(lines[1].hasPrefix(runs[0].name + "  "))
    #expect(lines[2].hasPrefix("cafe\u{301}" + String(repeating: " ", count: 38)))
  }
}
