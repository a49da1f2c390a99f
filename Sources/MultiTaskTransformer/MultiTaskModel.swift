import CKernels
public import Kernels

/// What a pass over one batch gave.
public struct BatchOutcome: Hashable, Sendable {
  /// Mean cross-entropy over the labels that take part; 0 if there are none.
  public var lossA = 0.0
  public var lossB = 0.0
  /// How many labels that is: all but -100 and those not seen in training.
  public var lossCountA = 0
  public var lossCountB = 0
  public var correctA = 0
  /// Labels other than -100.
  public var totalA = 0
  public var correctB = 0
  public var totalB = 0
  public var realTokens = 0
}

/// Logits of one batch in the mission's shapes, and the predictions taken from them.
public struct BatchPredictions: Sendable {
  public var outcome: BatchOutcome
  /// [B, C_a].
  public var logitsA: [Float]
  /// [real tokens, C_b], rows in packed order: sentence by sentence, real positions only. With a learned chain, without
  /// its transitions.
  public var logitsB: [Float]
  /// [B]: index of the largest logit, the first of equals.
  public var classes: [Int32]
  /// [real tokens]: likewise; with a learned chain that is no random field, the largest of a labelled token's marginals.
  public var tags: [Int32]
}

/// What a model is made for: one for inference has no gradients, no optimizer state and no initial weights.
public enum Purpose: Sendable { case training, inference }

/// The MultiTaskTransformer with its gradients, optimizer and worker threads. Owned by one thread.
public final class MultiTaskModel {
  public let configuration: ModelConfiguration
  /// The workers; also free for the owner's own parallel work between steps.
  public let team: ThreadTeam
  /// Parts that a batch is split into.
  public let shares: Int
  /// What a sentence of each class counts in training's loss, whose mean is over the weights; empty for all alike.
  /// Evaluation neither weights nor smooths labels.
  public var sentenceClassWeights: [Float] = [] {
    willSet {
      precondition(newValue.isEmpty || newValue.count == configuration.sentenceClassCount, "one weight a class")
    }
  }

  let layout: ParameterLayout
  let parameterBuffer: FloatBuffer
  let gradientBuffer: FloatBuffer
  let optimizer: AdamW
  private(set) var rates: PartRates
  let weights: ProductWeights
  /// What the encoder's products are made in.
  public let precision: MatmulPrecision
  private(set) var touched: TouchedRows
  private(set) var rowGradients: FloatBuffer
  private let memory: PassMemory
  private let clocks: [PartClock]
  private var gradientSquares = 0.0
  private let sentenceHead: SentenceHead
  private let tagHead: TagHead
  let constraints: TagConstraints?
  let decodingScores: ChainScores

  /// - Parameters:
  ///   - tagConstraints: which tag may follow which; nil allows every step.
  ///   - seed: fixes the initial weights.
  ///   - threads: worker threads, at least 1, the caller's own included.
  ///   - shares: parts a batch is split into, at least 1; results depend on it, not on `threads`.
  ///   - tokensPerShare: most tokens of a share that go through the model at a time, unless one sentence has more; a
  ///     larger batch is taken as several micro-batches whose gradients are summed. As given, products are as fast as
  ///     with more, and memory stays small.
  ///   - plan: what is trained; all of it at one rate unless told otherwise.
  ///   - precision: `bf16` becomes `f32` where `supportsBFloat16` is false.
  ///   - purpose: a model for inference cannot be trained, and its weights mean nothing until they are loaded.
  ///   - other: a model of the same configuration, shares and precision whose workers and working memory this one uses
  ///     too: the two must take turns. `threads` then counts for nothing.
  public init(
    configuration: ModelConfiguration, tagConstraints: TagConstraints? = nil, seed: UInt64, threads: Int, shares: Int,
    tokensPerShare: Int = 192, precision: MatmulPrecision = .f32, plan: TrainingPlan = TrainingPlan(),
    purpose: Purpose = .training, sharing other: MultiTaskModel? = nil
  ) {
    precondition(
      tagConstraints == nil || tagConstraints?.tagCount == configuration.tagCount,
      "the tag constraints are made for another number of tags")
    precondition(shares > 0, "a batch has at least one share")
    // Before anything is prepared for products: what oneDNN prepares remembers how many threads it may use.
    ThreadTeam.prepareCallingThread()
    self.configuration = configuration
    self.shares = shares
    team = other?.team ?? ThreadTeam(count: threads)
    layout = ParameterLayout(configuration)
    rates = PartRates(plan, layout)
    parameterBuffer = FloatBuffer(count: layout.count)
    gradientBuffer = FloatBuffer(count: purpose == .training ? layout.denseCount : 0)
    self.precision = Self.supportsBFloat16 ? precision : .f32
    weights = ProductWeights(layout, precision: self.precision)
    optimizer = AdamW(
      layout: layout, hidden: configuration.hiddenSize, parameters: parameterBuffer, weights: weights,
      rates: rates, lazyRows: configuration.lazyEmbeddings, purpose: purpose)
    touched = TouchedRows(rowCount: layout.rowCount)
    rowGradients = FloatBuffer(count: 0)
    memory =
      other?.memory
      ?? PassMemory(
        configuration, layout, precision: self.precision, shares: shares,
        tokensPerShare: tokensPerShare, workers: team.count, purpose: purpose)
    precondition(
      memory.configuration == configuration && memory.shares == shares, "models of different shapes share no memory")
    clocks = (0..<team.count).map { _ in PartClock() }
    sentenceHead = SentenceHead(pooler: layout.pooler, classifier: layout.sentenceClassifier)
    tagHead = TagHead(
      classifier: layout.tagClassifier,
      chain: layout.chain.map { ($0, ChainScores(tagCount: configuration.tagCount)) },
      isRandomField: configuration.tagLoss == .crf)
    constraints = tagConstraints
    decodingScores = ChainScores(tagCount: configuration.tagCount)
    guard purpose == .training else { return }
    initialize(parameterBuffer, layout, configuration, seed: seed, team)
    weights.refresh(team, from: parameterBuffer.start)
  }

  /// Sets a thread up to work with a model that another one made; who makes a model is set up already.
  public static func prepareCallingThread() { ThreadTeam.prepareCallingThread() }

  /// The instruction set of the row kernels in use: sums of another one differ in their last bits.
  public static var instructionSet: String { String(cString: mtt_instruction_set()) }

  /// Whether the processor multiplies bfloat16 itself, so that products in it are worth while.
  public static var supportsBFloat16: Bool { BFloat16Products.isSupported }

  /// Threads it computes on: those asked for that the system gave.
  public var threads: Int { team.count }

  /// Numbers of the model that can be learned, frozen ones included.
  public var parameterCount: Int { layout.tensors.reduce(0) { $0 + ($1.initial == .given ? 0 : $1.count) } }

  /// Numbers that are learned.
  public var trainedCount: Int { layout.tensors.reduce(0) { $0 + (rates.trains($1) ? $1.count : 0) } }

  /// Trains by another plan from the next step on: parts that were frozen may be trained, not the other way round.
  public func follow(_ plan: TrainingPlan) {
    rates = PartRates(plan, layout)
    optimizer.follow(rates)
  }

  /// Seconds that all workers together have spent on each part since the model was made.
  public var partSeconds: [ModelPart: Double] {
    var total: [ModelPart: Double] = [:]
    for part in ModelPart.allCases { total[part] = clocks.reduce(0) { $0 + $1.seconds[part.rawValue] } }
    return total
  }

  // MARK: Training

  /// Forward and joint backward; leaves the gradients of weightA × lossA + weightB × lossB in the model.
  ///
  /// - Parameter dropoutKey: fixes every dropout mask; nil switches dropout off.
  public func forwardBackward(
    _ batch: PackedBatch, weightA: Float, weightB: Float, dropoutKey: UInt64?
  ) -> BatchOutcome {
    if rates.rows == nil { touched.removeAll() } else { touched.collect(batch, configuration) }
    if rowGradients.count < touched.rows.count * configuration.hiddenSize {
      rowGradients = FloatBuffer(count: 2 * touched.rows.count * configuration.hiddenSize)
    }
    for clock in clocks { clock.start() }
    optimizer.catchUp(team, rows: touched.rows)
    for clock in clocks { clock.mark(.optimizer) }

    var outcome = labelCounts(batch)
    let divisorA = lossDivisorA(batch, outcome)
    if rates.rows != nil { memory.prepareEmbeddingGradients(tokens: batch.tokenCount) }
    let parts = batch.microBatches(tokens: memory.tokenLimit)
    let scaleA = outcome.lossCountA == 0 ? 0 : Float(Double(weightA) / divisorA)
    let scaleB = outcome.lossCountB == 0 ? 0 : weightB / Float(outcome.lossCountB)
    updateChain()
    for (index, part) in parts.enumerated() {
      let place = WeightGradients.Place(isFirst: index == 0, isLast: index == parts.count - 1)
      pass(over: part, dropoutKey: dropoutKey, divisorA: divisorA, keepsSums: index > 0, into: &outcome) { pass in
        let workspace = pass.workspace
        let a = sentenceHead.forward(
          pass, gradientScale: scaleA, weights: sentenceClassWeights, smoothing: configuration.labelSmoothing)
        let b = tagHead.forward(pass, gradientScale: scaleB)
        // A scale of 0 leaves logits where gradients are expected.
        if scaleA == 0 { clear(workspace.sentenceLogits, pass.share.sentences, configuration.sentenceClassCount) }
        if scaleB == 0 { clear(workspace.tagLogits, pass.share.tokens, configuration.tagCount) }
        tagHead.backward(pass)
        sentenceHead.backward(pass)
        if workspace.states[0].keepsSum {
          clear(workspace.streamGradient, pass.share.tokens, configuration.hiddenSize)
        }
        for subLayer in layout.subLayers[rates.lowestSubLayer...].reversed() { subLayer.backward(pass) }
        if rates.rows != nil { layout.embeddings.backward(pass) }
        return (a, b)
      }
      makeWeightGradients(part, place)
    }
    return outcome
  }

  /// Euclidean norm of all gradients of the last `forwardBackward`; not finite if any of them is not.
  public var gradientNorm: Double { gradientSquares.squareRoot() }

  /// One AdamW step with the last gradients, scaled down to a norm of `clip` where they exceed it.
  ///
  /// - Parameter clip: 0 for no clipping.
  public func applyStep(learningRate: Float, weightDecay: Float, clip: Double) {
    for clock in clocks { clock.start() }
    let norm = gradientNorm
    optimizer.apply(
      team, dense: gradientBuffer, rowGradients: rowGradients, touched: touched, learningRate: learningRate,
      weightDecay: weightDecay, gradientScale: clip > 0 && norm > clip ? Float(clip / norm) : 1)
    for clock in clocks { clock.mark(.optimizer) }
  }

  private func makeWeightGradients(_ batch: PackedBatch, _ place: WeightGradients.Place) {
    let gradients = WeightGradients(
      layout, batch, place, memory.workspace, touched, rates, hidden: configuration.hiddenSize)
    let squares = AlignedBuffer<Double>(count: gradients.taskCount)
    for clock in clocks { clock.start() }
    team.run(tasks: gradients.taskCount) { task, worker in
      squares.start[task] = gradients.run(
        task, dense: gradientBuffer, rowGradients: rowGradients, vectorSums: memory.vectorSums, shares: shares,
        embeddingGradients: memory.embeddingGradients, clock: clocks[worker])
    }
    gradientSquares = squares.copy(0..<gradients.taskCount).reduce(0, +)
  }

  private func clear(_ buffer: FloatBuffer, _ rows: Range<Int>, _ columns: Int) {
    (buffer.start + rows.lowerBound * columns).update(repeating: 0, count: rows.count * columns)
  }

  // MARK: One way through the model

  /// Forward only, dropout off, micro-batch after micro-batch.
  ///
  /// - Parameter read: takes what it wants from each one's part of the workspace.
  func forward(_ batch: PackedBatch, read: (PackedBatch, Workspace) -> Void) -> BatchOutcome {
    optimizer.catchUpAll(team)
    var outcome = labelCounts(batch)
    let divisorA = Double(max(outcome.lossCountA, 1))
    updateChain()
    for part in batch.microBatches(tokens: memory.tokenLimit) {
      // No gradients are made: there are no sums to begin anew.
      pass(over: part, dropoutKey: nil, divisorA: divisorA, keepsSums: true, into: &outcome) { pass in
        (sentenceHead.forward(pass, gradientScale: 0), tagHead.forward(pass, gradientScale: 0))
      }
      read(part, memory.workspace)
    }
    return outcome
  }

  private func updateChain() {
    guard let chain = tagHead.chain else { return }
    chain.scores.update(
      parameterBuffer.start, chain.parameters, constraints, penalty: ChainParameters.trainingPenalty)
  }

  /// Takes every share of a micro-batch through embeddings and encoder and then through `heads`, on all workers.
  ///
  /// - Parameters:
  ///   - divisorA: what task A's summed loss is divided by.
  ///   - keepsSums: the vectors' gradients are added to those of the micro-batches before.
  ///   - outcome: loss counts of the whole batch; losses and correct labels are added to it.
  private func pass(
    over batch: PackedBatch, dropoutKey: UInt64?, divisorA: Double, keepsSums: Bool = false,
    into outcome: inout BatchOutcome, heads: (Pass) -> (MTTCrossEntropy, MTTCrossEntropy)
  ) {
    memory.prepare(for: batch)
    let workspace = memory.workspace
    let parts = batch.shares(shares)
    let results = AlignedBuffer<MTTCrossEntropy>(count: 2 * parts.count)
    let dropout = Dropout(key: dropoutKey, configuration: configuration)
    for clock in clocks { clock.start() }
    team.run(tasks: parts.count) { index, worker in
      let sums = memory.vectorSums.start + index * layout.vectorCount
      if !keepsSums { sums.update(repeating: 0, count: layout.vectorCount) }
      guard !parts[index].sentences.isEmpty else { return }
      let pass = Pass(
        configuration: configuration, parameters: parameterBuffer.start, weights: weights, vectorSums: sums,
        batch: batch, share: parts[index], workspace: workspace,
        embeddingGradients: memory.embeddingGradients.start, dropout: dropout, scratch: memory.scratch[worker].start,
        clock: clocks[worker])
      layout.embeddings.forward(pass)
      for subLayer in layout.subLayers { subLayer.forward(pass) }
      (results.start[2 * index], results.start[2 * index + 1]) = heads(pass)
    }
    for index in parts.indices {
      outcome.lossA += results.start[2 * index].loss / divisorA
      outcome.correctA += results.start[2 * index].correct
      outcome.lossB += results.start[2 * index + 1].loss / Double(max(outcome.lossCountB, 1))
      outcome.correctB += results.start[2 * index + 1].correct
    }
  }

  /// The weights of the classes that take part in the loss, summed; never 0.
  private func lossDivisorA(_ batch: PackedBatch, _ outcome: BatchOutcome) -> Double {
    guard !sentenceClassWeights.isEmpty, outcome.lossCountA > 0 else { return Double(max(outcome.lossCountA, 1)) }
    return batch.classLabels.reduce(0) { sum, label in
      label >= 0 && label < configuration.sentenceClassCount ? sum + Double(sentenceClassWeights[Int(label)]) : sum
    }
  }

  private func labelCounts(_ batch: PackedBatch) -> BatchOutcome {
    var outcome = BatchOutcome()
    outcome.realTokens = batch.tokenCount
    for label in batch.classLabels where label >= 0 {
      outcome.totalA += 1
      if label < configuration.sentenceClassCount { outcome.lossCountA += 1 }
    }
    for label in batch.tagLabels where label >= 0 {
      outcome.totalB += 1
      if label < configuration.tagCount { outcome.lossCountB += 1 }
    }
    return outcome
  }
}
