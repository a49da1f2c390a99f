internal import TextData

/// Answers for raw sentences: splits them into words, encodes them as train's were, and reads the answers. For one
/// thread.
public final class Predictor {
  public let model: TrainedModel

  /// Classes less probable than this are not answered.
  private let leastProbability: Double
  private let tokenizer: any Tokenizer
  private let spans: EntitySpans
  private let outside: String
  private let tagsAreEntities: Bool
  /// Keeps words that train had whole.
  private let splitter: WordSplitter

  /// - Parameter leastProbability: classes less probable than this are not answered, as out of scope.
  public init(_ model: TrainedModel, rejectingBelow leastProbability: Double = 0) {
    self.model = model
    self.leastProbability = leastProbability
    tokenizer = model.encoding.makeTokenizer()
    spans = EntitySpans(tags: model.tags)
    outside = "O"
    tagsAreEntities = !model.tags.isEmpty && model.tags.allSatisfy(Tag.isEntityTag)
    splitter = WordSplitter(
      keeping: model.encoding.tokenizer.kind == .words ? model.encoding.vocabulary : [],
      lowercase: model.encoding.tokenizer.lowercase)
  }

  /// Splits a line into words: at white space, and punctuation off a word's ends unless train had that very word; see
  /// `splitIntoWords`.
  ///
  /// - Parameter preSplit: white space alone separates words.
  public func split(_ text: String, preSplit: Bool = false) -> SplitText {
    SplitText(text: text, words: preSplit ? splitAtWhiteSpace(text) : splitter.words(of: text))
  }

  /// Answers in the order of the texts; throws a sentence where the model's numbers say nothing.
  public func predict(_ texts: [SplitText]) throws(RunFailure) -> [Prediction] { try predict(texts) { $0 } }

  /// What `read` makes of the answers, in the order of the texts; throws a sentence where the model's numbers say nothing.
  ///
  /// - Parameter read: is called by several threads at once.
  public func predict<Answer>(
    _ texts: [SplitText], _ read: (Prediction) -> Answer
  ) throws(RunFailure) -> [Answer] {
    guard !texts.isEmpty else { return [] }
    let predictions = texts.map { Prediction($0) }
    let split = model.encoding.encode(predictions.map(\.words), with: tokenizer)
    let order = model.order(split)
    var found = [Answer?](repeating: nil, count: texts.count)
    var batch = Batch()
    for index in 0..<order.count {
      let rows = order.rows(ofBatch: index)
      collate(split, rows: rows, padTo: nil, into: &batch)
      let answers = try model.answers(batch)
      let read = model.map(answers, rows, of: split) { place, answer in
        let row = Int(rows[rows.startIndex + place])
        return read(filled(predictions[row], texts[row], answer, best: answers.classes[place]))
      }
      for (row, answer) in zip(rows, read) { found[Int(row)] = answer }
    }
    return found.compactMap { $0 }
  }

  private func filled(
    _ empty: Prediction, _ text: SplitText, _ answer: SentenceAnswer, best: Int32
  ) -> Prediction {
    var prediction = empty
    guard !text.words.isEmpty else { return prediction }
    let posteriors = answer.posteriors.tempered(by: model.temperatures)
    if !model.sentenceClasses.isEmpty {
      prediction.sentenceClass = model.sentenceClasses[Int(best)]
      prediction.classProbability = posteriors.classes[Int(best)]
      prediction.classProbabilities = posteriors.classes
      prediction.reject(below: leastProbability)
    }
    prediction.cutWords = text.words.count - answer.tokens.count
    guard !model.tags.isEmpty else { return prediction }
    let probabilities = answer.tags.enumerated().map { posteriors.tag($1, ofWord: $0) }
    prediction.tags = answer.tags.map { model.tags[Int($0)] }
    prediction.tagProbabilities = probabilities
    while prediction.tags.count < text.words.count {
      prediction.tags.append(outside)
      prediction.tagProbabilities.append(0)
    }
    guard tagsAreEntities else { return prediction }
    prediction.entities = spans.spans(in: answer.tags).map { span in
      entity(span, text, confidence: probabilities[span.words].reduce(1, *))
    }
    return prediction
  }

  private func entity(_ span: EntitySpan, _ text: SplitText, confidence: Double) -> PredictedEntity {
    let start = text.words[span.words.lowerBound].startIndex
    let end = text.words[span.words.upperBound].endIndex
    let scalars = text.text.unicodeScalars
    let first = scalars.distance(from: scalars.startIndex, to: start)
    let count = scalars.distance(from: start, to: end)
    return PredictedEntity(
      type: spans.types[span.type], text: String(text.text[start..<end]),
      words: span.words.lowerBound..<span.words.upperBound + 1, characters: first..<first + count,
      confidence: confidence)
  }
}
