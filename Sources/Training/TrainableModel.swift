internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Losses and counts of one batch.
struct BatchFigures: Hashable, Sendable {
  /// Means over the batch's sentences and tokens with a label that train has; nil where there are none.
  var losses: PerTask<Double?>
  var counts: MetricCounts
  /// Positions whose attention mask is 1.
  var realTokens: Int
}

/// What a step is made with, beside its batch.
struct StepSettings: Hashable, Sendable {
  /// Which batch it is, of which epoch, both from 0: what other processes make the same batch of.
  var epoch: Int
  var batch: Int
  /// What the losses are multiplied by.
  var weights: PerTask<Double>
  var dropoutKey: UInt64
  var learningRate: Double
  var weightDecay: Double
  var clip: Double
}

/// What a step gave.
struct StepFigures: Hashable, Sendable {
  var batch: BatchFigures
  /// The weighted sum of the losses.
  var loss: Double
  /// Before clipping.
  var gradientNorm: Double
  /// Whether the parameters have moved: not where the loss or the norm is not finite.
  var isApplied: Bool
  /// How far the batch's labels were believed; empty where a model has none.
  var margins = BatchMargins()
}

/// What a model says of one batch.
struct BatchAnswers: Hashable, Sendable {
  var figures: BatchFigures
  /// [B].
  var classes: [Int32]
  /// [real tokens], sentence by sentence: the tag that accuracy counts, the most probable one or, with a random field,
  /// that of the largest logit.
  var tags: [Int32]
  /// [real tokens, tags]; empty where nothing is decoded from them.
  var tagLogits: [Float] = []
  /// [B, classes]; empty where nobody asks how sure the model is.
  var classLogits: [Float] = []
  /// Sentences whose logits have no softmax: the model gives no answer to them, right or wrong.
  var unanswered: Set<Int> = []
}

extension BatchAnswers {
  /// Marks the sentences whose logits have no softmax, and counts nothing of them as right.
  mutating func markUnanswered(in batch: Batch) {
    guard !(classLogits.allSatisfy(\.isFinite) && tagLogits.allSatisfy(\.isFinite)) else { return }
    /// Whether there is a largest number in each row. Others may be -∞: an ensemble's logarithm of a probability of 0.
    func haveSoftmax(_ logits: ArraySlice<Float>, columns: Int) -> Bool {
      stride(from: logits.startIndex, to: logits.endIndex, by: max(1, columns)).allSatisfy { row in
        let values = logits[row..<row + columns]
        return values.allSatisfy { $0 < .infinity } && values.contains { $0 > -.infinity }
      }
    }
    figures.counts.correct = PerTask.all(0)
    let (classCount, tagCount) = (classLogits.count / max(1, batch.count), tagLogits.count / max(1, tags.count))
    for sentence in 0..<batch.count {
      let tokens = batch.tokens(of: sentence)
      let ownClasses = classLogits[sentence * classCount..<(sentence + 1) * classCount]
      let ownTags = tagLogits[tokens.lowerBound * tagCount..<tokens.upperBound * tagCount]
      guard haveSoftmax(ownClasses, columns: classCount), haveSoftmax(ownTags, columns: tagCount) else {
        unanswered.insert(sentence)
        continue
      }
      if classes[sentence] == batch.classLabels[sentence] { figures.counts.correct.sentence += 1 }
      figures.counts.correct.words += zip(tags[tokens], batch.tagLabels[tokens]).count { $0 == $1 }
    }
  }
}

/// What the loop needs of a model. For one thread.
protocol TrainableModel: AnyObject {
  var parameterCount: Int { get }
  /// Parameters that are not frozen.
  var trainedCount: Int { get }
  /// Optimizer steps done.
  var optimizerStep: Int { get }

  /// Trains by another plan from the next step on.
  func follow(_ plan: TrainingPlan)

  /// Trains on a batch, unless the loss or a gradient is not finite. Throws where other processes that train the model too
  /// are lost.
  func step(_ batch: Batch, _ settings: StepSettings) throws(RunFailure) -> StepFigures

  /// What each task alone asks of the shared encoder, without moving a parameter; nil where a model cannot say or
  /// trains nothing that is shared. Called right before a step, with the same arguments.
  func taskGradients(_ batch: Batch, _ settings: StepSettings) -> TaskGradients?

  /// Forward only, without dropout.
  func answers(_ batch: Batch) -> BatchAnswers

  /// The best legal sequence of tags through some tokens of the last `answers`, as entities and exact match count.
  func decodedTags(_ answers: BatchAnswers, tokens: [Int32]) -> [Int32]

  /// [tokens, tags]: how likely each tag of some tokens of the last `answers` is; empty where a model has none.
  func tagProbabilities(_ answers: BatchAnswers, tokens: [Int32]) -> [Double]

  /// The model's config.json.
  func configurationFile(padTokenID: Int) -> [UInt8]

  /// Brings what other processes train by themselves up to date in this one, before anything is asked of the model but
  /// steps: the parameters, and for a checkpoint the optimizers' moments.
  func gather(moments: Bool) throws(RunFailure)

  func parameters() -> [NamedTensor]
  func optimizerState() -> (step: Int, moments: [NamedTensor])
  func load(parameters: [NamedTensor]) throws(ModelError)
  func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError)
}

/// The MultiTaskTransformer as the loop sees it.
final class TransformerModel: TrainableModel {
  /// What the loop does not ask for: for benchmarks.
  var ensemble: ModelEnsemble { model }
  private let model: ModelEnsemble

  init(_ model: ModelEnsemble) { self.model = model }

  /// Threads it computes on.
  var threads: Int { model.threads }

  /// Lets the calling thread compute with a model that another thread made.
  func adoptCallingThread() { MultiTaskModel.prepareCallingThread() }

  var parameterCount: Int { model.parameterCount }
  var trainedCount: Int { model.trainedCount }
  var optimizerStep: Int { model.optimizerStep }
  func follow(_ plan: TrainingPlan) { model.follow(plan) }
  /// What a sentence of each class counts in training's loss; empty for all alike.
  var sentenceClassWeights: [Float] {
    get { model.sentenceClassWeights }
    set { model.sentenceClassWeights = newValue }
  }

  func step(_ batch: Batch, _ settings: StepSettings) -> StepFigures { step(batch, settings, with: Alone()) }

  /// The same in each of some processes, with the same batch in all of them.
  func step<Processes: Communicator>(
    _ batch: Batch, _ settings: StepSettings, with communicator: Processes
  ) throws(Processes.Failure) -> StepFigures {
    let outcome = try Step(
      Self.packed(batch), dropoutKey: settings.dropoutKey,
      balancer: FixedWeights(settings.weights), learningRate: Float(settings.learningRate),
      weightDecay: Float(settings.weightDecay), clip: settings.clip
    ).run(on: model, with: communicator)
    return StepFigures(
      batch: Self.figures(outcome.batch), loss: outcome.loss, gradientNorm: outcome.gradientNorm,
      isApplied: outcome.isApplied,
      margins: model.labelMargins)
  }

  /// The gradients of a batch's first part, run by run; see `ModelEnsemble.probe`.
  func probe(_ batch: Batch, _ read: (UnsafeRawBufferPointer) -> Void) {
    model.probe(Self.packed(batch), dropoutKey: 1, read)
  }

  func taskGradients(_ batch: Batch, _ settings: StepSettings) -> TaskGradients? {
    model.taskGradients(
      Self.packed(batch), weights: settings.weights.map { Float($0) }, dropoutKey: settings.dropoutKey)
  }

  func answers(_ batch: Batch) -> BatchAnswers {
    let predictions = model.predict(Self.packed(batch))
    var answers = BatchAnswers(
      figures: Self.figures(predictions.outcome), classes: predictions.classes, tags: predictions.tags,
      tagLogits: predictions.logits.words, classLogits: predictions.logits.sentence)
    answers.markUnanswered(in: batch)
    return answers
  }

  /// [tokens, tags]: how likely each tag is; see `MultiTaskModel.tagProbabilities`.
  func tagProbabilities(_ answers: BatchAnswers, tokens: [Int32]) -> [Double] {
    model.tagProbabilities(answers.tagLogits, tokens: tokens)
  }

  /// What head B learns besides logits.
  var learnsTransitions: Bool { model.configuration.learnsTransitions }
  /// What decoding's tag prior is weighted by; 0 without one.
  var tagPrior: Float { model.configuration.tagPrior }

  func take(_ prior: TagPrior) { model.take(prior) }
  func take(_ prior: ClassPrior) { model.take(prior) }

  /// Calls `body` for each index below `tasks` on the model's threads, which may ask for tags and probabilities.
  func run(tasks: Int, _ body: (_ task: Int) -> Void) { model.run(tasks: tasks, body) }

  func decodedTags(_ answers: BatchAnswers, tokens: [Int32]) -> [Int32] {
    model.decode(answers.tagLogits, tokens: tokens)
  }

  func configurationFile(padTokenID: Int) -> [UInt8] {
    RunJSON.encode(HuggingFaceConfiguration(model: model.configuration, padTokenID: padTokenID), pretty: true)
  }

  /// It is all here.
  func gather(moments: Bool) {}

  func parameters() -> [NamedTensor] { model.parameters() }
  func optimizerState() -> (step: Int, moments: [NamedTensor]) { model.optimizerState() }
  func load(parameters: [NamedTensor]) throws(ModelError) { try model.load(parameters: parameters) }
  func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {
    try model.load(optimizerStep: optimizerStep, moments: moments)
  }

  static func packed(_ batch: Batch) -> PackedBatch {
    PackedBatch(
      tokenIDs: batch.tokenIDs, starts: batch.starts, classLabels: batch.classLabels, tagLabels: batch.tagLabels,
      nGramStarts: batch.nGramStarts, nGrams: batch.nGrams)
  }

  private static func figures(_ outcome: BatchOutcome) -> BatchFigures {
    BatchFigures(
      losses: PerTask { outcome.counts.inLoss[$0] == 0 ? nil : outcome.losses[$0] },
      counts: MetricCounts(correct: outcome.correct, total: outcome.total), realTokens: outcome.realTokens)
  }
}

/// config.json: the model's shape in Hugging Face's names, and what else names a BERT; a shape
/// that is not BERT's names itself, so that nobody opens it as one.
private struct HuggingFaceConfiguration: Encodable {
  var model: ModelConfiguration
  var padTokenID: Int

  enum CodingKeys: String, CodingKey {
    case architectures
    case modelType = "model_type"
    case activation = "hidden_act"
    case positions = "position_embedding_type"
    case padding = "pad_token_id"
    case dataType = "torch_dtype"
  }

  func encode(to encoder: any Encoder) throws {
    try model.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode([model.isBERT ? "BertModel" : "MultiTaskTransformer"], forKey: .architectures)
    try container.encode(model.isBERT ? "bert" : "mtt", forKey: .modelType)
    try container.encode("gelu", forKey: .activation)
    try container.encode(model.positions.rawValue, forKey: .positions)
    try container.encode(padTokenID, forKey: .padding)
    try container.encode("float32", forKey: .dataType)
  }
}
