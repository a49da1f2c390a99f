internal import TextData
internal import TrainingEvents

/// What a sentence of each class counts in the sentence loss, fixed by train's counts for the whole run.
///
/// Tags have no weights: nearly all words are `O`, so that balancing them would multiply the rarest tags a hundredfold
/// and turn `O` into entities; a CRF's loss is a sentence's besides, not a tag's.
struct ClassWeights {
  /// One a class; empty where all count alike.
  let values: [Float]
  /// The end of a sentence on loss_a; empty where all count alike.
  let description: String

  init(_ configuration: RunConfiguration, _ dataset: TextDataset) {
    guard configuration.classWeights == .balanced, dataset.sentenceClasses.count > 1 else {
      values = []
      description = ""
      return
    }
    let names = dataset.sentenceClasses
    let weights = Self.balanced(dataset.train, classes: names.count)
    let order = weights.indices.sorted { (weights[$0], $0) < (weights[$1], $1) }
    func term(_ place: Int) -> String { "\((weights[place] * 1000).rounded() / 1000) for \(names[place])" }
    values = weights.map { Float($0) }
    description = "class weights balanced, from \(term(order[0])) to \(term(order[order.count - 1]))"
  }

  /// Sentences ÷ (classes × sentences of the class): on the mean over train, 1.
  static func balanced(_ train: EncodedSplit, classes: Int) -> [Double] {
    var counts = [Int](repeating: 0, count: classes)
    for row in 0..<train.count where train.sentenceClass(of: row) >= 0 {
      counts[Int(train.sentenceClass(of: row))] += 1
    }
    let total = counts.reduce(0, +)
    return counts.map { Double(total) / Double(classes * max($0, 1)) }
  }
}
