/// An entity that a model found in a sentence.
public struct PredictedEntity: Hashable, Sendable {
  public var type: String
  /// What it says, as it stands in the text.
  public var text: String
  /// Words, from 0, the end not included.
  public var words: Range<Int>
  /// Unicode scalars of the text, from 0, the end not included.
  public var characters: Range<Int>
  /// Product of the probabilities of its words' tags.
  public var confidence: Double
}

/// What a model says of a sentence.
public struct Prediction: Hashable, Sendable {
  public var text: String
  public var words: [String]
  /// nil where the model has no classes, where the most probable one was rejected, or where there is no word.
  public var sentenceClass: String?
  /// In 0...1.
  public var classProbability = 0.0
  /// The most probable class where it was not probable enough to be answered; its probability is `classProbability`.
  public var rejectedClass: String?
  /// Of every class, in the model's order.
  public var classProbabilities: [Double] = []
  /// One a word; empty where the model has no tags.
  public var tags: [String] = []
  /// Of each word's tag; 0 for words beyond the maximum length, which are `O`.
  public var tagProbabilities: [Double] = []
  public var entities: [PredictedEntity] = []
  /// Words beyond the maximum length.
  public var cutWords = 0

  init(_ input: SplitText) {
    text = input.text
    words = input.words.map { String($0) }
  }

  /// Takes the class back if it is less probable than this.
  mutating func reject(below least: Double) {
    guard classProbability < least else { return }
    rejectedClass = sentenceClass
    sentenceClass = nil
  }
}

/// A text and its words.
public struct SplitText: Sendable {
  public var text: String
  /// Parts of `text`, in order.
  public var words: [Substring]
}
