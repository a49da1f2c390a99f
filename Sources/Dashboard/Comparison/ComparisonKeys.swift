import Comparison
import LoggedRuns
public import TerminalCanvas
import Themes

/// What a key can ask of the comparison.
enum ComparisonCommand: Hashable, Sendable, CaseIterable {
  case up, down, pageUp, pageDown, mark, onlyMarked, baseline, sort, reverse, filter, groups, diff
  case nextMetric, previousMetric, onTop, alone, back, page
  case axis, scale, smoothLess, smoothMore, cursorLeft, cursorRight, cursorStart, cursorEnd
  case zoomIn, zoomOut, panLeft, panRight, showAll, replaced, join
  case problems, export, writeEvents, copy, theme, glyphs, help, redraw, suspend, quit
}

/// One row of the table that drives dispatch, the key line and the help.
struct ComparisonBinding: Sendable {
  var command: ComparisonCommand
  var keys: [Key]
  /// The keys as they are written for people.
  var label: String
  /// A word for the key line; nil keeps it off that line.
  var short: String?
  /// A sentence for the help; nil where the binding before it explains this one too.
  var explanation: String?

  private init(
    _ command: ComparisonCommand, _ keys: [Key], _ label: String, short: String? = nil, _ explanation: String?
  ) {
    (self.command, self.keys, self.label, self.short, self.explanation) = (command, keys, label, short, explanation)
  }

  /// Every binding; on the key line the first come first.
  static let all: [ComparisonBinding] = [
    Self(.mark, [.character(" "), .character("m")], "space / m", short: "mark", "Mark a run: marked ones are drawn"),
    Self(.onlyMarked, [.character("u")], "u", "List only the marked runs"),
    Self(.baseline, [.character("b")], "b", short: "base", "Take differences to this run, or to none"),
    Self(.sort, [.character("s")], "s", short: "sort", "Sort by the next column"),
    Self(.reverse, [.character("r")], "r", "Turn the order round"),
    Self(
      .filter, [.character("/")], "/", short: "filter", "Filter runs (lr>=1e-3 -state:failed | best>0.9) or metrics"),
    Self(.groups, [.character("G")], "G", short: "groups", "Join runs that differ in their seed alone"),
    Self(.diff, [.character("D")], "D", short: "diff", "Show or hide what the drawn runs' configurations differ in"),
    Self(.nextMetric, [.character("n")], "n / N", short: "metric", "The next metric, the one before"),
    Self(.previousMetric, [.character("N")], "N", nil),
    Self(.page, [.tab, .backTab], "Tab", short: "page", "Runs, or metrics as a tree and small charts"),
    Self(.axis, [.character("x")], "x", short: "axis", "By step, epoch, time, time of day, aligned step, samples"),
    Self(.scale, [.character("l")], "l", "Value axis linear or logarithmic"),
    Self(.smoothMore, [.character("]")], "] / [", short: "smooth", "Smooth more, or less down to not at all"),
    Self(.smoothLess, [.character("[")], "[", nil),
    Self(.cursorLeft, [.left], "left / right", short: "read", "Read the curves' values out at a place"),
    Self(.cursorRight, [.right], "right", nil),
    Self(.cursorStart, [.home], "Home / End", "Read out the beginning, the end"),
    Self(.cursorEnd, [.end], "End", nil),
    Self(
      .zoomIn, [.character("+"), .character("=")], "+ / -", short: "zoom",
      "Zoom in around the cursor or the end, and out"),
    Self(.zoomOut, [.character("-"), .character("_")], "-", nil),
    Self(.panLeft, [.character(","), .character("<")], ", / .", "Move the part that is shown to the left, the right"),
    Self(.panRight, [.character("."), .character(">")], ".", nil),
    Self(.showAll, [.character("0")], "0", "Show all"),
    Self(.onTop, [.character("o")], "o", "Draw the selected run above the others"),
    Self(.alone, [.enter], "Enter", "The selected run alone; open or close a group of metrics"),
    Self(.replaced, [.character("A")], "A", "Show what a restarted run logged before"),
    Self(.up, [.up, .character("k")], "up / down", "The run or the metric above, below (also k, j)"),
    Self(.down, [.down, .character("j")], "down", nil),
    Self(.pageUp, [.pageUp], "PgUp / PgDn", "A page up, down"),
    Self(.pageDown, [.pageDown], "PgDn", nil),
    Self(.join, [.character("J")], "J", "Join two metrics of the tree in a chart: J on each"),
    Self(.problems, [.character("i")], "i", "What could not be read, in full"),
    Self(.export, [.character("e")], "e", "Write picture, table and curves to files"),
    Self(.writeEvents, [.character("W")], "W", "Write the drawn runs as TensorBoard's event files"),
    Self(.copy, [.character("y")], "y", "Copy the table as Markdown"),
    Self(.theme, [.character("t")], "t", "Next theme"),
    Self(.glyphs, [.character("g")], "g", "Next glyphs: braille, blocks, ASCII"),
    Self(.back, [.escape], "Esc", "Back: no cursor, all runs, no filter"),
    Self(.help, [.character("?")], "?", short: "help", "Show or hide this help"),
    Self(.redraw, [.control("l")], "Ctrl-L", "Draw the screen anew"),
    Self(.suspend, [.control("z")], "Ctrl-Z", "Put the screen to sleep; fg wakes it"),
    Self(.quit, [.character("q"), .control("c")], "q", short: "leave", "Leave"),
  ]

  /// What the help has a line for: those that have a sentence, and what the marks on the screen mean.
  static let explained: [(label: String, text: String)] =
    all.compactMap { binding in binding.explanation.map { (binding.label, $0) } }
    + [("★ × ┄ ●", "Best value; NaN or infinite; on training data; marked run")]

  static func command(for key: Key) -> ComparisonCommand? { all.first { $0.keys.contains(key) }?.command }
}

extension ComparisonModel {
  private static let pageRows = 10

  /// Does what an input asks for; `now` is a monotonic clock.
  public mutating func handle(_ input: InputEvent, now: Double) -> [ComparisonAction] {
    needsDisplay = true
    switch input {
    case .focus, .ready, .background: return []
    case .paste(let text):
      // A paste is text: it goes into the filter that is being typed, and nowhere else.
      for character in text.prefix(while: { !$0.isNewline }) {
        guard case .filter(let typed, let before) = popup else { return [] }
        _ = type(.character(character), typed, before)
      }
      return []
    case .mouse(let mouse):
      if mouse.action == .wheelUp { return perform(.up, now: now) }
      if mouse.action == .wheelDown { return perform(.down, now: now) }
      return []
    case .key(let key):
      if case .filter(let text, let before) = popup { return type(key, text, before) }
      if popup != nil { return scrollPopup(key) }
      return ComparisonBinding.command(for: key).map { perform($0, now: now) } ?? []
    }
  }

  private mutating func type(_ key: Key, _ text: String, _ before: String) -> [ComparisonAction] {
    var text = text
    switch key {
    case .enter:
      popup = nil
      return []
    case .escape, .control("c"):
      text = before
    case .character(let character) where text.count < 200: text.append(character)
    case .backspace, .control("h"): _ = text.popLast()
    case .control("u"): text = ""
    case .control("l"): return [.redraw]
    case .control("z"): return [.suspend]
    default: return []
    }
    let isOver = key == .escape || key == .control("c")
    popup = isOver ? nil : .filter(text, before: before)
    // What is typed shows at once what it leaves.
    if page == .metrics { search = text } else { filter = RunFilter(text) }
    refresh()
    return []
  }

  private mutating func scrollPopup(_ key: Key) -> [ComparisonAction] {
    func moved(_ lines: Int, _ offset: Int) -> Int { max(0, offset + lines) }
    let lines: Int
    switch ComparisonBinding.command(for: key) {
    case .up: lines = -1
    case .down: lines = 1
    case .pageUp: lines = -Self.pageRows
    case .pageDown: lines = Self.pageRows
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    default:
      popup = nil
      return []
    }
    switch popup {
    case .help(let offset): popup = .help(min(moved(lines, offset), ComparisonBinding.explained.count))
    case .problems(let offset): popup = .problems(min(moved(lines, offset), problemLines.count))
    case .filter, nil: break
    }
    return []
  }

  mutating func perform(_ command: ComparisonCommand, now: Double) -> [ComparisonAction] {
    if let obstacle = obstacle(command) {
      showNotice(obstacle, now: now)
      return []
    }
    switch command {
    case .quit: return [.quit]
    case .redraw: return [.redraw]
    case .suspend: return [.suspend]
    case .export: return [.export]
    case .writeEvents: return [.writeEvents(drawn.map(\.id))]
    case .copy:
      showNotice("the table is on the clipboard", now: now)
      return [.copy(TableText.markdown.write(table))]
    case .help: popup = .help(0)
    case .problems: popup = .problems(0)
    case .filter:
      let text = page == .metrics ? search : filter.text
      popup = .filter(text, before: text)
    case .up: move(-1)
    case .down: move(1)
    case .pageUp: move(-Self.pageRows)
    case .pageDown: move(Self.pageRows)
    case .cursorLeft: moveCursor(-0.02)
    case .cursorRight: moveCursor(0.02)
    case .cursorStart: cursor = shownRange?.lowerBound
    case .cursorEnd: cursor = shownRange?.upperBound
    case .zoomIn: zoom(0.5)
    case .zoomOut: zoom(2)
    case .panLeft: pan(-0.25)
    case .panRight: pan(0.25)
    case .showAll: range = nil
    default: choose(command)
    }
    return []
  }

  /// Why a command does nothing now; nil where it does something.
  private func obstacle(_ command: ComparisonCommand) -> String? {
    switch command {
    case .sort, .reverse, .onlyMarked, .diff: page == .metrics ? "that is for the table of runs (Tab)" : nil
    case .join where page == .runs: "metrics are joined in their tree (Tab)"
    case .join: treeFamily == nil ? "this has no chart that could be joined" : nil
    case .panLeft, .panRight: range == nil ? "everything is shown; + zooms in" : nil
    case .writeEvents: drawn.isEmpty ? "no run is drawn" : nil
    default: nil
    }
  }

  /// Commands that change what is shown of the runs.
  private mutating func choose(_ command: ComparisonCommand) {
    switch command {
    case .mark: mark()
    case .onlyMarked: showsOnlyMarked.toggle()
    case .baseline: baseline = baseline == selected ? nil : selected
    case .sort:
      let columns = table.columns
      let place = sort.flatMap { columns.firstIndex(of: $0) } ?? -1
      sort = place + 1 < columns.count ? columns[place + 1] : nil
      isReversed = false
    case .reverse: isReversed.toggle()
    case .groups: showsGroups.toggle()
    case .diff: showsDiff = !isDiffShown
    case .nextMetric: turnFamily(1)
    case .previousMetric: turnFamily(-1)
    case .page: page = page == .runs ? .metrics : .runs
    case .axis: (axis, range, cursor) = (axis.next, nil, nil)
    case .scale: scale = scale == .linear ? .logarithmic : .linear
    case .smoothLess: smoothing = max(0, smoothing - 1)
    case .smoothMore: smoothing = min(Self.smoothingLevels.count - 1, smoothing + 1)
    case .onTop: top = top == selected ? nil : selected
    case .replaced: showsReplaced.toggle()
    case .join: join()
    case .alone: showAlone()
    case .back: goBack()
    case .theme: theme = Self.theme(after: theme)
    case .glyphs: glyphs = glyphs.next
    default: break
    }
    refresh()
  }

  private static func theme(after theme: Theme) -> Theme {
    let names = ThemeCatalog.available
    guard let place = names.firstIndex(of: theme.name) else { return theme }
    return (try? ThemeCatalog.theme(named: names[(place + 1) % names.count])) ?? theme
  }

  private mutating func move(_ rows: Int) {
    if page == .metrics {
      treeRow = min(max(0, treeRow + rows), max(0, tree.rows.count - 1))
      guard let metric = treeMetric, family(of: metric) != family else { return }
      show(family(of: metric))
      return refresh()
    }
    let ids = table.rows.map(\.id)
    let place = selected.flatMap { ids.firstIndex(of: $0) } ?? 0
    guard !ids.isEmpty else { return }
    selected = ids[min(max(0, place + rows), ids.count - 1)]
  }

  /// Marks the selected run, or takes its mark away; the next one is then selected.
  private mutating func mark() {
    guard let selected else { return }
    if let place = marked.firstIndex(of: selected) { marked.remove(at: place) } else { marked.append(selected) }
    move(1)
  }

  private mutating func turnFamily(_ by: Int) {
    guard !families.isEmpty else { return }
    let place = families.firstIndex { $0.family == family } ?? 0
    show(families[(place + by + families.count) % families.count].family)
  }

  /// Another family has an axis of its own.
  private mutating func show(_ family: String) {
    chosenFamily = family
    (range, cursor) = (nil, nil)
  }

  private mutating func showAlone() {
    if page == .metrics, tree.rows.indices.contains(treeRow), tree.rows[treeRow].isGroup {
      let group = tree.rows[treeRow].id
      if closedGroups.remove(group) == nil { closedGroups.insert(group) }
    } else {
      alone = alone == nil ? selected : nil
      if alone != nil { page = .metrics }
    }
  }

  private mutating func goBack() {
    if joining != nil {
      joining = nil
    } else if cursor != nil {
      cursor = nil
    } else if page == .metrics, !search.isEmpty {
      search = ""
    } else if alone != nil {
      (alone, page) = (nil, .runs)
    } else if !filter.isEmpty {
      filter = RunFilter("")
    } else {
      (showsOnlyMarked, showsDiff, range) = (false, nil, nil)
    }
  }

  // MARK: - The axis

  /// All that the shown curves reach over.
  var wholeRange: ClosedRange<Double>? {
    let extents = (family.flatMap { curves[$0] } ?? []).compactMap(\.curve.extent)
    guard let low = extents.map(\.lowerBound).min(), let high = extents.map(\.upperBound).max() else { return nil }
    return low...(high > low ? high : low + 1)
  }

  /// The part of it that is shown.
  var shownRange: ClosedRange<Double>? { range ?? wholeRange }

  private mutating func moveCursor(_ share: Double) {
    guard let shown = shownRange else { return }
    let width = shown.upperBound - shown.lowerBound
    let start = cursor ?? (share < 0 ? shown.upperBound : shown.lowerBound)
    cursor = min(max(start + (cursor == nil ? 0 : share * width), shown.lowerBound), shown.upperBound)
  }

  private mutating func zoom(_ factor: Double) {
    guard let whole = wholeRange, let shown = shownRange else { return }
    let width = (shown.upperBound - shown.lowerBound) * factor
    guard width < whole.upperBound - whole.lowerBound else { return range = nil }
    guard width > (whole.upperBound - whole.lowerBound) * 1e-6 else { return }
    let anchor = cursor ?? shown.upperBound
    let share = (anchor - shown.lowerBound) / (shown.upperBound - shown.lowerBound)
    show(from: anchor - share * width, width: width, of: whole)
  }

  private mutating func pan(_ share: Double) {
    guard let whole = wholeRange, let shown = range else { return }
    let width = shown.upperBound - shown.lowerBound
    show(from: shown.lowerBound + share * width, width: width, of: whole)
  }

  private mutating func show(from lower: Double, width: Double, of whole: ClosedRange<Double>) {
    let start = min(max(lower, whole.lowerBound), whole.upperBound - width)
    range = start...(start + width)
  }
}
