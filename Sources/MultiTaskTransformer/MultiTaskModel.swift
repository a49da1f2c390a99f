import CKernels
public import Kernels
public import TrainingEvents

/// How many labels of a batch take part in what.
public struct LabelCounts: Hashable, Sendable {
  /// Labels that count in the loss: not -100, and seen in training.
  public var inLoss = PerTask.all(0)
  /// Labels that count in the accuracy: not -100.
  public var total = PerTask.all(0)
  public var realTokens = 0
  /// What the summed losses are divided by: the weights of the labels that count in them.
  public var weight = PerTask.all(0.0)
}

/// What a pass over one batch gave.
public struct BatchOutcome: Hashable, Sendable {
  public var counts = LabelCounts()
  /// Mean cross-entropy over the labels that take part; 0 if there are none.
  public var losses = PerTask.all(0.0)
  public var correct = PerTask.all(0)

  public var total: PerTask<Int> { counts.total }
  public var realTokens: Int { counts.realTokens }

  /// What a part of a batch has of its own, for other processes: all but the counts.
  var words: [UInt64] {
    ModelTask.allCases.map { losses[$0].bitPattern } + ModelTask.allCases.map { UInt64(correct[$0]) }
  }

  /// What a batch's parts add up to, one after the other.
  static func sum(_ words: [UInt64], counts: LabelCounts) -> BatchOutcome {
    var sum = BatchOutcome(counts: counts)
    for part in stride(from: 0, to: words.count, by: 4) {
      for (index, task) in ModelTask.allCases.enumerated() {
        sum.losses[task] += Double(bitPattern: words[part + index])
        sum.correct[task] += Int(words[part + 2 + index])
      }
    }
    return sum
  }
}

/// Logits of one batch and the predictions made from them.
public struct BatchPredictions: Sendable {
  public var outcome: BatchOutcome
  /// [B, classes], and [real tokens, tags], rows in packed order: sentence by sentence, real positions only. With a
  /// learned chain, without its transitions.
  public var logits: PerTask<[Float]>
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
  /// Runs of whole sentences that a training batch is cut into. Each has its gradients by itself; results depend on it.
  public let parts: Int
  /// What a sentence of each class counts in training's loss, whose mean is over the weights; empty for all alike.
  /// Evaluation neither weights nor smooths labels.
  public var sentenceClassWeights: [Float] = [] {
    willSet {
      precondition(newValue.isEmpty || newValue.count == configuration.sentenceClassCount, "one weight a class")
    }
  }

  let layout: ParameterLayout
  let parameterBuffer: FloatBuffer
  /// The gradients of the last pass.
  let gradientSet: GradientSet
  /// Room for those of a second one, for comparing tasks.
  private(set) lazy var secondGradientSet = GradientSet(denseCount: layout.denseCount, hidden: configuration.hiddenSize)
  /// Room for the sums of the right-hand branches, by depth, where a batch has several parts.
  private var branchSets: [GradientSet] = []
  let optimizer: AdamW
  let muon: Muon
  private(set) var rates: PartRates
  let weights: ProductWeights
  /// What the encoder's products are made in.
  public let precision: MatmulPrecision
  var touched: TouchedRows
  let memory: PassMemory
  let clocks: [PartClock]
  /// Those of the last training batch.
  let margins = LabelMargins()
  let sentenceHead: SentenceHead
  let tagHead: TagHead
  let constraints: TagConstraints?
  let decodingScores: ChainScores
  /// Whether parameters may have changed since `decodingScores` were made.
  var decodingScoresAreStale = true

  /// - Parameters:
  ///   - tagConstraints: which tag may follow which; nil allows every step.
  ///   - seed: fixes the initial weights.
  ///   - threads: worker threads, at least 1, the caller's own included.
  ///   - shares: parts a batch is split into, at least 1; results depend on it, not on `threads`.
  ///   - parts: runs of whole sentences that a training batch is cut into: a power of two.
  ///   - tokensPerShare: most tokens of a share that go through the model at a time, unless one sentence has more; a
  ///     larger batch is taken as several micro-batches whose gradients are summed. As given, products are as fast as
  ///     with more, and memory stays small.
  ///   - plan: what is trained; all of it at one rate unless configured otherwise.
  ///   - precision: `bf16` becomes `f32` where `supportsBFloat16` is false.
  ///   - purpose: a model for inference cannot be trained, and its weights mean nothing until they are loaded.
  ///   - other: a model of the same configuration, shares and precision whose workers and working memory this one uses
  ///     too: the two must take turns. `threads` then counts for nothing.
  public init(
    configuration: ModelConfiguration, tagConstraints: TagConstraints? = nil, seed: UInt64, threads: Int, shares: Int,
    parts: Int = 1, tokensPerShare: Int = 192, precision: MatmulPrecision = .f32, plan: TrainingPlan = TrainingPlan(),
    purpose: Purpose = .training, sharing other: MultiTaskModel? = nil
  ) {
    precondition(
      tagConstraints == nil || tagConstraints?.tagCount == configuration.tagCount,
      "the tag constraints are made for another number of tags")
    precondition(shares > 0, "a batch has at least one share")
    precondition(parts > 0 && parts.nonzeroBitCount == 1, "the number of a batch's parts is a power of two")
    ThreadTeam.prepareCallingThread()
    self.configuration = configuration
    self.shares = shares
    self.parts = parts
    team = other?.team ?? ThreadTeam(count: threads)
    layout = ParameterLayout(configuration)
    rates = PartRates(plan, layout)
    parameterBuffer = FloatBuffer(count: layout.count)
    gradientSet = GradientSet(
      denseCount: purpose == .training ? layout.denseCount : 0, hidden: configuration.hiddenSize)
    self.precision = Self.supportsBFloat16 ? precision : .f32
    weights = ProductWeights(layout, precision: self.precision, purpose: purpose)
    optimizer = AdamW(
      layout: layout, hidden: configuration.hiddenSize, parameters: parameterBuffer, weights: weights,
      rates: rates, lazyRows: configuration.lazyEmbeddings, purpose: purpose)
    muon = Muon(parameters: parameterBuffer, momenta: optimizer.firstMoments, weights: weights)
    muon.follow(rates, workers: team.count)
    touched = TouchedRows(rowCount: layout.rowCount)
    memory =
      other?.memory
      ?? PassMemory(
        configuration, layout, precision: self.precision, shares: shares,
        tokensPerShare: tokensPerShare, workers: team.count, purpose: purpose)
    precondition(
      memory.configuration == configuration && memory.shares == shares, "models of different shapes share no memory")
    clocks = (0..<team.count).map { _ in PartClock() }
    sentenceHead = SentenceHead(
      pooler: layout.pooler, classifier: layout.sentenceClassifier, prior: layout.classPrior)
    tagHead = TagHead(
      classifier: layout.tagClassifier,
      chain: layout.chain.map { ($0, ChainScores(tagCount: configuration.tagCount, isForSums: true)) },
      isRandomField: configuration.tagLoss == .crf)
    constraints = tagConstraints
    decodingScores = ChainScores(tagCount: configuration.tagCount, isForSums: layout.chain != nil)
    guard purpose == .training else { return }
    initialize(parameterBuffer, layout, configuration, seed: seed, team)
    weights.refresh(team, from: parameterBuffer.start)
  }

  /// Where the right-hand branch of a sum goes at some depth of the tree over parts.
  func branchSet(_ depth: Int) -> GradientSet {
    while branchSets.count <= depth {
      branchSets.append(GradientSet(denseCount: layout.denseCount, hidden: configuration.hiddenSize))
    }
    return branchSets[depth]
  }

  /// Sets a thread up to work with a model that another one made; who makes a model is set up already.
  public static func prepareCallingThread() { ThreadTeam.prepareCallingThread() }

  /// The instruction set in use: sums of another one differ in their last bits.
  public static var instructionSet: String { InstructionSet.name }

  /// What is wrong with the environment's wish for another one, as a sentence; nil if nothing is.
  public static var instructionSetProblem: String? { InstructionSet.problem }

  /// How the products of a training step order their sums: another order differs in their last bits.
  public static func productOrder(_ optimizer: TrainingPlan.Optimizer, _ precision: MatmulPrecision) -> String {
    (precision == .bf16 && supportsBFloat16 ? BFloat16Matmul.order : Matmul.order)
      + (optimizer == .muon ? Muon.order : "")
  }

  /// Whether the processor multiplies bfloat16 itself, so that products in it are worth while.
  public static var supportsBFloat16: Bool { BFloat16Matmul.isSupported }

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
    muon.follow(rates, workers: team.count)
  }

  /// Seconds that all workers together have spent on each part since the model was made.
  public var partSeconds: [ModelPart: Double] {
    var total: [ModelPart: Double] = [:]
    for part in ModelPart.allCases { total[part] = clocks.reduce(0) { $0 + $1.seconds[part.rawValue] } }
    return total
  }

  // MARK: One way through the model

  /// Forward only, dropout off, micro-batch after micro-batch.
  ///
  /// - Parameter read: takes what it wants from each one's part of the workspace.
  func forward(_ batch: PackedBatch, read: (PackedBatch, Workspace) -> Void) -> BatchOutcome {
    optimizer.catchUpAll(team)
    // Evaluation counts every class alike.
    var outcome = BatchOutcome(counts: labelCounts(batch, weights: []))
    updateChain()
    for part in batch.microBatches(tokens: memory.tokenLimit) {
      pass(over: part, dropoutKey: nil, sums: .unused, into: &outcome) { pass in
        PerTask(sentenceHead.forward(pass, .evaluate), tagHead.forward(pass, .evaluate))
      }
      read(part, memory.workspace)
    }
    return outcome
  }

  func updateChain() {
    guard let chain = tagHead.chain else { return }
    chain.scores.update(
      parameterBuffer.start, chain.parameters, constraints, penalty: ChainParameters.trainingPenalty)
  }

  /// What becomes of the shares' sums of the vectors' gradients in a pass.
  enum VectorSums {
    /// No gradients are made.
    case unused
    /// They begin at 0.
    case begin
    /// They go on from those of the micro-batches before.
    case goOn
  }

  /// Takes every share of a micro-batch through embeddings and encoder and then through `heads`, on all workers.
  ///
  /// - Parameters:
  ///   - place: the number of the micro-batch's first token in the batch that gradients are made of.
  ///   - outcome: label counts of the whole batch; losses and correct labels are added to it.
  func pass(
    over batch: PackedBatch, at place: Int = 0, dropoutKey: UInt64?, sums: VectorSums,
    into outcome: inout BatchOutcome, heads: (Pass) -> PerTask<MTTCrossEntropy>
  ) {
    memory.prepare(for: batch)
    let embeddingGradients = memory.embeddingGradients.start + place * configuration.hiddenSize
    let workspace = memory.workspace
    let parts = batch.shares(shares)
    let results = AlignedBuffer<PerTask<MTTCrossEntropy>>(count: parts.count)
    let dropout = Dropout(key: dropoutKey, configuration: configuration)
    for clock in clocks { clock.start() }
    team.run(tasks: parts.count) { index, worker in
      let vectorSums = memory.vectorSums.start + index * layout.vectorCount
      if sums == .begin { vectorSums.update(repeating: 0, count: layout.vectorCount) }
      guard !parts[index].sentences.isEmpty else { return }
      let pass = Pass(
        configuration: configuration, parameters: parameterBuffer.start, weights: weights, vectorSums: vectorSums,
        batch: batch, share: parts[index], workspace: workspace,
        embeddingGradients: embeddingGradients, dropout: dropout, margins: margins,
        scratch: memory.scratch[worker].start, clock: clocks[worker])
      layout.embeddings.forward(pass)
      for subLayer in layout.subLayers { subLayer.forward(pass) }
      results.start[index] = heads(pass)
    }
    for index in parts.indices {
      for task in ModelTask.allCases {
        let result = results.start[index][task]
        outcome.losses[task] += result.loss / (outcome.counts.inLoss[task] == 0 ? 1 : outcome.counts.weight[task])
        outcome.correct[task] += result.correct
      }
    }
  }

  /// - Parameter weights: one a sentence class; empty for all alike.
  func labelCounts(_ batch: PackedBatch, weights: [Float]) -> LabelCounts {
    var counts = LabelCounts(realTokens: batch.tokenCount)
    let known = PerTask(configuration.sentenceClassCount, configuration.tagCount)
    for (task, labels) in [(ModelTask.sentence, batch.classLabels), (.words, batch.tagLabels)] {
      for label in labels where label >= 0 {
        counts.total[task] += 1
        guard label < known[task] else { continue }
        counts.inLoss[task] += 1
        counts.weight[task] += task == .words || weights.isEmpty ? 1 : Double(weights[Int(label)])
      }
    }
    return counts
  }
}
