public import TrainingEvents

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

/// Everything `mtt-tui evaluate` reports. Shares are fractions of 1; nil where the data or the model has no such labels.
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
  /// Words without a prediction because their sentence is longer than the model's maximum: predicted `O`.
  public var wordsCut = 0
  /// Words that the vocabulary does not know.
  public var unknownWords = 0

  /// The weighted sum of the losses, each a mean over its labels; labels the model does not know left out.
  /// Nil where there is none to take the mean of.
  public var loss: Double?
  public var losses = PerTask<Double?>.all(nil)
  /// Sentences whose largest class logit is the label's, and words whose largest tag logit is the tag's: of those with a
  /// gold label, words cut off left out.
  public var counts = MetricCounts()
  /// The share of right decoded tags, over all words with a gold tag.
  public var decodedAccuracy: Double?
  /// Sentences with the right class and the right decoded tag for every word.
  public var exactMatch: Double?
  public var exact = 0
  public var judged = 0
  /// How true probabilities of classes and of decoded tags are; nil where there are none to judge.
  public var calibration = PerTask<CalibrationFigures?>.all(nil)
  /// The threshold for the precision that was asked for; nil where none was, or none reaches it.
  public var rejection: Rejection?
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
  private struct Key: CodingKey, ExpressibleByStringLiteral {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init(stringLiteral: String) { stringValue = stringLiteral }
    init?(intValue: Int) { nil }
    /// A figure of one task, as `loss_a`.
    init(_ name: String, _ task: ModelTask) { stringValue = "\(name)_\(task.suffix)" }
  }

  /// Figures that do not exist are null, never left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for (key, text) in [
      ("model", model), ("checkpoint", checkpoint), ("path", path), ("data", data), ("split", split),
      ("decoding", decoding),
    ] as [(Key, String)] {
      try container.encode(text, forKey: key)
    }
    var numbers: [(Key, Int)] = [
      ("sentences", sentences), ("words", words), ("tokens", counts.total[.words]), ("words_cut", wordsCut),
      ("unknown_words", unknownWords),
    ]
    var figures: [(Key, Double?)] = [
      ("loss", loss), ("accuracy_b_decoded", decodedAccuracy), ("exact_match", exactMatch),
      ("entity_precision", entities?.micro.precision), ("entity_recall", entities?.micro.recall),
      ("entity_f1", entities?.micro.f1),
    ]
    for task in ModelTask.allCases {
      numbers += [(Key("correct", task), counts.correct[task]), (Key("total", task), counts.total[task])]
      figures += [(Key("loss", task), losses[task]), (Key("accuracy", task), counts.accuracy(task))]
      let calibration = calibration[task]
      figures += [
        (Key("calibration_error", task), calibration?.error), (Key("temperature", task), calibration?.temperature),
        (Key(stringValue: "calibration_error_\(task.suffix)_before"), calibration?.errorBefore),
      ]
    }
    for (key, number) in numbers { try container.encode(number, forKey: key) }
    for (key, figure) in figures { try container.encode(figure.flatMap { $0.isFinite ? $0 : nil }, forKey: key) }
    try container.encode(rejection, forKey: "reject")
    try container.encode(entities, forKey: "entities")
    try container.encode(strictEntities, forKey: "entities_strict")
    try container.encode(classes, forKey: "classes")
    try container.encode(tags, forKey: "tags")
    try container.encode(classMistakes, forKey: "confusions_a")
    try container.encode(tagMistakes, forKey: "confusions_b")
    try container.encode(unseenClasses, forKey: "unseen_classes")
    try container.encode(unseenTags, forKey: "unseen_tags")
    try container.encode(remarks, forKey: "remarks")
  }
}
