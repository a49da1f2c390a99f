internal import Glibc
internal import Kernels

/// How probable a sentence's tokens and n-grams make each class by themselves: a logistic regression, fitted to train
/// before the first step.
///
/// An encoder that begins from nothing learns from few sentences which of them it has seen, where a convex fit learns
/// which words tell classes apart. Class logits are then the sum of both: the encoder learns what is missing.
///
/// A sentence's features are its tokens and n-grams, each as often as it occurs and times its inverse document frequency
/// in train, divided by √(Σ frequency²). What is in every sentence of train, such as [CLS], or in none does not count.
public struct ClassPrior: Hashable, Sendable {
  /// What is known of each row of a table of embeddings.
  public struct Table: Hashable, Sendable {
    /// [rows, classes]: what a row that occurs once adds to the logits, before the division.
    public var scores: [Float]
    /// [rows]: squared inverse document frequencies; 0 for what does not count.
    public var squares: [Float]
  }

  /// Of the regression; where it is this weak, all but single contradictions of train are followed.
  static let penalty = 0.1

  public let tokens: Table
  public let nGrams: Table
  /// [classes].
  public let bias: [Float]

  /// Fits the sentences of a batch that holds all of train; those without a class are left out.
  public init(fitting train: PackedBatch, vocabularySize: Int, nGramBuckets: Int, classCount: Int) {
    let labelled = (0..<train.sentenceCount).filter { 0..<Int32(classCount) ~= train.classLabels[$0] }
    let sentences = labelled.map { Self.counts(train, sentence: $0, vocabularySize: vocabularySize) }
    let featureCount = vocabularySize + nGramBuckets
    let frequencies = Self.inverseFrequencies(sentences, featureCount: featureCount)
    let rows = sentences.map { counts in
      let features = counts.keys.filter { frequencies[$0] > 0 }.sorted()
      let length = features.reduce(0) { $0 + Double(counts[$1, default: 0]) * frequencies[$1] * frequencies[$1] }
        .squareRoot()
      return LogisticRegression.Row(
        features: features, values: features.map { Double(counts[$0, default: 0]) * frequencies[$0] / length })
    }
    let regression = LogisticRegression(
      rows, labels: labelled.map { Int(train.classLabels[$0]) }, featureCount: featureCount, classCount: classCount,
      penalty: Self.penalty)
    func table(_ features: Range<Int>) -> Table {
      Table(
        scores: features.flatMap { feature in
          regression.weights[feature * classCount..<(feature + 1) * classCount].map {
            Float(frequencies[feature] * $0)
          }
        }, squares: features.map { Float(frequencies[$0] * frequencies[$0]) })
    }
    tokens = table(0..<vocabularySize)
    nGrams = table(vocabularySize..<featureCount)
    bias = regression.biases.map { Float($0) }
  }

  /// How often a sentence has each feature: tokens by their ids, n-grams by their rows after these.
  private static func counts(_ batch: PackedBatch, sentence: Int, vocabularySize: Int) -> [Int: Int] {
    var counts: [Int: Int] = [:]
    let tokens = batch.tokens(of: sentence)
    for token in batch.tokenIDs[tokens] { counts[Int(token), default: 0] += 1 }
    for row in batch.nGrams[batch.nGrams(of: tokens)] { counts[vocabularySize + Int(row), default: 0] += 1 }
    return counts
  }

  /// 1 + log((1 + sentences) / (1 + those with the feature)); 0 for features of every sentence and of none.
  private static func inverseFrequencies(_ sentences: [[Int: Int]], featureCount: Int) -> [Double] {
    var found = [Int](repeating: 0, count: featureCount)
    for counts in sentences {
      for feature in counts.keys { found[feature] += 1 }
    }
    return found.map { count in
      count == 0 || count == sentences.count ? 0 : 1 + log(Double(1 + sentences.count) / Double(1 + count))
    }
  }
}

/// Where a class prior's numbers lie among the parameters; they are never learned.
struct ClassPriorParameters: Sendable {
  struct Table: Sendable {
    /// [rows, classes].
    let scores: Int
    /// [rows].
    let squares: Int
  }

  let tokens: Table
  /// Nil without n-grams.
  let nGrams: Table?
  /// [classes].
  let bias: Int

  /// Adds a sentence's scores to its class logits.
  func add(_ pass: Pass, sentence: Int, to logits: UnsafeMutablePointer<Float>) {
    let (batch, classes) = (pass.batch, pass.configuration.sentenceClassCount)
    let range = batch.tokens(of: sentence)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: classes) { sums in
      sums.initialize(repeating: 0)
      var squares: Float = 0
      func take(_ rows: ArraySlice<Int32>, _ table: Table) {
        for row in rows {
          squares += pass.parameters[table.squares + Int(row)]
          let scores = pass.parameters + table.scores + Int(row) * classes
          for column in 0..<classes { sums[column] += scores[column] }
        }
      }
      take(batch.tokenIDs[range], tokens)
      if let nGrams { take(batch.nGrams[batch.nGrams(of: range)], nGrams) }
      let scale = squares > 0 ? 1 / squares.squareRoot() : 0
      let bias = pass.parameters + bias
      for column in 0..<classes { logits[column] += scale * sums[column] + bias[column] }
    }
  }
}

extension MultiTaskModel {
  /// Adds a prior's scores to its class logits from now on; for configurations with a `classPrior`.
  public func take(_ prior: ClassPrior) {
    guard let place = layout.classPrior else { preconditionFailure("the model has no place for a class prior") }
    precondition(prior.bias.count == configuration.sentenceClassCount, "the class prior is for other classes")
    precondition(prior.tokens.squares.count == configuration.vocabularySize, "the class prior is for other tokens")
    precondition(prior.nGrams.squares.count == configuration.nGramBuckets, "the class prior is for other n-grams")
    func write(_ values: [Float], at offset: Int, times factor: Float) {
      for (index, value) in values.enumerated() { parameterBuffer.start[offset + index] = factor * value }
    }
    write(prior.bias, at: place.bias, times: configuration.classPrior)
    for (table, values) in [(place.tokens, prior.tokens)] + (place.nGrams.map { [($0, prior.nGrams)] } ?? []) {
      write(values.scores, at: table.scores, times: configuration.classPrior)
      write(values.squares, at: table.squares, times: 1)
    }
  }
}

extension PackedBatch {
  /// Where the n-grams of some neighbouring tokens lie.
  func nGrams(of tokens: Range<Int>) -> Range<Int> {
    nGramStarts.isEmpty ? 0..<0 : Int(nGramStarts[tokens.lowerBound])..<Int(nGramStarts[tokens.upperBound])
  }
}
