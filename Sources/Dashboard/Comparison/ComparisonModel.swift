import Comparison
import Formatting
public import LoggedRuns
public import TerminalCanvas
public import Themes

/// What the comparison asks its surroundings to do.
public enum ComparisonAction: Hashable, Sendable {
  case quit
  /// Ctrl-Z: give the terminal back and stop the process until `fg`.
  case suspend
  /// Ctrl-L: draw everything anew.
  case redraw
  /// Write what `exports` gives, and `showNotice` where.
  case export
  /// Put a text on the clipboard.
  case copy(String)
  /// Write the logs of the runs with these ids, every point of them, as TensorBoard's event files, and `showNotice` where.
  case writeEvents([String])
}

/// Several runs beside each other: their table, their curves, what they differ in.
public struct ComparisonModel: Sendable {
  /// What the screen is laid out for.
  enum Page: Hashable, Sendable {
    /// Table, curves of one family of metrics, differences.
    case runs
    /// The tree of metrics, and a chart for each family.
    case metrics
  }

  enum Popup: Hashable, Sendable {
    case help(Int)
    /// Every problem in full, scrolled down by so many lines.
    case problems(Int)
    /// What leaves fewer of the page's runs or metrics, being typed, and what was there before.
    case filter(String, before: String)
  }

  /// Weights of the past a point; the first is none.
  static let smoothingLevels = [0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.99]
  /// Runs drawn where none is marked.
  private static let drawnAtFirst = 6

  // What the logs say.
  public private(set) var runs: [LoggedRun] = []
  private var places: [String: Int] = [:]
  private var slots: [String: Int] = [:]
  /// How often each was read.
  private var revisions: [String: Int] = [:]
  public private(set) var isLoading = true

  // What the user chose to see.
  var theme: Theme
  var glyphs: GlyphSet
  var page = Page.runs
  var popup: Popup?
  var filter = RunFilter("")
  /// Words that the names of the metrics on their page have.
  var search = ""
  var sort: RunTable.Column?
  var isReversed = false
  /// In the order of marking.
  var marked: [String] = []
  var showsOnlyMarked = false
  var baseline: String?
  /// The run that keys go to.
  var selected: String?
  /// The run that is shown alone.
  var alone: String?
  /// The run whose curve lies above the others.
  var top: String?
  /// The family of metrics that was chosen; nil for the first one.
  var chosenFamily: String?
  var axis = CurveAxis.step
  var scale = AxisScale.linear
  var smoothing = 0
  /// The part of the axis that is shown; nil for all.
  var range: ClosedRange<Double>?
  /// The place that is read out.
  var cursor: Double?
  var showsGroups = false
  /// nil for where there is room for it beside the curves and something to be shown.
  var showsDiff: Bool?
  var showsReplaced = false
  var closedGroups: Set<String> = []
  var treeRow = 0
  /// The family that the next one is to be joined with, and those that share a chart.
  var joining: String?
  var joined: [[String]] = []
  var notice: (text: String, until: Double)?

  // What follows from both: made anew where what it follows from is another one, never while drawing.
  /// Counts how often runs were taken in.
  private var readings = 0
  private var tabled = Derived<TableSource, RunTable>(RunTable([], columns: [.name], now: 0))
  private var drawing = Derived<DrawnSource, Drawn>(Drawn())
  private var grouped = Derived<DrawnSource, [RunGroup]>([])
  private var grown = Derived<TreeSource, MetricTree>(MetricTree([]))
  var table: RunTable { tabled.value }
  var drawn: [LoggedRun] { drawing.value.runs }
  var diff: ConfigurationDiff { drawing.value.diff }
  var groups: [RunGroup] { showsGroups ? grouped.value : [] }
  var tree: MetricTree { grown.value }
  /// Those that the drawn runs have.
  private(set) var families: [(family: String, metrics: [String])] = []
  /// The family that is shown: the chosen one where the drawn runs have it.
  private(set) var family: String?
  private(set) var curves: [String: [DrawnCurve]] = [:]
  private var maker = CurveMaker()
  private var plots = PlotCache()
  /// Parts of the shown family's curves as fine as their logs have them, by run and metric.
  var details: [String: [String: CurveDetail]] = [:]
  /// Whether any run, drawn or not, has a configuration.
  private var hasConfigurations = false
  /// Seconds since 1970, when it was last looked at.
  private(set) var wall: Double
  private var drawnMinute = -1

  /// Columns of the last frame.
  private(set) var width = 0
  /// Whether what the runs were configured differently in is shown.
  var isDiffShown: Bool {
    showsDiff ?? (width >= ComparisonLayout.widthForDiff && (hasConfigurations || showsGroups))
  }

  /// True when something visible changed since the last `draw`.
  public internal(set) var needsDisplay = true

  /// `wall`: seconds since 1970.
  public init(theme: Theme, glyphs: GlyphSet, wall: Double, filter: String = "") {
    self.filter = RunFilter(filter)
    self.theme = theme
    self.glyphs = glyphs
    self.wall = wall
  }

  /// Takes in runs that are new or changed. `opened`: the runs that take the place of others, by those others' ids.
  public mutating func apply(_ changed: [LoggedRun], opened: [String: [LoggedRun]] = [:], isLoading: Bool) {
    for id in opened.keys.sorted() { replace(id, by: opened[id] ?? []) }
    var new: [LoggedRun] = []
    for run in changed {
      guard let place = places[run.id] else {
        new.append(run)
        continue
      }
      runs[place] = run
      revisions[run.id, default: 0] += 1
    }
    insert(new, at: runs.count)
    self.isLoading = isLoading
    readings += 1
    refresh()
  }

  /// Puts runs in the place of another; the first of them has its letter, and is what the user chose where that one was.
  private mutating func replace(_ id: String, by new: [LoggedRun]) {
    guard let place = places[id] else { return }
    runs.remove(at: place)
    let first = new.first?.id
    if let first {
      let slot = slots.removeValue(forKey: id)
      slots[first] = slot
    }
    func heir(_ chosen: String?) -> String? { chosen == id ? first : chosen }
    (selected, baseline) = (heir(selected), heir(baseline))
    (alone, top) = (heir(alone), heir(top))
    marked = marked.compactMap(heir)
    insert(new, at: place)
  }

  private mutating func insert(_ new: [LoggedRun], at place: Int) {
    guard !new.isEmpty || places.count != runs.count else { return }
    runs.insert(contentsOf: new, at: place)
    for run in new {
      if slots[run.id] == nil { slots[run.id] = slots.count }
      revisions[run.id, default: 0] += 1
    }
    places = Dictionary(runs.indices.map { (runs[$0].id, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Lets time pass: `now` is a monotonic clock, `wall` counts seconds since 1970.
  public mutating func tick(now: Double, wall: Double) {
    self.wall = wall
    if let notice, now >= notice.until {
      self.notice = nil
      needsDisplay = true
    }
    let minute = wall.isFinite && abs(wall) < 1e15 ? Int(wall / 5) : 0
    guard minute != drawnMinute else { return }
    drawnMinute = minute
    refresh()
  }

  /// Shows a notice for a while.
  public mutating func showNotice(_ text: String, now: Double) {
    notice = (text, now + 5)
    needsDisplay = true
  }

  func run(_ id: String) -> LoggedRun? { places[id].map { runs[$0] } }

  /// The number that a run's letter and colour come from: it stays the same under every filter and order.
  func slot(_ id: String) -> Int { slots[id] ?? 0 }

  /// The runs of the table, in its order.
  var listed: [LoggedRun] { table.rows.compactMap { run($0.id) } }

  /// What could not be read, in lines that fit the screen.
  var problemLines: [String] {
    let columns = max(20, width - 6)
    return runs.flatMap(\.problems).flatMap { CharacterWidth.brokenLines(of: $0.description, columns: columns) }
  }

  var problemCount: Int { runs.reduce(0) { $0 + $1.problems.count } }

  // MARK: - What follows

  private struct TableSource: Equatable {
    var readings: Int
    var filter: String
    /// nil for all.
    var listed: [String]?
    var sort: RunTable.Column?
    var isReversed: Bool
    var baseline: String?
    var wall: Double
  }

  private struct DrawnSource: Equatable {
    var readings: Int
    var ids: [String]
  }

  private struct TreeSource: Equatable {
    var drawn: DrawnSource
    var closed: Set<String>
    var search: String
  }

  /// What follows from the drawn runs alone.
  private struct Drawn {
    var runs: [LoggedRun] = []
    var families: [(family: String, metrics: [String])] = []
    var diff = ConfigurationDiff([])
  }

  /// Brings everything up to date that follows from the runs and the user's choices.
  mutating func refresh() {
    needsDisplay = true
    makeTable()
    if selected.map({ id in !table.rows.contains { $0.id == id } }) ?? true { selected = table.rows.first?.id }
    let source = DrawnSource(readings: readings, ids: chooseDrawn())
    if !drawing.follows(source) {
      let runs = source.ids.compactMap { run($0) }
      drawing.take(
        Drawn(runs: runs, families: MetricTree.families(of: runs), diff: ConfigurationDiff(runs)), from: source)
    }
    families = joinedFamilies(drawing.value.families)
    if page == .metrics {
      families.removeAll { !$0.metrics.contains { MetricTree.isFound($0, by: search) } }
    }
    family = families.contains { $0.family == chosenFamily } ? chosenFamily : families.first?.family
    let treeSource = TreeSource(drawn: source, closed: closedGroups, search: search)
    if !grown.follows(treeSource) {
      grown.take(MetricTree(drawn, closed: closedGroups, search: search), from: treeSource)
    }
    treeRow = min(treeRow, max(0, tree.rows.count - 1))
    if showsGroups, !grouped.follows(source) { grouped.take(RunGroup.groups(of: drawn), from: source) }
    hasConfigurations = runs.contains { !$0.configuration.isEmpty }
    makeCurves()
  }

  private mutating func makeTable() {
    let source = TableSource(
      readings: readings, filter: filter.text, listed: showsOnlyMarked ? marked : nil, sort: sort,
      isReversed: isReversed, baseline: baseline, wall: wall)
    guard !tabled.follows(source) else { return }
    let base = baseline.flatMap { run($0) }
    var shown = filter.runs(of: runs, now: wall)
    if showsOnlyMarked {
      let marked = Set(marked)
      shown = shown.filter { marked.contains($0.id) }
    }
    let columns = RunTable.columns(for: runs, hasBaseline: base != nil)
    tabled.take(
      RunTable(shown, columns: columns, sortedBy: sort, isReversed: isReversed, baseline: base, now: wall),
      from: source)
  }

  /// The marked runs, or the table's first ones that may have curves where none is marked; the baseline besides.
  private func chooseDrawn() -> [String] {
    if let alone, run(alone) != nil { return [alone] }
    let listed = table.rows.map(\.id)
    var ids = listed.filter(Set(marked).contains)
    if ids.isEmpty {
      let mayHaveCurves = listed.lazy.filter { id in self.run(id).map { !$0.isComplete || $0.points > 0 } ?? false }
      ids = Array(mayHaveCurves.prefix(Self.drawnAtFirst))
    }
    if let baseline, !ids.contains(baseline) { ids.append(baseline) }
    // The last one drawn lies on top.
    if let top, let place = ids.firstIndex(of: top) { ids.append(ids.remove(at: place)) }
    return ids.filter { run($0) != nil }
  }

  mutating func makeCurves() {
    curves = [:]
    let wanted = page == .runs ? families.filter { $0.family == family } : families
    maker.begin(axis, smoothing: Self.smoothingLevels[smoothing])
    for (family, metrics) in wanted {
      let dashed = dashedMetrics(family, metrics)
      let described = metrics.map { ($0, MetricName.direction($0), isDashed: dashed.contains($0)) }
      var made: [DrawnCurve] = []
      for run in drawn {
        let slot = slot(run.id)
        for (name, direction, isDashed) in described {
          guard let metric = run.metric(name) else { continue }
          let curve = maker.curve(run, name, revision: revisions[run.id] ?? 0, details[run.id]?[name])
          if !curve.curve.isEmpty {
            made.append(DrawnCurve(curve, slot: slot, direction, isDashed: isDashed, metric.summary))
          }
          guard showsReplaced else { continue }
          for buckets in metric.replaced {
            let old = maker.curve(replaced: buckets, run, name)
            made.append(DrawnCurve(old, slot: slot, direction, isDashed: true, isReplaced: true, SeriesSummary()))
          }
        }
      }
      curves[family] = made
    }
    maker.end()
  }

  /// Draws the whole screen at the canvas's size.
  public mutating func draw(into canvas: inout Canvas) {
    width = canvas.width
    var painter = Painter(canvas: canvas, palette: Palette(theme), glyphs: glyphs)
    canvas = Canvas(width: 0, height: 0)
    var plots = plots
    self.plots = PlotCache()
    plots.begin(generation: maker.generation)
    ComparisonScreen(model: self).draw(with: &painter, &plots)
    self.plots = plots
    (canvas, _) = painter.finish()
    needsDisplay = false
  }
}
