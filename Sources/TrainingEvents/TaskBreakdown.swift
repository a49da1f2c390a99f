/// How often a label was given, predicted and rightly predicted in one evaluation.
public struct LabelCounts: Codable, Hashable, Sendable {
  public var name: String
  public var gold: Int
  public var predicted: Int
  public var correct: Int

  public init(name: String, gold: Int, predicted: Int, correct: Int) {
    self.name = name
    self.gold = gold
    self.predicted = predicted
    self.correct = correct
  }

  /// In 0...1; 0 where there is nothing to divide by.
  public var precision: Double { predicted == 0 ? 0 : Double(correct) / Double(predicted) }
  public var recall: Double { gold == 0 ? 0 : Double(correct) / Double(gold) }
  public var f1: Double { precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall) }
}

/// How often one label was confused with another.
public struct Confusion: Codable, Hashable, Sendable {
  public var gold: String
  public var predicted: String
  public var count: Int

  public init(gold: String, predicted: String, count: Int) {
    self.gold = gold
    self.predicted = predicted
    self.count = count
  }
}

/// One task's outcome label by label: classes, or entity types counted as spans, or tags counted by word.
public struct TaskBreakdown: Codable, Hashable, Sendable {
  /// Every label that was given or predicted, in the data's order.
  public var labels: [LabelCounts]
  /// The most frequent confusions, the most frequent first.
  public var confusions: [Confusion]

  public init(labels: [LabelCounts], confusions: [Confusion]) {
    self.labels = labels
    self.confusions = confusions
  }
}
