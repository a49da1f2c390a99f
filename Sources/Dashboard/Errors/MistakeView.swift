import TrainingEvents

/// The mistakes of a run's evaluations, or the suspects after its epochs, as far as they are read, and which of the last
/// ones are shown in which order.
struct MistakeView: Hashable, Sendable {
  /// Evaluations whose outcomes are looked up for a sentence's history.
  private static let evaluations = 50

  /// The last evaluation's whose mistakes are read.
  private(set) var found: EvaluationMistakes?
  /// Those shown, in their order.
  private(set) var shown: [Mistake] = []
  /// The selected one's place among those shown.
  private(set) var selection = 0
  /// Why the last evaluation's mistakes cannot be shown.
  private(set) var problem: String?
  var order = MistakeOrder.surest { didSet { choose() } }
  var filter = MistakeFilter() { didSet { choose() } }
  /// Marked sentences by their numbers, as they were when they were marked.
  private var marked: [Int: Mistake] = [:]
  /// Steps whose mistakes were asked for, those of them that could not be read, and what came of the others.
  private var asked: Set<Int> = []
  private var failed: Set<Int> = []
  private var evaluations: [Int: EvaluationOutline] = [:]

  /// An evaluation without its sentences' words.
  private struct EvaluationOutline: Hashable, Sendable {
    var epoch: Int
    var isComplete: Bool
    var wrong: [Int: SentenceOutcome]
  }

  var selected: Mistake? { shown.indices.contains(selection) ? shown[selection] : nil }

  var markCount: Int { marked.count }

  /// Those that are marked, in the data's order.
  var markedSentences: [Mistake] { marked.values.sorted { $0.number < $1.number } }

  // MARK: - What is read

  /// The step whose mistakes are to be read next: the newest of those not read yet.
  func wanted(of steps: [Int]) -> Int? { steps.suffix(Self.evaluations).last { !asked.contains($0) } }

  mutating func ask(step: Int) { asked.insert(step) }

  /// Lets what could not be read be asked for again.
  mutating func retry() {
    asked.subtract(failed)
    failed = []
  }

  /// Something new was made of a step: what is known of it, if it is made again, and of later ones is no longer so.
  mutating func forget(from step: Int) {
    asked = asked.filter { $0 < step }
    failed = failed.filter { $0 < step }
    evaluations = evaluations.filter { $0.key < step }
    guard let found, found.step > step else { return }
    self.found = nil
    choose()
  }

  /// Takes in what was read of a step: nil where nothing is kept of it, which `otherwise` says.
  mutating func take(
    _ mistakes: EvaluationMistakes?, step: Int, isLast: Bool, problem: String?, otherwise nothing: String
  ) {
    if problem != nil { failed.insert(step) }
    if isLast {
      self.problem = problem ?? (mistakes == nil ? nothing : nil)
      found = mistakes
      choose()
    }
    guard let mistakes else { return }
    evaluations[step] = EvaluationOutline(
      epoch: mistakes.epoch, isComplete: mistakes.isComplete,
      wrong: Dictionary(
        mistakes.sentences.map { ($0.number, SentenceOutcome(mistakes, mistake: $0)) }, uniquingKeysWith: { $1 }))
  }

  /// What became of a sentence in the evaluations that are read, oldest first.
  func history(ofSentence number: Int) -> [SentenceOutcome] {
    evaluations.sorted { $0.key < $1.key }.map { step, outline in
      outline.wrong[number]
        ?? SentenceOutcome(epoch: outline.epoch, step: step, verdict: outline.isComplete ? .right : .unknown)
    }
  }

  // MARK: - What is shown

  /// Shows anew what filter and order choose; the selected sentence stays selected where it is still there.
  private mutating func choose() {
    let number = selected?.number
    shown = order.sorted((found?.sentences ?? []).filter { filter.shows($0) }, by: filter.part)
    selection = shown.firstIndex { $0.number == number } ?? min(selection, max(0, shown.count - 1))
  }

  mutating func select(_ place: Int) { selection = min(max(0, place), max(0, shown.count - 1)) }

  func isMarked(_ mistake: Mistake) -> Bool { marked[mistake.number] != nil }

  /// Marks the selected sentence, or marks it no more.
  mutating func toggleMark() {
    guard let selected else { return }
    if marked.removeValue(forKey: selected.number) == nil { marked[selected.number] = selected }
  }
}
