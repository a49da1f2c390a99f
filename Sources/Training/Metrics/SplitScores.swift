internal import TextData
internal import TrainingEvents

/// One sentence as it was labelled and as the model answered.
struct ScoredSentence: Hashable, Sendable {
  /// nil where the sentence has no class, or the model has no classes.
  var goldClass: Int32?
  var predictedClass: Int32
  /// A tag for every word, cut ones included; empty where there are none. Words without a gold tag carry -100.
  var goldTags: [Int32]
  /// Decoded; `O` for words cut off.
  var predictedTags: [Int32]

  var classIsRight: Bool { goldClass == nil || goldClass == predictedClass }
  var tagsAreRight: Bool { zip(goldTags, predictedTags).allSatisfy { $0 == $1 || $0 == ignoredLabel } }
  /// Whether there is anything to judge it by.
  var isJudged: Bool { goldClass != nil || !goldTags.isEmpty }
}

/// Everything an evaluation counts: sums that grow with the labels, not with the data.
struct SplitScores {
  private let classCount: Int
  private let tagCount: Int
  private var classNames: [String]
  private var tagNames: [String] = []
  private(set) var outsideTag: Int32 = 0
  let tagsAreEntities: Bool
  private var spans = EntitySpans(tags: [])
  private var strictSpans: StrictSpans?

  private var losses = LossSums()
  private var sentences = 0
  private var words = 0
  private var wordsCut = 0
  private var unknownWords = 0
  private var judged = 0
  private var exact = 0
  private var classes = ConfusionCounts()
  private var tags = ConfusionCounts()
  private var entities = EntityScores()
  private var strictEntities = EntityScores()

  private let temperatures: Temperatures
  private var probabilities: PerTask<ProbabilityScores>

  /// - Parameters:
  ///   - temperatures: what the model's probabilities are computed with.
  ///   - isFitting: whether they are to be fitted.
  init(_ encoding: TextEncoding, temperatures: Temperatures = Temperatures(), isFitting: Bool = false) {
    self.temperatures = temperatures
    probabilities = .all(ProbabilityScores(isFitting: isFitting))
    classCount = encoding.sentenceClasses.count
    tagCount = encoding.tags.count
    classNames = encoding.sentenceClasses
    tagsAreEntities = !encoding.tags.isEmpty && encoding.tags.allSatisfy(Tag.isEntityTag)
  }

  /// Takes the names that ids have by now: the model's labels and those of the data that it does not know; `O` is
  /// among the tags.
  mutating func name(classes: [String], tags: [String]) {
    classNames = classes
    guard tags != tagNames else { return }
    tagNames = tags
    outsideTag = Int32(tagNames.firstIndex(of: "O") ?? 0)
    spans = EntitySpans(tags: tagNames)
    strictSpans = StrictSpans(tags: tagNames, scheme: .iob2)
  }

  /// Adds a batch's losses and counts.
  mutating func add(_ figures: BatchFigures, _ batch: Batch) {
    losses.add(figures, batch, labelCounts: PerTask(classCount, tagCount))
  }

  /// The labels and answers of a row; `predicted` has a tag for each of its words that were not cut off.
  func sentence(
    _ row: Int, of split: EncodedSplit, predictedClass: Int32, predicted: [Int32]
  ) -> ScoredSentence {
    let goldClass = classCount == 0 ? ignoredLabel : split.sentenceClass(of: row)
    let gold = tagCount == 0 ? [] : split.goldTags(of: row)
    var tags = predicted
    while tags.count < split.wordCount(of: row) { tags.append(outsideTag) }
    return ScoredSentence(
      goldClass: goldClass == ignoredLabel ? nil : goldClass, predictedClass: predictedClass, goldTags: gold,
      predictedTags: tagCount == 0 ? [] : tags)
  }

  /// Adds one sentence; `cut` of its words were cut off, `unknown` are not in the vocabulary.
  mutating func add(_ sentence: ScoredSentence, words: Int, cut: Int, unknown: Int) {
    sentences += 1
    self.words += words
    wordsCut += cut
    unknownWords += unknown
    guard sentence.isJudged else { return }
    judged += 1
    if sentence.classIsRight && sentence.tagsAreRight { exact += 1 }
    if let gold = sentence.goldClass { classes.add(gold: gold, predicted: sentence.predictedClass) }
    guard !sentence.goldTags.isEmpty else { return }
    var (gold, predicted) = (sentence.goldTags, sentence.predictedTags)
    for word in gold.indices {
      if gold[word] == ignoredLabel {
        // A word without a gold tag belongs to no entity of either side.
        (gold[word], predicted[word]) = (outsideTag, outsideTag)
      } else {
        tags.add(gold: gold[word], predicted: predicted[word])
      }
    }
    guard tagsAreEntities else { return }
    entities.add(predicted: spans.spans(in: predicted), gold: spans.spans(in: gold))
    if let strictSpans {
      strictEntities.add(predicted: strictSpans.spans(in: predicted), gold: strictSpans.spans(in: gold))
    }
  }

  /// Adds how probable a sentence's answers are, before temperatures.
  mutating func add(_ posteriors: Posteriors, of sentence: ScoredSentence) {
    if let gold = sentence.goldClass {
      probabilities.sentence.add(
        posteriors.classes[...], gold: gold, predicted: sentence.predictedClass, temperature: temperatures[.sentence])
    }
    let columns = posteriors.tagCount
    for word in sentence.goldTags.indices where sentence.goldTags[word] != ignoredLabel {
      // Words cut off have no probabilities.
      guard (word + 1) * columns <= posteriors.tags.count else { break }
      probabilities.words.add(
        posteriors.tags[word * columns..<(word + 1) * columns], gold: sentence.goldTags[word],
        predicted: sentence.predictedTags[word], temperature: temperatures[.words])
    }
  }

  /// The temperatures that suit what was added, which the figures are then of; and a sentence on what is not fitted.
  mutating func fit() -> (fitted: Temperatures, remarks: [String]) {
    let fitted = Temperatures(PerTask { probabilities[$0].fit() })
    var remarks: [String] = []
    for task in ModelTask.allCases where probabilities[task].figures != nil {
      let noun = task == .sentence ? "classes" : "tags"
      if fitted[task] == nil {
        remarks.append(
          "No temperature fits the \(noun): all of them are right here, or none is; their probabilities stay as they are."
        )
      } else if !probabilities[task].isSampleComplete {
        remarks.append(
          "The temperature of the \(noun) is fitted to the first sentences, as many as memory is kept for.")
      }
    }
    return (fitted, remarks)
  }

  /// The threshold for classes that reaches a precision; nil where none does.
  func rejection(precision: Double) -> Rejection? { probabilities.sentence.rejection.choice(precision: precision) }

  /// The figures so far.
  func report(weights: PerTask<Double>) -> EvaluationReport {
    var report = EvaluationReport()
    (report.sentences, report.words, report.wordsCut) = (sentences, words, wordsCut)
    report.unknownWords = unknownWords
    report.losses = losses.means
    report.loss = weights.weightedSum(of: report.losses)
    report.counts = losses.counts
    if tags.total > 0 { report.decodedAccuracy = Double(tags.correct) / Double(tags.total) }
    (report.exact, report.judged) = (exact, judged)
    if judged > 0 { report.exactMatch = Double(exact) / Double(judged) }
    if tagsAreEntities, tags.total > 0 {
      report.entities = EntityFigures(entities, types: spans.types)
      report.strictEntities = strictSpans.map { EntityFigures(strictEntities, types: $0.types) }
    }
    for task in ModelTask.allCases {
      report.calibration[task] = probabilities[task].figures
      report.calibration[task]?.temperature = temperatures[task]
    }
    report.classes = classes.labels(classNames)
    report.tags = tags.labels(tagNames)
    report.classMistakes = classes.mistakes(classNames)
    report.tagMistakes = tags.mistakes(tagNames)
    report.unseenClasses = classes.given(from: classCount).map { classNames[$0] }
    report.unseenTags = tags.given(from: tagCount).map { tagNames[$0] }
    return report
  }
}
