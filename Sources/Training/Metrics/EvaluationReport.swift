/// Entity figures of one way to read tags.
public struct EntityFigures: Hashable, Sendable, Encodable {
  public var micro: PrecisionRecall
  public var macro: PrecisionRecall
  public var weighted: PrecisionRecall
  /// Type by type, in the order of their names.
  public var types: [LabelFigures]

  init(_ scores: EntityScores, types: [String]) {
    micro = scores.micro
    macro = scores.macro
    weighted = scores.weighted
    self.types = scores.occurring
      .map {
        LabelFigures(name: types[$0], figures: scores.figures(ofType: $0), support: scores.byType[$0].gold)
      }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }
}

/// Everything `mtt-tui evaluate` tells. Shares are fractions of 1; nil where the data or the model has no such labels.
public struct EvaluationReport: Hashable, Sendable {
  /// Which checkpoint of which run, in words, and its folder.
  public var model = ""
  public var checkpoint = ""
  public var path = ""
  /// The file that holds the words, and the split's name.
  public var data = ""
  public var split = ""
  public var sentences = 0
  public var words = 0
  /// Words with a gold tag, those cut off left out: what accuracy B counts.
  public var tokens = 0
  /// Words without a prediction because their sentence is longer than the model's maximum: predicted `O`.
  public var wordsCut = 0
  /// Words that the vocabulary does not know.
  public var unknownWords = 0

  /// weight A × loss_a + weight B × loss_b, each a mean over its labels; labels the model does not know left out.
  /// Nil where there is none to take the mean of.
  public var loss: Double?
  public var lossA: Double?
  public var lossB: Double?
  /// Sentences whose largest class logit is the label's.
  public var accuracyA: Double?
  /// Words whose largest tag logit is the tag's.
  public var accuracyB: Double?
  /// The same of the decoded tags, over all words with a gold tag.
  public var accuracyBDecoded: Double?
  /// Sentences with the right class and the right decoded tag for every word.
  public var exactMatch: Double?
  public var correctA = 0
  public var totalA = 0
  public var correctB = 0
  public var exact = 0
  public var judged = 0
  /// How the tags of entities and exact match are found.
  public var decoding = ""
  /// Of the decoded tags, read as seqeval's default mode (conlleval) does.
  public var entities: EntityFigures?
  /// Read as seqeval's strict mode does, scheme IOB2.
  public var strictEntities: EntityFigures?
  public var classes: [LabelFigures] = []
  /// Of the decoded tags.
  public var tags: [LabelFigures] = []
  public var classMistakes: [LabelMistake] = []
  public var tagMistakes: [LabelMistake] = []
  /// Labels of the data that the model does not know, counted as wrong.
  public var unseenClasses: [String] = []
  public var unseenTags: [String] = []
  /// Wrong sentences.
  public var wrong: Int { judged - exact }
  /// Sentences for the log.
  public var remarks: [String] = []
}

extension EvaluationReport: Encodable {
  enum CodingKeys: String, CodingKey {
    case model, checkpoint, path, data, split, sentences, words, tokens, loss, decoding, entities, classes, tags,
      remarks
    case wordsCut = "words_cut"
    case unknownWords = "unknown_words"
    case lossA = "loss_a"
    case lossB = "loss_b"
    case accuracyA = "accuracy_a"
    case accuracyB = "accuracy_b"
    case accuracyBDecoded = "accuracy_b_decoded"
    case exactMatch = "exact_match"
    case correctA = "correct_a"
    case totalA = "total_a"
    case correctB = "correct_b"
    case totalB = "total_b"
    case entityPrecision = "entity_precision"
    case entityRecall = "entity_recall"
    case entityF1 = "entity_f1"
    case strictEntities = "entities_strict"
    case classMistakes = "confusions_a"
    case tagMistakes = "confusions_b"
    case unseenClasses = "unseen_classes"
    case unseenTags = "unseen_tags"
  }

  /// Figures that do not exist are null, never left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    for (key, text) in [
      (CodingKeys.model, model), (.checkpoint, checkpoint), (.path, path), (.data, data), (.split, split),
      (.decoding, decoding),
    ] {
      try container.encode(text, forKey: key)
    }
    for (key, count) in [
      (CodingKeys.sentences, sentences), (.words, words), (.tokens, tokens), (.wordsCut, wordsCut),
      (.unknownWords, unknownWords),
      (.correctA, correctA), (.totalA, totalA), (.correctB, correctB), (.totalB, tokens),
    ] {
      try container.encode(count, forKey: key)
    }
    for (key, figure) in [
      (CodingKeys.loss, loss), (.lossA, lossA), (.lossB, lossB), (.accuracyA, accuracyA), (.accuracyB, accuracyB),
      (.accuracyBDecoded, accuracyBDecoded), (.exactMatch, exactMatch),
      (.entityPrecision, entities?.micro.precision), (.entityRecall, entities?.micro.recall),
      (.entityF1, entities?.micro.f1),
    ] {
      try container.encode(figure.flatMap { $0.isFinite ? $0 : nil }, forKey: key)
    }
    try container.encode(entities, forKey: .entities)
    try container.encode(strictEntities, forKey: .strictEntities)
    try container.encode(classes, forKey: .classes)
    try container.encode(tags, forKey: .tags)
    try container.encode(classMistakes, forKey: .classMistakes)
    try container.encode(tagMistakes, forKey: .tagMistakes)
    try container.encode(unseenClasses, forKey: .unseenClasses)
    try container.encode(unseenTags, forKey: .unseenTags)
    try container.encode(remarks, forKey: .remarks)
  }
}
