/// How often each label was predicted where each was given. Sparse: labels may be many.
struct ConfusionCounts: Hashable, Sendable {
  private struct Pair: Hashable {
    var gold: Int32
    var predicted: Int32
  }

  private var counts: [Pair: Int] = [:]

  mutating func add(gold: Int32, predicted: Int32) {
    counts[Pair(gold: gold, predicted: predicted), default: 0] += 1
  }

  var total: Int { counts.values.reduce(0, +) }
  var correct: Int { counts.reduce(0) { $0 + ($1.key.gold == $1.key.predicted ? $1.value : 0) } }

  /// Labels from `first` on that were given.
  func given(from first: Int) -> [Int] {
    Set(counts.keys.map { Int($0.gold) }.filter { $0 >= first }).sorted()
  }

  /// Each label that was given or predicted, the names being those of their ids.
  func labels(_ names: [String]) -> [LabelFigures] {
    var all: [Int32: EntityF1] = [:]
    for (pair, count) in counts {
      all[pair.gold, default: EntityF1()].gold += count
      all[pair.predicted, default: EntityF1()].predicted += count
      if pair.gold == pair.predicted { all[pair.gold, default: EntityF1()].correct += count }
    }
    return all.sorted { $0.key < $1.key }.map { id, counts in
      LabelFigures(
        name: names[Int(id)],
        figures: PrecisionRecall(predicted: counts.predicted, gold: counts.gold, correct: counts.correct),
        support: counts.gold)
    }
  }

  /// What was taken for something else, the most frequent first.
  func mistakes(_ names: [String]) -> [LabelMistake] {
    counts.filter { $0.key.gold != $0.key.predicted }
      .sorted { ($1.value, $0.key.gold, $0.key.predicted) < ($0.value, $1.key.gold, $1.key.predicted) }
      .map { LabelMistake(gold: names[Int($0.key.gold)], predicted: names[Int($0.key.predicted)], count: $0.value) }
  }
}

/// How well one label was recognized.
public struct LabelFigures: Hashable, Sendable, Encodable {
  public var name: String
  public var figures: PrecisionRecall
  /// How often it was given.
  public var support: Int

  enum CodingKeys: String, CodingKey { case name, precision, recall, f1, support }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(figures.precision, forKey: .precision)
    try container.encode(figures.recall, forKey: .recall)
    try container.encode(figures.f1, forKey: .f1)
    try container.encode(support, forKey: .support)
  }
}

/// How often one label was confused with another.
public struct LabelMistake: Hashable, Sendable, Encodable {
  public var gold: String
  public var predicted: String
  public var count: Int
}
