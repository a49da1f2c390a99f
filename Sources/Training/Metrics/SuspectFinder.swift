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

  /// The least believed sentences: each with the label that the model would rather give where it believes its own least.
  func suspects(_ sums: MarginSums, epoch: Int, step: Int) -> EvaluationMistakes {
    var chosen: PerTask<Set<Int>> = PerTask.all([])
    var judged: Set<Int> = []
    var disbelieved: Set<Int> = []
    for task in ModelTask.allCases {
      let entries = sums.entries[task]
      let rows = entries.indices.filter { entries[$0].epochs > 0 }
      judged.formUnion(rows)
      disbelieved.formUnion(rows.lazy.filter { entries[$0].mean < 0 })
      let most = min(Self.mostSentences, max(1, Int(Self.largestShare * Double(rows.count))))
      let least = rows.sorted { (entries[$0].mean, $0) < (entries[$1].mean, $1) }.prefix(most)
      chosen[task] = Set(least.filter { entries[$0].votes > 0 })
    }
    var found = chosen.sentence.union(chosen.words).map { row in
      suspect(row, PerTask { chosen[$0].contains(row) ? sums.entries[$0][row] : nil })
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

  /// - Parameter entries: nil of a task whose label is no suspect.
  private func suspect(_ row: Int, _ entries: PerTask<MarginSums.Entry?>) -> Mistake {
    let train = dataset.train
    let goldClass = train.sentenceClass(of: row)
    let goldTags = train.goldTags(of: row)
    var tags = goldTags
    if let entry = entries.words, let word = train.wordPositions(of: row).firstIndex(of: entry.token),
      tags.indices.contains(word)
    {
      tags[word] = entry.rival
    }
    let sentence = ScoredSentence(
      goldClass: goldClass == ignoredLabel ? nil : goldClass, predictedClass: entries.sentence?.rival ?? goldClass,
      goldTags: goldTags, predictedTags: tags)
    return reader.suspect(
      sentence, margins: entries.map { $0.map { Double($0.mean) } }, number: row + 1,
      words: dataset.trainWords(of: row))
  }
}
