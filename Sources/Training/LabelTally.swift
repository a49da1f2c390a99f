internal import TrainingEvents

/// Counts an evaluation label by label, and which label was confused with which.
struct LabelTally: Hashable, Sendable {
  /// Confusions that are reported.
  private static let reportedConfusions = 24

  private let names: [String]
  private var gold: [Int]
  private var predicted: [Int]
  private var correct: [Int]
  /// By gold × labels + predicted.
  private var confusions: [Int: Int] = [:]

  init(names: [String]) {
    self.names = names
    gold = Array(repeating: 0, count: names.count)
    predicted = gold
    correct = gold
  }

  /// One decision; labels outside the names are left out.
  mutating func add(gold label: Int, predicted answer: Int) {
    if names.indices.contains(label) { gold[label] += 1 }
    if names.indices.contains(answer) { predicted[answer] += 1 }
    if label == answer, names.indices.contains(label) { correct[label] += 1 }
  }

  /// One sentence's entities.
  mutating func add(predicted found: [EntitySpan], gold given: [EntitySpan]) {
    for span in found { predicted[span.type] += 1 }
    for span in given { gold[span.type] += 1 }
    for span in Set(found).intersection(given) { correct[span.type] += 1 }
  }

  /// Notes what was taken for what, if it is another.
  mutating func confuse(gold label: Int, predicted answer: Int) {
    guard label != answer, names.indices.contains(label), names.indices.contains(answer) else { return }
    confusions[label * names.count + answer, default: 0] += 1
  }

  /// Nil where nothing was counted. `O`, the word outside every entity, has no line of its own unless it was counted.
  func breakdown() -> TaskBreakdown? {
    let labels = names.indices.filter { gold[$0] > 0 || predicted[$0] > 0 }.map {
      LabelCounts(name: names[$0], gold: gold[$0], predicted: predicted[$0], correct: correct[$0])
    }
    guard !labels.isEmpty else { return nil }
    let sorted = confusions.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return TaskBreakdown(
      labels: labels,
      confusions: sorted.prefix(Self.reportedConfusions).map {
        Confusion(gold: name($0.key / names.count), predicted: name($0.key % names.count), count: $0.value)
      })
  }

  /// `_` is the type of a tag without one, such as `O`.
  private func name(_ index: Int) -> String { names[index] == "_" ? "O" : names[index] }
}
