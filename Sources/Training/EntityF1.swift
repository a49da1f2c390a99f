/// Entities found, given and agreed on: sums that add up over sentences; the figures are micro-averages.
struct EntityF1: Hashable, Sendable {
  var predicted = 0
  var gold = 0
  var correct = 0

  /// Adds one sentence.
  mutating func add(predicted predictedSpans: [EntitySpan], gold goldSpans: [EntitySpan]) {
    predicted += predictedSpans.count
    gold += goldSpans.count
    correct += Set(predictedSpans).intersection(goldSpans).count
  }

  /// 0 where there is nothing to divide by, as in seqeval.
  var precision: Double { predicted == 0 ? 0 : Double(correct) / Double(predicted) }
  var recall: Double { gold == 0 ? 0 : Double(correct) / Double(gold) }
  var f1: Double {
    precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }
}
