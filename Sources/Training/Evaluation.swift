internal import TextData
internal import TrainingEvents

/// Figures of one pass over a split without training.
struct EvaluationFigures: Hashable, Sendable {
  /// Mean over the split's labelled sentences and tokens, those with labels unknown to train left out; nil where none is
  /// left.
  var losses: PerTask<Double?>
  var counts: MetricCounts
  /// Nil where nothing is labelled.
  var exactMatch: Double?
  /// Nil where nothing is tagged, or tags are no entity tags.
  var entities: EntityF1?
  /// Each task label by label; nil where it has no labels.
  var breakdowns: PerTask<TaskBreakdown?>
  /// Sentences with a class or tags.
  var judged = 0
}

/// Evaluates a model on a split of a data set.
struct Evaluation {
  private let classCount: Int
  private let tagCount: Int
  private let spans: EntitySpans
  /// The tag of words cut off by the maximum length.
  private let outsideTag: Int32
  private let tagsAreEntities: Bool
  private let classNames: [String]
  private let tagNames: [String]
  private let reader: MistakeReader

  init(_ dataset: TextDataset) {
    classCount = dataset.sentenceClasses.count
    tagCount = dataset.tags.count
    var tags = dataset.tags + dataset.unseenTags
    if let index = tags.firstIndex(of: "O") {
      outsideTag = Int32(index)
    } else {
      outsideTag = Int32(tags.count)
      tags.append("O")
    }
    classNames = dataset.sentenceClasses + dataset.unseenClasses
    tagNames = tags
    spans = EntitySpans(tags: tags)
    tagsAreEntities = !dataset.tags.isEmpty && dataset.tags.allSatisfy(Tag.isEntityTag)
    reader = MistakeReader(classes: classNames, tags: tagNames, tagsAreEntities: tagsAreEntities)
  }

  /// Goes once over a split.
  ///
  /// - Parameters:
  ///   - abandoned: asked before each batch; true ends the pass. Batches are small enough that it is asked often.
  ///   - note: called with each sentence that is wrong although there is an answer, how sure of a mistake the model is,
  ///     and what puts it into words.
  /// - Returns: nil if it was abandoned.
  func figures(
    of model: some TrainableModel, on split: EncodedSplit, batchSize: Int,
    note: ((_ row: Int, _ confidence: Double, _ mistake: ([String]) -> Mistake) -> Void)? = nil,
    abandoned: () -> Bool
  ) -> EvaluationFigures? {
    var sums = Sums()
    sums.classes = LabelTally(names: classNames)
    sums.labels = LabelTally(names: tagsAreEntities ? spans.types : tagNames)
    let order = EvaluationBatch.order(split, wanted: batchSize, tags: tagCount)
    var batch = Batch()
    for index in 0..<order.count {
      if abandoned() { return nil }
      let rows = order.rows(ofBatch: index)
      collate(split, rows: rows, padTo: nil, into: &batch)
      let answers = model.answers(batch)
      sums.losses.add(answers.figures, batch, labelCounts: PerTask(classCount, tagCount))
      var offset = 0
      for (index, row) in rows.enumerated() {
        let tokens = split.wordPositions(of: Int(row)).map { Int32(offset) + $0 }
        let answer =
          answers.unanswered.contains(index)
          ? nil : Answer(sentenceClass: answers.classes[index], tags: model.decodedTags(answers, tokens: tokens))
        if let wrong = score(Int(row), of: split, answer, into: &sums), let note {
          let posteriors = Posteriors(
            answers, sentence: index, tokens: tokens, classCount: classCount, tagCount: tagCount, model: model)
          note(Int(row), reader.confidence(wrong, posteriors)) { words in
            reader.mistake(wrong, posteriors, number: Int(row) + 1, words: words)
          }
        }
        offset += split.length(of: Int(row))
      }
    }
    return EvaluationFigures(
      losses: sums.losses.means, counts: sums.losses.counts,
      exactMatch: sums.judged == 0 ? nil : Double(sums.exact) / Double(sums.judged),
      entities: tagsAreEntities && sums.tagged > 0 ? sums.entities : nil,
      breakdowns: PerTask(sums.classes.breakdown(), sums.labels.breakdown()), judged: sums.judged)
  }

  private struct Sums {
    var losses = LossSums()
    /// Sentences with a class or tags, and those of them with everything right.
    var judged = 0
    var exact = 0
    var tagged = 0
    var entities = EntityF1()
    var classes = LabelTally(names: [])
    /// Entity types, or tags where they are no entity tags.
    var labels = LabelTally(names: [])
  }

  /// What a model says of one sentence.
  private struct Answer {
    var sentenceClass: Int32
    /// One for each word that was not cut off.
    var tags: [Int32]
  }

  /// Scores one sentence; without an answer, everything about it is wrong. Returns an answer that is wrong.
  private func score(
    _ row: Int, of split: EncodedSplit, _ answer: Answer?, into sums: inout Sums
  ) -> ScoredSentence? {
    // What train does not label at all, nobody has learnt.
    var gold = tagCount == 0 ? [] : split.goldTags(of: row)
    let sentenceClass = classCount == 0 ? ignoredLabel : split.sentenceClass(of: row)
    guard sentenceClass != ignoredLabel || !gold.isEmpty else { return nil }
    var sentence = ScoredSentence(
      goldClass: sentenceClass == ignoredLabel ? nil : sentenceClass, predictedClass: answer?.sentenceClass ?? 0,
      goldTags: gold, predictedTags: [])
    sums.judged += 1
    var right = answer != nil && (sentenceClass == ignoredLabel || sentenceClass == answer?.sentenceClass)
    if sentenceClass != ignoredLabel {
      let predicted = Int(answer?.sentenceClass ?? ignoredLabel)
      sums.classes.add(gold: Int(sentenceClass), predicted: predicted)
      sums.classes.confuse(gold: Int(sentenceClass), predicted: predicted)
    }
    if !gold.isEmpty {
      var tags = answer?.tags ?? []
      while tags.count < gold.count { tags.append(outsideTag) }
      sentence.predictedTags = tags
      for word in gold.indices where gold[word] == ignoredLabel {
        // A word without a gold tag is judged by nobody.
        gold[word] = outsideTag
        tags[word] = outsideTag
      }
      right = right && tags.elementsEqual(gold)
      sums.tagged += 1
      if tagsAreEntities {
        let found = spans.spans(in: tags)
        let given = spans.spans(in: gold)
        sums.entities.add(predicted: found, gold: given)
        sums.labels.add(predicted: found, gold: given)
      }
      countWords(gold, tags, into: &sums)
    }
    if right { sums.exact += 1 }
    return right || answer == nil ? nil : sentence
  }
}

extension Evaluation {
  /// Which label each word was taken for: its entity type, or its tag.
  private func countWords(_ gold: [Int32], _ tags: [Int32], into sums: inout Sums) {
    for (gold, tag) in zip(gold, tags) {
      if tagsAreEntities {
        sums.labels.confuse(gold: spans.type(of: gold), predicted: spans.type(of: tag))
      } else {
        sums.labels.add(gold: Int(gold), predicted: Int(tag))
        sums.labels.confuse(gold: Int(gold), predicted: Int(tag))
      }
    }
  }
}

extension EvaluationFigures {
  /// The figure by which the best checkpoint is chosen, larger being better; nil where the split does not have it.
  func value(_ selection: RunConfiguration.Selection, weights: PerTask<Double>) -> Double? {
    switch selection {
    case .exactMatch: exactMatch
    case .entityF1: entities?.f1
    case .accuracyA: counts.accuracy(.sentence)
    case .accuracyB: counts.accuracy(.words)
    case .loss: weights.weightedSum(of: losses).map { -$0 }
    }
  }
}
