public import LoggedRuns

/// Which runs are shown: words and comparisons, as in `snips lr>=1e-3 -state:failed | best>0.95`.
///
/// A word is looked for in the name; `key:text` and `key~text` in a field; `<`, `<=`, `>`, `>=`, `=`, `!=` compare. All of
/// them must hold; `-` turns one round; `|` begins an alternative.
public struct RunFilter: Hashable, Sendable {
  enum Comparison: String, Hashable, Sendable, CaseIterable {
    // Longer ones first, so that they are found first.
    case atLeast = ">="
    case atMost = "<="
    case differs = "!="
    case above = ">"
    case below = "<"
    case equals = "="
    case contains = "~"
    case has = ":"
  }

  struct Term: Hashable, Sendable {
    var isNegated: Bool
    var key: String?
    var comparison: Comparison
    var value: String

    /// Whether it asks for more or less than what is no number, which nothing can be.
    var lacksNumber: Bool {
      [.above, .below, .atLeast, .atMost].contains(comparison) && Double(value) == nil
    }
  }

  public let text: String
  /// Alternatives of terms.
  private let alternatives: [[Term]]

  public var isEmpty: Bool { alternatives.allSatisfy(\.isEmpty) }

  /// The columns that it asks about.
  public var keys: [String] { alternatives.flatMap { $0.compactMap(\.key) } }

  /// Why no run can pass, as the start of a sentence; nil where some could.
  public var problem: String? {
    guard let term = alternatives.joined().first(where: \.lacksNumber) else { return nil }
    return "the filter \(term.key ?? "")\(term.comparison.rawValue)\(term.value) needs a number"
  }

  public init(_ text: String) {
    self.text = text
    alternatives = text.split(separator: "|", omittingEmptySubsequences: false).map { part in
      part.split(separator: " ").map { Self.term(String($0)) }
    }
  }

  private static func term(_ word: String) -> Term {
    let isNegated = word.hasPrefix("-") && word.count > 1
    let body = isNegated ? String(word.dropFirst()) : word
    // The comparison that stands first in the word counts.
    var found: (comparison: Comparison, range: Range<String.Index>)?
    for place in body.indices where found == nil {
      for comparison in Comparison.allCases where body[place...].hasPrefix(comparison.rawValue) {
        found = (comparison, place..<body.index(place, offsetBy: comparison.rawValue.count))
        break
      }
    }
    guard let found, found.range.lowerBound > body.startIndex else {
      return Term(isNegated: isNegated, key: nil, comparison: .contains, value: body)
    }
    return Term(
      isNegated: isNegated, key: String(body[..<found.range.lowerBound]), comparison: found.comparison,
      value: String(body[found.range.upperBound...]))
  }

  /// The runs of a list that pass. `now`: seconds since 1970.
  public func runs(of runs: [LoggedRun], now: Double) -> [LoggedRun] {
    guard !isEmpty else { return runs }
    var columns: [String: RunTable.Column?] = [:]
    return runs.filter { run in
      alternatives.contains { terms in
        !terms.isEmpty
          && terms.allSatisfy { term in
            var column: RunTable.Column?
            if let key = term.key {
              column = columns[key] ?? RunTable.column(named: key, in: runs)
              columns[key] = column
            }
            return Self.holds(term, column, run, now) != term.isNegated
          }
      }
    }
  }

  private static func holds(_ term: Term, _ column: RunTable.Column?, _ run: LoggedRun, _ now: Double) -> Bool {
    guard term.key != nil else { return contains(run.name, term.value) }
    guard let column, let cell = RunTable([run], columns: [column], now: now).rows.first?.cells.first else {
      return false
    }
    switch term.comparison {
    case .contains, .has: return contains(cell.text, term.value)
    case .equals, .differs:
      let isSame =
        Double(term.value).flatMap { value in cell.number.map { $0 == value } } ?? (cell.text == term.value)
      return isSame == (term.comparison == .equals)
    case .above, .below, .atLeast, .atMost:
      guard let number = cell.number, let value = Double(term.value) else { return false }
      switch term.comparison {
      case .above: return number > value
      case .below: return number < value
      case .atLeast: return number >= value
      default: return number <= value
      }
    }
  }

  private static func contains(_ text: String, _ part: String) -> Bool {
    part.isEmpty || text.lowercased().contains(part.lowercased())
  }
}
