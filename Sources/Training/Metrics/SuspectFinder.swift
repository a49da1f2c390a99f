internal import TextData
internal import TrainingEvents

/// Finds the train sentences whose labels the model believed least while it learnt, by `MarginSums`.
struct SuspectFinder {
  /// Most sentences kept of each task, and the share of those judged that they are at most.
  static let mostSentences = 1_000
  static let largestShare = 0.1

  private let dataset: TextDataset
  private let reader: MistakeReader

  init(_ dataset: TextDataset) {
    self.dataset = dataset
    reader = MistakeReader(
      classes: dataset.sentenceClasses, tags: dataset.tags,
      tagsAreEntities: !dataset.tags.isEmpty && dataset.tags.allSatisfy(Tag.isEntityTag))
  }

  /// The least believed sentences: each with the labels that the model would rather give. A sentence's tags are as
  /// suspect as the least believed one of them.
  func suspects(_ sums: MarginSums, epoch: Int, step: Int) -> EvaluationMistakes {
    var chosen: PerTask<Set<Int>> = PerTask.all([])
    var judged: Set<Int> = []
    var disbelieved: Set<Int> = []
    for task in ModelTask.allCases {
      let means = leastMeans(sums, task)
      let rows = means.indices.filter { !means[$0].isNaN }
      judged.formUnion(rows)
      disbelieved.formUnion(rows.lazy.filter { means[$0] < 0 })
      let most = min(Self.mostSentences, max(1, Int(Self.largestShare * Double(rows.count))))
      chosen[task] = Set(rows.sorted { (means[$0], $0) < (means[$1], $1) }.prefix(most))
    }
    var found = chosen.sentence.union(chosen.words).map { row in
      suspect(
        row, sentenceClass: chosen.sentence.contains(row) ? sums.entries.sentence[row] : nil,
        words: chosen.words.contains(row) ? Array(sums.words(of: row, in: dataset.train)) : [])
    }
    found.sort { ($0.leastMargin, $0.number) < ($1.leastMargin, $1.number) }
    var words = 0
    let kept = found.prefix {
      words += $0.words.count
      return words <= MistakeCollector.mostWords
    }
    return EvaluationMistakes(
      split: .train, epoch: epoch, step: step, judged: judged.count, wrong: disbelieved.count, sentences: Array(kept))
  }

  /// By sentence: the least mean margin of its labels, NaN where it has none.
  private func leastMeans(_ sums: MarginSums, _ task: ModelTask) -> [Float] {
    if task == .sentence { return sums.entries.sentence.map(\.mean) }
    guard !sums.entries.words.isEmpty else { return [] }
    return (0..<dataset.train.count).map { row in
      sums.words(of: row, in: dataset.train).reduce(.nan) { .minimum($0, $1.mean) }
    }
  }

  /// - Parameters:
  ///   - sentenceClass: nil where the class is no suspect.
  ///   - words: none where the tags are no suspects.
  private func suspect(_ row: Int, sentenceClass: MarginSums.Entry?, words: [MarginSums.Entry]) -> Mistake {
    let train = dataset.train
    let goldClass = train.sentenceClass(of: row)
    let goldTags = train.goldTags(of: row)
    let least = words.reduce(Float.nan) { .minimum($0, $1.mean) }
    var tags = goldTags
    for (word, entry) in zip(tags.indices, words) where entry.mean < 0 || entry.mean == least {
      tags[word] = entry.rival
    }
    let sentence = ScoredSentence(
      goldClass: goldClass == ignoredLabel ? nil : goldClass, predictedClass: sentenceClass?.rival ?? goldClass,
      goldTags: goldTags, predictedTags: tags)
    return reader.suspect(
      sentence, margins: PerTask(sentenceClass.map { Double($0.mean) }, least.isNaN ? nil : Double(least)),
      number: row + 1, words: dataset.trainWords(of: row))
  }
}
