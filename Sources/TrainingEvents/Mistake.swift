/// A sentence that an evaluation got wrong, gold beside predicted; or a suspect, one of train's that training believed
/// little, beside what it would rather have had.
public struct Mistake: Codable, Hashable, Sendable {
  /// A label of a word and the one predicted, as confusions name them: entity types, or tags that are none.
  public struct Pair: Codable, Hashable, Sendable {
    public var gold: String
    public var predicted: String

    public init(gold: String, predicted: String) {
      self.gold = gold
      self.predicted = predicted
    }
  }

  /// The sentence's number in its split, from 1.
  public var number: Int
  public var words: [String]
  /// Nil where the sentence has no class, or the model predicts none.
  public var goldClass: String?
  public var predictedClass: String?
  /// How likely the model holds the class that it predicts, and the gold one (0 where it does not know that).
  public var probability: Double?
  public var goldProbability: Double?
  /// A tag a word, nil for words without one; empty where the sentence has no tags.
  public var goldTags: [String?]
  public var predictedTags: [String]
  /// What the wrong words were confused with, each pair once; of one type twice where only its border is wrong.
  public var pairs: [Pair]
  /// The largest probability that the model gives to one of its mistakes; 0 in a suspect.
  public var confidence: Double
  /// The class's cross-entropy and the mean of the tags'; 0 in a suspect.
  public var loss: Double
  /// Of a suspect: how far the logit of its class, and that of its least believed tag, were above the largest other one, as
  /// a mean over the epochs. Nil where that label is not suspected.
  public var classMargin: Double?
  public var tagMargin: Double?

  public init(
    number: Int, words: [String], goldClass: String?, predictedClass: String?, probability: Double?,
    goldProbability: Double?, goldTags: [String?], predictedTags: [String], pairs: [Pair], confidence: Double,
    loss: Double
  ) {
    self.number = number
    self.words = words
    self.goldClass = goldClass
    self.predictedClass = predictedClass
    self.probability = probability
    self.goldProbability = goldProbability
    self.goldTags = goldTags
    self.predictedTags = predictedTags
    self.pairs = pairs
    self.confidence = confidence
    self.loss = loss
  }

  /// The least margin; infinite in a mistake.
  public var leastMargin: Double { min(classMargin ?? .infinity, tagMargin ?? .infinity) }

  public var isClassWrong: Bool { goldClass != nil && goldClass != predictedClass }

  /// Whether a word's tag is wrong; one without a gold tag is judged by nobody.
  public func isWrong(word: Int) -> Bool {
    guard goldTags.indices.contains(word), let gold = goldTags[word] else { return false }
    return !predictedTags.indices.contains(word) || predictedTags[word] != gold
  }

  public var wrongWords: Int { words.indices.count { isWrong(word: $0) } }
}

/// What one evaluation got wrong: the surest mistakes, as many as are kept. Or the suspects after an epoch of training:
/// the sentences of train that it believed least.
public struct EvaluationMistakes: Codable, Hashable, Sendable {
  public var split: DataSplit
  public var epoch: Int
  /// Completed training steps.
  public var step: Int
  /// Sentences with a gold label, and those of them that are wrong, kept or not; in train, those that were believed less
  /// than another label.
  public var judged: Int
  public var wrong: Int
  /// The surest first, of suspects the least believed; of equal ones those that stand first in the data.
  public var sentences: [Mistake]

  public init(split: DataSplit, epoch: Int, step: Int, judged: Int, wrong: Int, sentences: [Mistake]) {
    self.split = split
    self.epoch = epoch
    self.step = step
    self.judged = judged
    self.wrong = wrong
    self.sentences = sentences
  }

  /// Whether every wrong sentence is here.
  public var isComplete: Bool { sentences.count == wrong }
}

/// What became of one sentence in one evaluation.
public struct SentenceOutcome: Hashable, Sendable {
  public enum Verdict: String, Hashable, Sendable {
    case right, wrong
    /// Its evaluation kept only its surest mistakes, and this sentence is not among them.
    case unknown
  }

  public var epoch: Int
  public var step: Int
  public var verdict: Verdict
  /// Where it is wrong: the class predicted and its probability, and the words with a wrong tag.
  public var predictedClass: String?
  public var probability: Double?
  public var wrongWords: Int

  public init(epoch: Int, step: Int, verdict: Verdict) {
    self.epoch = epoch
    self.step = step
    self.verdict = verdict
    wrongWords = 0
  }

  /// One that is wrong.
  public init(_ evaluation: EvaluationMistakes, mistake: Mistake) {
    self.init(epoch: evaluation.epoch, step: evaluation.step, verdict: .wrong)
    predictedClass = mistake.predictedClass
    probability = mistake.probability
    wrongWords = mistake.wrongWords
  }
}
