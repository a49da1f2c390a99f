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
    _ sentence: ScoredSentence, _ posteriors: Posteriors, number: Int, words: @autoclosure () -> [String]
  ) -> Mistake {
    var pairs: [Mistake.Pair] = []
    for word in sentence.goldTags.indices where isWrong(sentence, word) {
      let pair = Mistake.Pair(
        gold: labels[Int(sentence.goldTags[word])], predicted: labels[Int(sentence.predictedTags[word])])
      if !pairs.contains(pair) { pairs.append(pair) }
    }
    let hasClass = !posteriors.classes.isEmpty
    return Mistake(
      number: number, words: words(), goldClass: sentence.goldClass.map { classes[Int($0)] },
      predictedClass: hasClass && !classes.isEmpty ? classes[Int(sentence.predictedClass)] : nil,
      probability: hasClass ? posteriors.sentenceClass(sentence.predictedClass) : nil,
      goldProbability: hasClass ? sentence.goldClass.map { posteriors.sentenceClass($0) } : nil,
      goldTags: sentence.goldTags.map { $0 == ignoredLabel ? nil : tags[Int($0)] },
      predictedTags: sentence.predictedTags.map { tags[Int($0)] }, pairs: pairs,
      confidence: confidence(sentence, posteriors), loss: loss(sentence, posteriors))
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

/// Gathers what an evaluation gets wrong: the surest mistakes, in bounded memory.
struct MistakeCollector {
  /// Most sentences kept, and most words of them all.
  static let mostSentences = 1_000
  static let mostWords = 100_000

  private var kept: [Mistake] = []
  private var wrong = 0

  /// Whether a mistake of this confidence may be among the surest.
  private var threshold = -Double.infinity

  /// Counts a wrong sentence, and keeps it where it is among the surest.
  mutating func add(confidence: Double, _ mistake: () -> Mistake) {
    wrong += 1
    guard confidence >= threshold else { return }
    kept.append(mistake())
    if kept.count >= 2 * Self.mostSentences { trim() }
  }

  private mutating func trim() {
    kept.sort { ($1.confidence, $0.number) < ($0.confidence, $1.number) }
    kept.removeLast(max(0, kept.count - Self.mostSentences))
    if kept.count == Self.mostSentences { threshold = kept.last?.confidence ?? threshold }
  }

  /// What was gathered, of an evaluation on dev.
  mutating func mistakes(epoch: Int, step: Int, judged: Int) -> EvaluationMistakes {
    trim()
    var words = 0
    let sentences = kept.prefix { mistake in
      words += mistake.words.count
      return words <= Self.mostWords
    }
    return EvaluationMistakes(
      split: .dev, epoch: epoch, step: step, judged: judged, wrong: wrong, sentences: Array(sentences))
  }
}
