internal import Glibc
internal import TextData
internal import TrainingEvents

/// The names that ids of classes and tags stand for, by which a wrong sentence is put into words.
struct MistakeReader {
  private let classes: [String]
  private let tags: [String]
  /// What confusions name each tag by.
  private let labels: [String]

  /// - Parameter tagsAreEntities: whether words are confused by entity types rather than by tags.
  init(classes: [String], tags: [String], tagsAreEntities: Bool) {
    self.classes = classes
    self.tags = tags
    labels = tagsAreEntities ? tags.map { Tag($0).type.isEmpty ? "O" : Tag($0).type } : tags
  }

  /// Whether a word's tag is wrong.
  private func isWrong(_ sentence: ScoredSentence, _ word: Int) -> Bool {
    sentence.goldTags[word] != ignoredLabel && sentence.goldTags[word] != sentence.predictedTags[word]
  }

  /// The largest probability given to one of a sentence's mistakes.
  func confidence(_ sentence: ScoredSentence, _ posteriors: Posteriors) -> Double {
    var confidence = sentence.classIsRight ? 0 : posteriors.sentenceClass(sentence.predictedClass)
    for word in sentence.goldTags.indices where isWrong(sentence, word) {
      confidence = max(confidence, posteriors.tag(sentence.predictedTags[word], ofWord: word))
    }
    return confidence
  }

  /// - Parameters:
  ///   - number: the sentence's number in its split, from 1.
  ///   - words: as the file has them.
  func mistake(
    _ sentence: ScoredSentence, _ posteriors: Posteriors, number: Int, words: [String]
  ) -> Mistake {
    let hasClass = !posteriors.classes.isEmpty
    return Mistake(
      number: number, words: words, goldClass: sentence.goldClass.map { classes[Int($0)] },
      predictedClass: hasClass && !classes.isEmpty ? classes[Int(sentence.predictedClass)] : nil,
      probability: hasClass ? posteriors.sentenceClass(sentence.predictedClass) : nil,
      goldProbability: hasClass ? sentence.goldClass.map { posteriors.sentenceClass($0) } : nil,
      goldTags: sentence.goldTags.map { $0 == ignoredLabel ? nil : tags[Int($0)] },
      predictedTags: sentence.predictedTags.map { tags[Int($0)] }, pairs: pairs(sentence),
      confidence: confidence(sentence, posteriors), loss: loss(sentence, posteriors))
  }

  /// A sentence of train whose labels were believed little.
  ///
  /// - Parameters:
  ///   - sentence: what it was rather believed to have as predicted.
  ///   - margins: nil of a label that is not suspected.
  func suspect(_ sentence: ScoredSentence, margins: PerTask<Double?>, number: Int, words: [String]) -> Mistake {
    var suspect = Mistake(
      number: number, words: words, goldClass: sentence.goldClass.map { classes[Int($0)] },
      predictedClass: sentence.goldClass == nil ? nil : classes[Int(sentence.predictedClass)], probability: nil,
      goldProbability: nil, goldTags: sentence.goldTags.map { $0 == ignoredLabel ? nil : tags[Int($0)] },
      predictedTags: sentence.predictedTags.map { $0 == ignoredLabel ? "O" : tags[Int($0)] }, pairs: pairs(sentence),
      confidence: 0, loss: 0)
    (suspect.classMargin, suspect.tagMargin) = (margins.sentence, margins.words)
    return suspect
  }

  /// What the wrong words are confused with.
  private func pairs(_ sentence: ScoredSentence) -> [Mistake.Pair] {
    var pairs: [Mistake.Pair] = []
    for word in sentence.goldTags.indices where isWrong(sentence, word) {
      let pair = Mistake.Pair(
        gold: labels[Int(sentence.goldTags[word])], predicted: labels[Int(sentence.predictedTags[word])])
      if !pairs.contains(pair) { pairs.append(pair) }
    }
    return pairs
  }

  /// The class's cross-entropy and the mean of the tags'.
  private func loss(_ sentence: ScoredSentence, _ posteriors: Posteriors) -> Double {
    func crossEntropy(_ probability: Double) -> Double { -log(max(probability, .leastNormalMagnitude)) }
    let tagged = sentence.goldTags.indices.filter { sentence.goldTags[$0] != ignoredLabel }
    let tags = tagged.map { crossEntropy(posteriors.tag(sentence.goldTags[$0], ofWord: $0)) }
    return (sentence.goldClass.map { crossEntropy(posteriors.sentenceClass($0)) } ?? 0)
      + (tags.isEmpty ? 0 : tags.reduce(0, +) / Double(tags.count))
  }
}
