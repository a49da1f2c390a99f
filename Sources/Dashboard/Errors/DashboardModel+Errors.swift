import Formatting
import RunModel
import TerminalCanvas
public import TrainingEvents

/// What the page of errors lacks.
public enum MissingSentences: Hashable, Sendable {
  /// The mistakes of the evaluation at a step.
  case mistakes(ofStep: Int)
  /// The suspects after the epoch that ended at a step.
  case suspects(ofStep: Int)
}

/// The page of wrong sentences and suspects: what is to be read for it, and what its keys do.
extension DashboardModel {
  /// The list that the page shows.
  var sentences: MistakeView {
    get { showsSuspects ? suspects : mistakes }
    set { if showsSuspects { suspects = newValue } else { mistakes = newValue } }
  }

  /// Asked after every record, so that the screen is laid out only where the page may be on it.
  private var showsErrors: Bool {
    guard page == .errors || maximized != nil, run.description != nil else { return false }
    return shows(.mistakes) || shows(.mistake)
  }

  /// What the page would show and has not; nil while it is not shown. Each is asked for once: whoever is asked hands to
  /// `take` what there is.
  public mutating func askForSentences() -> MissingSentences? {
    if let step = wantedMistakes {
      noteAsked(forMistakesOf: step)
      return .mistakes(ofStep: step)
    }
    guard let step = wantedSuspects else { return nil }
    noteAsked(forSuspectsOf: step)
    return .suspects(ofStep: step)
  }

  /// The step of an evaluation whose mistakes the page would show and has not; nil while it is not shown.
  var wantedMistakes: Int? {
    showsErrors && !showsSuspects ? mistakes.wanted(of: run.evaluations.map(\.step)) : nil
  }

  /// The step of the last epoch's end, whose suspects the page would show and has not; nil while they are not shown.
  var wantedSuspects: Int? {
    showsErrors && showsSuspects ? suspects.wanted(of: run.epochs.suffix(1).map(\.step)) : nil
  }

  /// Notes that an evaluation's mistakes are being read.
  mutating func noteAsked(forMistakesOf step: Int) { mistakes.ask(step: step) }

  /// Notes that the suspects after a step are being read.
  mutating func noteAsked(forSuspectsOf step: Int) { suspects.ask(step: step) }

  /// Takes in what was read of an evaluation's mistakes: nil where none are kept of it.
  ///
  /// - Parameter problem: why they cannot be read, as a sentence.
  public mutating func take(_ mistakes: EvaluationMistakes?, ofStep step: Int, problem: String? = nil) {
    let isLast = step == run.evaluations.last?.step
    self.mistakes.take(
      mistakes, step: step, isLast: isLast, problem: problem, otherwise: Self.nothingKept)
    needsDisplay = true
  }

  /// Takes in what was read of the suspects, as `take` does mistakes.
  public mutating func take(suspects found: EvaluationMistakes?, ofStep step: Int, problem: String? = nil) {
    suspects.take(found, step: step, isLast: true, problem: problem, otherwise: Self.noSuspects)
    needsDisplay = true
  }

  private static let nothingKept =
    "This evaluation's wrong sentences are not in the run's folder; mtt-tui evaluate RUN --errors FILE lists them."
  private static let noSuspects =
    "No suspects are in the run's folder: an earlier version trained, or what it learns has one label alone."

  func errors(offset: Int) -> ErrorsPage {
    ErrorsPage(
      view: sentences, isSuspects: showsSuspects, offset: offset, devSentences: run.description?.devSentences,
      isReading: showsSuspects ? !run.epochs.isEmpty : !run.evaluations.isEmpty)
  }

  /// Lines that the selected sentence takes in a panel.
  func sentenceLines(in rect: Rect) -> Int {
    errors(offset: 0).lineCount(columns: max(0, rect.width - 4), Palette(theme))
  }

  mutating func changeErrors(_ command: DashboardCommand, now: Double) {
    let list = showsSuspects ? "suspects: " : "errors: "
    switch command {
    case .mark:
      guard sentences.selected != nil else { return showNotice("there is no sentence to mark", seconds: 2, now: now) }
      sentences.toggleMark()
      select(row: selectedRow(of: .mistakes) + 1, of: .mistakes)
      let count = sentences.markCount
      showNotice("\(count) marked; e writes \(count == 1 ? "it" : "them") to a file", seconds: 3, now: now)
    case .nextOrder:
      sentences.order = sentences.order.next(isSuspects: showsSuspects)
      showNotice(list + sentences.order.words(isSuspects: showsSuspects), seconds: 2, now: now)
    case .logLevel:
      sentences.filter.part = sentences.filter.part.next
      showNotice(list + sentences.filter.part.words, seconds: 2, now: now)
    case .suspects:
      showsSuspects.toggle()
      offsets[.mistakes] = nil
      offsets[.mistake] = nil
      showNotice(showsSuspects ? "suspects among train's labels" : "wrong dev sentences", seconds: 2, now: now)
    default: break
    }
  }

  /// Shows the sentences in which one label was taken for another, as the selected row of the confusions in focus says.
  mutating func showConfused() {
    guard let panel = maximized ?? focus, case .confusions(let task) = panel else { return }
    let confusions = run.breakdown(task)?.confusions ?? []
    guard confusions.indices.contains(selectedRow(of: panel)) else { return }
    let confusion = confusions[selectedRow(of: panel)]
    show(.errors)
    showsSuspects = false
    mistakes.filter = MistakeFilter(
      confused: MistakeFilter.Confused(task: task, gold: confusion.gold, predicted: confusion.predicted))
  }

  // MARK: - Lists with a selected row

  static let confusions = Set(ModelTask.allCases.map(PanelID.confusions))
  static let selectable = confusions.union([.mistakes])

  /// The selected row of such a list.
  func selectedRow(of panel: PanelID) -> Int {
    panel == .mistakes ? sentences.selection : min(selections[panel] ?? 0, max(0, rowCount(of: panel) - 1))
  }

  func rowCount(of panel: PanelID) -> Int {
    switch panel {
    case .mistakes: sentences.shown.count
    case .confusions(let task): run.breakdown(task)?.confusions.count ?? 0
    default: 0
    }
  }

  /// Selects a row, or the nearest there is, and scrolls no further than it takes to show it.
  mutating func select(row: Int, of panel: PanelID) {
    let row = min(max(0, row), max(0, rowCount(of: panel) - 1))
    if panel == .mistakes {
      sentences.select(row)
      offsets[.mistake] = nil
    } else {
      selections[panel] = row
    }
    offsets[panel] = offset(of: panel)
  }

  // MARK: - Marks as a file

  /// The marked sentences of each list with their gold labels, to be mended and read again by training; what was predicted
  /// stands beside, under keys that no training reads.
  var markedFiles: [ExportedFile] {
    [("marked", mistakes), ("suspects", suspects)].filter { $0.1.markCount > 0 }.map { name, list in
      ExportedFile(
        name: "\(name)-step-\(run.step).jsonl", text: list.markedSentences.map(\.trainingLine).joined())
    }
  }
}
