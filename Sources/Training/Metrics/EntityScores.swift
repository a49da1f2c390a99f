/// Precision, recall and F1, in 0...1; 0 where there is nothing to divide by, as in seqeval.
public struct PrecisionRecall: Hashable, Sendable, Encodable {
  public var precision: Double
  public var recall: Double
  public var f1: Double

  static let zero = PrecisionRecall(precision: 0, recall: 0, f1: 0)

  init(precision: Double, recall: Double, f1: Double) {
    self.precision = precision
    self.recall = recall
    self.f1 = f1
  }

  init(predicted: Int, gold: Int, correct: Int) {
    precision = predicted == 0 ? 0 : Double(correct) / Double(predicted)
    recall = gold == 0 ? 0 : Double(correct) / Double(gold)
    f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }

  /// The mean of many, each with its weight.
  init(mean all: [(PrecisionRecall, weight: Int)]) {
    let total = all.reduce(0) { $0 + $1.weight }
    self = .zero
    guard total > 0 else { return }
    for (one, weight) in all {
      precision += one.precision * Double(weight)
      recall += one.recall * Double(weight)
      f1 += one.f1 * Double(weight)
    }
    precision /= Double(total)
    recall /= Double(total)
    f1 /= Double(total)
  }
}

/// Entities given, found and agreed on, type by type: sums that add up over sentences.
struct EntityScores: Hashable, Sendable {
  private(set) var byType: [EntityF1] = []

  /// Adds one sentence.
  mutating func add(predicted: [EntitySpan], gold: [EntitySpan]) {
    for span in predicted { at(span.type) { $0.predicted += 1 } }
    for span in gold { at(span.type) { $0.gold += 1 } }
    for span in Set(predicted).intersection(gold) { at(span.type) { $0.correct += 1 } }
  }

  private mutating func at(_ type: Int, _ change: (inout EntityF1) -> Void) {
    while byType.count <= type { byType.append(EntityF1()) }
    change(&byType[type])
  }

  /// Types that were given or found.
  var occurring: [Int] { byType.indices.filter { byType[$0].gold + byType[$0].predicted > 0 } }

  func figures(ofType type: Int) -> PrecisionRecall {
    PrecisionRecall(predicted: byType[type].predicted, gold: byType[type].gold, correct: byType[type].correct)
  }

  /// Over all entities alike.
  var micro: PrecisionRecall {
    PrecisionRecall(
      predicted: byType.reduce(0) { $0 + $1.predicted }, gold: byType.reduce(0) { $0 + $1.gold },
      correct: byType.reduce(0) { $0 + $1.correct })
  }
  /// The mean over types.
  var macro: PrecisionRecall { PrecisionRecall(mean: occurring.map { (figures(ofType: $0), weight: 1) }) }
  /// The mean over types, weighted by how often each was given.
  var weighted: PrecisionRecall {
    PrecisionRecall(mean: occurring.map { (figures(ofType: $0), weight: byType[$0].gold) })
  }
}
