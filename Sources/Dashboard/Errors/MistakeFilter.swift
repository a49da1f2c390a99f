import RunModel
import TrainingEvents

/// In which order wrong sentences stand, or suspects, which have no loss.
enum MistakeOrder: Hashable, Sendable, CaseIterable {
  case surest, loss, longest

  func next(isSuspects: Bool) -> MistakeOrder {
    switch self {
    case .surest: isSuspects ? .longest : .loss
    case .loss: .longest
    case .longest: .surest
    }
  }

  func words(isSuspects: Bool) -> String {
    switch self {
    case .surest: isSuspects ? "least believed first" : "surest first"
    case .loss: "largest loss first"
    case .longest: "longest first"
    }
  }

  /// - Parameter part: the task whose margins suspects stand by.
  func sorted(_ mistakes: [Mistake], by part: MistakeFilter.Part) -> [Mistake] {
    func margin(_ mistake: Mistake) -> Double {
      (part == .sentenceClass ? mistake.classMargin : mistake.tagMargin) ?? .infinity
    }
    switch self {
    case .surest where part == .all: return mistakes
    // Mistakes have no margins and stay in their order.
    case .surest: return mistakes.enumerated().sorted { (margin($0.1), $0.0) < (margin($1.1), $1.0) }.map(\.1)
    case .loss: return mistakes.sorted { ($1.loss, $0.number) < ($0.loss, $1.number) }
    case .longest: return mistakes.sorted { (-$0.words.count, $0.number) < (-$1.words.count, $1.number) }
    }
  }
}

/// Which wrong sentences are shown.
struct MistakeFilter: Hashable, Sendable {
  /// Which of the tasks must be wrong.
  enum Part: Hashable, Sendable, CaseIterable {
    case all, sentenceClass, tags

    var next: Part { self == .all ? .sentenceClass : self == .sentenceClass ? .tags : .all }

    var words: String {
      switch self {
      case .all: "all"
      case .sentenceClass: "wrong classes"
      case .tags: "wrong tags"
      }
    }
  }

  /// What one label was taken for.
  struct Confused: Hashable, Sendable {
    var task: ModelTask
    var gold: String
    var predicted: String
  }

  var part = Part.all
  /// A row of the confusions.
  var confused: Confused?
  /// Words that must all be there, in the sentence, or as `class:NAME` and `type:NAME` in the labels of either side.
  var text = ""

  var isEmpty: Bool { self == MistakeFilter() }

  /// What is shown, in words; empty for everything.
  var words: String {
    var parts = part == .all ? [] : [part.words]
    if let confused { parts.append("\(confused.gold) → \(confused.predicted)") }
    if !text.isEmpty { parts.append("with \"\(text)\"") }
    return parts.joined(separator: ", ")
  }

  func shows(_ mistake: Mistake) -> Bool {
    switch part {
    case .all: break
    case .sentenceClass: if !mistake.isClassWrong { return false }
    case .tags: if mistake.pairs.isEmpty { return false }
    }
    if let confused {
      let isThere =
        confused.task == .sentence
        ? mistake.goldClass == confused.gold && mistake.predictedClass == confused.predicted
        : mistake.pairs.contains(Mistake.Pair(gold: confused.gold, predicted: confused.predicted))
      guard isThere else { return false }
    }
    guard !text.isEmpty else { return true }
    return text.lowercased().split(separator: " ").allSatisfy { Self.has($0, mistake) }
  }

  private static func has(_ term: Substring, _ mistake: Mistake) -> Bool {
    func isAmong(_ names: [String], _ name: Substring) -> Bool { names.contains { $0.lowercased().contains(name) } }
    if term.hasPrefix("class:") {
      return isAmong([mistake.goldClass, mistake.predictedClass].compactMap(\.self), term.dropFirst(6))
    }
    if term.hasPrefix("type:") { return isAmong(mistake.pairs.flatMap { [$0.gold, $0.predicted] }, term.dropFirst(5)) }
    return mistake.words.joined(separator: " ").lowercased().contains(term)
  }
}
