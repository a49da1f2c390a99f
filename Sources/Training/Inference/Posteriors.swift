internal import Glibc
internal import TextData
internal import TrainingEvents

/// How likely a model holds each class of a sentence and each tag of its words.
struct Posteriors {
  /// [classes], summing to 1.
  var classes: [Double]
  /// [words that were not cut off, tags], each row summing to 1.
  var tags: [Double]
  /// Columns of `tags`.
  var tagCount: Int

  /// Those of a batch's sentence; `tokens` are its words' first tokens among the batch's.
  init(
    _ answers: BatchAnswers, sentence: Int, tokens: [Int32], classCount: Int, tagCount: Int, model: some TrainableModel
  ) {
    let count = max(1, classCount)
    let logits = answers.classLogits.dropFirst(sentence * count).prefix(count)
    let largest = logits.max() ?? 0
    let weights = logits.map { exp(Double($0 - largest)) }
    let sum = weights.reduce(0, +)
    classes = weights.map { $0 / sum }
    tags = model.tagProbabilities(answers, tokens: tokens)
    self.tagCount = max(1, tagCount)
  }

  /// With each task's probabilities as its temperature makes them.
  func tempered(by temperatures: Temperatures) -> Posteriors {
    var result = self
    if let temperature = temperatures[.sentence] { result.classes = Training.tempered(classes, by: temperature) }
    if let temperature = temperatures[.words] {
      result.tags = stride(from: 0, to: tags.count, by: tagCount).flatMap {
        Training.tempered(tags[$0..<$0 + tagCount], by: temperature)
      }
    }
    return result
  }

  /// How likely a class is; 0 for one that the model does not know.
  func sentenceClass(_ label: Int32) -> Double { classes.indices.contains(Int(label)) ? classes[Int(label)] : 0 }

  /// How likely a word's tag is; 0 for a tag the model does not know and for words cut off.
  func tag(_ tag: Int32, ofWord word: Int) -> Double {
    guard tag >= 0, Int(tag) < tagCount, (word + 1) * tagCount <= tags.count else { return 0 }
    return tags[word * tagCount + Int(tag)]
  }
}

/// What a model says of one sentence of a batch.
struct SentenceAnswer {
  /// The first tokens of its words, those cut off left out, among the batch's.
  var tokens: [Int32]
  /// Decoded, one for each of `tokens`.
  var tags: [Int32]
  /// Before the model's temperatures.
  var posteriors: Posteriors
}

extension TrainedModel {
  /// Sentences a thread answers at a time.
  private static let sentencesAtOnce = 4

  /// Makes something of the model's answer to each sentence of a batch, on all threads.
  ///
  /// - Parameters:
  ///   - rows: the batch's sentences.
  ///   - make: is given a sentence's place in the batch. Several threads call it at once.
  /// - Returns: by place.
  func map<Result>(
    _ answers: BatchAnswers, _ rows: ArraySlice<Int32>, of split: EncodedSplit,
    _ make: (_ place: Int, SentenceAnswer) -> Result
  ) -> [Result] {
    let rows = Array(rows)
    var starts: [Int32] = [0]
    for row in rows { starts.append(starts[starts.count - 1] + Int32(split.length(of: Int(row)))) }
    var results = [Result?](repeating: nil, count: rows.count)
    let size = Self.sentencesAtOnce
    results.withUnsafeMutableBufferPointer { results in
      model.run(tasks: (rows.count + size - 1) / size) { task in
        for place in task * size..<min(task * size + size, rows.count) {
          let tokens = split.wordPositions(of: Int(rows[place])).map { starts[place] + $0 }
          // Each element is one thread's.
          results[place] = make(
            place,
            SentenceAnswer(
              tokens: tokens, tags: model.decodedTags(answers, tokens: tokens),
              posteriors: posteriors(answers, sentence: place, tokens: tokens)))
        }
      }
    }
    return results.compactMap { $0 }
  }

  /// The posteriors of a batch's sentence as the model gives them, before its temperatures; `tokens` are its words' first
  /// tokens among the batch's.
  private func posteriors(_ answers: BatchAnswers, sentence: Int, tokens: [Int32]) -> Posteriors {
    Posteriors(
      answers, sentence: sentence, tokens: tokens, classCount: encoding.sentenceClasses.count,
      tagCount: encoding.tags.count, model: model)
  }

  /// How tags are decoded, in words.
  public var decoding: String {
    if encoding.tags.isEmpty { return "no tags" }
    let legal = RunPreparation.tagConstraints(encoding.tags) == nil ? "" : " among legal ones"
    if model.learnsTransitions { return "best sequence by logits and learned transitions\(legal)" }
    let prior = model.tagPrior > 0 ? " and \(model.tagPrior) × train's tag transitions" : ""
    return "sequence with the largest sum of logits\(prior)\(legal)"
  }
}
