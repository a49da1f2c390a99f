import Formatting
import RunModel
import TerminalCanvas
public import TrainingEvents

/// The page of wrong sentences: what is to be read for it, and what its keys do.
extension DashboardModel {
  /// The step of an evaluation whose mistakes the page would show and has not; nil while it is not shown. Whoever reads
  /// them says so by `noteAsked` and hands them to `take`.
  public var wantedMistakes: Int? {
    guard shows(.mistakes) || shows(.mistake), run.description != nil else { return nil }
    return mistakes.wanted(of: run.evaluations)
  }

  /// Notes that an evaluation's mistakes are being read.
  public mutating func noteAsked(forMistakesOf step: Int) { mistakes.ask(step: step) }

  /// Takes in what was read of an evaluation's mistakes: nil where none are kept of it.
  ///
  /// - Parameter problem: why they cannot be read, as a sentence.
  public mutating func take(_ mistakes: EvaluationMistakes?, ofStep step: Int, problem: String? = nil) {
    self.mistakes.take(mistakes, step: step, isLast: step == run.evaluations.last?.step, problem: problem)
    needsDisplay = true
  }

  func errors(offset: Int) -> ErrorsPage {
    ErrorsPage(
      view: mistakes, offset: offset, devSentences: run.description?.devSentences,
      hasEvaluation: !run.evaluations.isEmpty
    )
  }

  /// Lines that the selected sentence takes in a panel.
  func sentenceLines(in rect: Rect) -> Int {
    errors(offset: 0).lineCount(columns: max(0, rect.width - 4), Palette(theme))
  }

  mutating func changeErrors(_ command: DashboardCommand, now: Double) {
    switch command {
    case .mark:
      guard mistakes.selected != nil else { return tell("there is no sentence to mark", seconds: 2, now: now) }
      mistakes.toggleMark()
      select(row: selectedRow(of: .mistakes) + 1, of: .mistakes)
      let count = mistakes.markCount
      tell("\(count) marked; e writes \(count == 1 ? "it" : "them") to a file", seconds: 3, now: now)
    case .nextOrder:
      mistakes.order = mistakes.order.next
      tell("errors: " + mistakes.order.words, seconds: 2, now: now)
    case .logLevel:
      mistakes.filter.part = mistakes.filter.part.next
      tell("errors: " + mistakes.filter.part.words, seconds: 2, now: now)
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
    mistakes.filter = MistakeFilter(
      confused: MistakeFilter.Confused(task: task, gold: confusion.gold, predicted: confusion.predicted))
  }

  // MARK: - Lists with a selected row

  static let confusions = Set(ModelTask.allCases.map(PanelID.confusions))
  static let selectable = confusions.union([.mistakes])

  /// The selected row of such a list.
  func selectedRow(of panel: PanelID) -> Int {
    panel == .mistakes ? mistakes.selection : min(selections[panel] ?? 0, max(0, rowCount(of: panel) - 1))
  }

  func rowCount(of panel: PanelID) -> Int {
    switch panel {
    case .mistakes: mistakes.shown.count
    case .confusions(let task): run.breakdown(task)?.confusions.count ?? 0
    default: 0
    }
  }

  /// Selects a row, or the nearest there is, and scrolls no further than it takes to show it.
  mutating func select(row: Int, of panel: PanelID) {
    let row = min(max(0, row), max(0, rowCount(of: panel) - 1))
    if panel == .mistakes {
      mistakes.select(row)
      offsets[.mistake] = nil
    } else {
      selections[panel] = row
    }
    offsets[panel] = offset(of: panel)
  }

  // MARK: - Marks as a file

  /// The marked sentences with their gold labels, to be mended and read again by training; what was predicted stands
  /// beside, under keys that no training reads.
  var markedFile: ExportedFile? {
    guard mistakes.markCount > 0 else { return nil }
    func array(_ strings: [String?]) -> String {
      "[" + strings.map { $0.map(JSONText.quoted) ?? "null" }.joined(separator: ",") + "]"
    }
    let lines = mistakes.markedSentences.map { mistake -> String in
      var fields = ["\"tokens\":" + array(mistake.words)]
      if !mistake.goldTags.isEmpty { fields.append("\"tags\":" + array(mistake.goldTags)) }
      if let gold = mistake.goldClass { fields.append("\"intent\":" + JSONText.quoted(gold)) }
      if !mistake.goldTags.isEmpty { fields.append("\"predicted_tags\":" + array(mistake.predictedTags)) }
      if let predicted = mistake.predictedClass { fields.append("\"predicted_intent\":" + JSONText.quoted(predicted)) }
      fields.append("\"dev_sentence\":\(mistake.number)")
      return "{" + fields.joined(separator: ",") + "}\n"
    }
    return ExportedFile(name: "marked-step-\(run.step).jsonl", text: lines.joined())
  }
}
