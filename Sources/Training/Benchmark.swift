internal import Glibc
internal import Machine
internal import MultiTaskTransformer
import Paths
internal import RunFolder
internal import TextData
public import TrainingEvents

/// Measures training steps as a run takes them: collation, forward and backward pass, gradient norm, optimizer.
public struct Benchmark: Sendable {
  /// Shape, data, batch size, threads and so on, as for a run.
  public var configuration: RunConfiguration
  /// Timed steps, at least 1.
  public var steps: Int
  /// Steps before them, which are not counted.
  public var warmupSteps: Int

  public init(configuration: RunConfiguration, steps: Int, warmupSteps: Int) {
    precondition(steps > 0 && warmupSteps >= 0, "a benchmark needs at least one timed step")
    self.configuration = configuration
    self.steps = steps
    self.warmupSteps = warmupSteps
  }

  /// Loads the data and trains. For a thread that may be busy for a while.
  public func run() throws(RunFailure) -> BenchmarkReport {
    var configuration = configuration
    try RunPreparation.check(configuration)
    let threads = RunPreparation.threadCount(configuration)
    if configuration.shares == 0 { configuration.shares = threads }
    let encoder = try configuration.encoder.map { (folder) throws(RunFailure) in
      try PretrainedEncoder(reading: absolutePath(folder))
    }
    try encoder?.adopt(&configuration)
    let dataset = try RunPreparation.load(configuration, tokenizer: encoder?.tokenizer)
    RunPreparation.limitClassPrior(&configuration, dataset)
    // Before the threads whose cycles it counts.
    let cycles = CycleCounter()
    let made = try RunPreparation.makeModel(configuration, dataset, encoder, threads: threads)
    let remarks = try encoder?.load(into: made) ?? []
    let model = made.ensemble
    let peakBefore = MatmulPeak.gigaflops(threads: threads, precision: model.precision, seconds: 0.3)
    var timing = StepTiming()
    var batches = BenchmarkBatches(dataset, configuration)
    for step in 1...warmupSteps + steps {
      if step == warmupSteps + 1 {
        timing = StepTiming(partsBefore: model.partSeconds)
        timing.cycles = cycles?.count()
      }
      measureStep(step, model, configuration, &batches, &timing)
    }
    timing.finish(partsAfter: model.partSeconds, cycles: cycles?.count())
    // Before and after, since a machine's clock drifts.
    let peak = max(peakBefore, MatmulPeak.gigaflops(threads: threads, precision: model.precision, seconds: 0.3))
    let shape = model.configuration
    let operations =
      Double(shape.members)
      * ModelWork(shape).operations(
        tokens: timing.realTokens, sentences: timing.sentences, squaredLengths: timing.squaredLengths)
    let gigaflops = operations / timing.total * 1e-9
    return BenchmarkReport(
      data: dataset.name, preset: configuration.preset?.rawValue, encoder: configuration.encoder,
      hidden: shape.hiddenSize, layers: shape.layerCount, heads: shape.headCount, intermediate: shape.intermediateSize,
      members: shape.members, parameters: model.parameterCount, batchSize: configuration.batchSize, threads: threads,
      shares: configuration.shares, precision: model.precision.rawValue,
      instructionSet: MultiTaskModel.instructionSet, steps: steps, warmupSteps: warmupSteps,
      realTokensPerSecond: Double(timing.realTokens) / timing.total,
      examplesPerSecond: Double(timing.sentences) / timing.total,
      stepMillisecondsMedian: 1e3 * timing.quantile(0.5), stepMilliseconds95: 1e3 * timing.quantile(0.95),
      matmulPeakGigaflops: peak, modelGigaflops: gigaflops, modelFlopsUtilization: gigaflops / peak,
      operationsPerCycle: timing.cycles.map { operations / Double($0) },
      paddingRatio: 1 - Double(timing.realTokens) / Double(timing.positions),
      peakResidentBytes: Self.peakResidentBytes, parts: timing.partShares(threads: threads),
      remarks: remarks + RunPreparation.precision(configuration.precision).remarks)
  }

  private func measureStep(
    _ step: Int, _ model: ModelEnsemble, _ configuration: RunConfiguration, _ batches: inout BenchmarkBatches,
    _ timing: inout StepTiming
  ) {
    let start = Clock.monotonic()
    let batch = batches.next()
    let packed = TransformerModel.packed(batch)
    let collated = Clock.monotonic()
    let outcome = Step(
      packed, dropoutKey: RunKeys.dropout(seed: configuration.seed, step: step),
      balancer: FixedWeights(configuration.weights),
      learningRate: Float(configuration.learningRate), weightDecay: Float(configuration.weightDecay),
      clip: configuration.clip
    ).run(on: model).batch
    let end = Clock.monotonic()
    timing.seconds.append(end - start)
    timing.collation += collated - start
    timing.realTokens += outcome.realTokens
    timing.sentences += batch.count
    timing.positions += batch.count * batch.length
    timing.squaredLengths += Self.squaredLengths(batch)
  }

  /// Σ length² over the sentences.
  private static func squaredLengths(_ batch: Batch) -> Int {
    (0..<batch.count).reduce(0) { sum, row in
      let length = batch.tokens(of: row).count
      return sum + length * length
    }
  }

  private static var peakResidentBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}

/// One batch after the other, epoch after epoch.
private struct BenchmarkBatches {
  private let split: EncodedSplit
  private let configuration: RunConfiguration
  private var order: BatchOrder
  private var collator: Collator
  private var epoch = 0
  private var index = 0
  private var batch = Batch()

  init(_ dataset: TextDataset, _ configuration: RunConfiguration) {
    split = dataset.train
    self.configuration = configuration
    order = BatchOrder(split, batchSize: configuration.batchSize, seed: configuration.seed, epoch: 0)
    collator = RunPreparation.collator(configuration, dataset)
  }

  mutating func next() -> Batch {
    if index == order.count {
      epoch += 1
      index = 0
      order = BatchOrder(split, batchSize: configuration.batchSize, seed: configuration.seed, epoch: epoch)
    }
    collator.collate(
      split, rows: order.rows(ofBatch: index), padTo: configuration.padTo, epoch: epoch, into: &batch)
    index += 1
    return batch
  }
}

/// Sums over the timed steps.
private struct StepTiming {
  /// Of each step.
  var seconds: [Double] = []
  var collation = 0.0
  var realTokens = 0
  var sentences = 0
  /// Positions of the batches as collated, padding included.
  var positions = 0
  /// Σ length² over all sentences.
  var squaredLengths = 0
  /// Of all threads; nil where the system lets no program count them.
  var cycles: UInt64?
  private var partSeconds: [ModelPart: Double] = [:]

  init(partsBefore: [ModelPart: Double] = [:]) {
    partSeconds = partsBefore.mapValues { -$0 }
  }

  mutating func finish(partsAfter: [ModelPart: Double], cycles after: UInt64?) {
    if let before = cycles, let after, after > before { cycles = after - before } else { cycles = nil }
    partSeconds.merge(partsAfter) { $0 + $1 }
  }

  var total: Double { seconds.reduce(0, +) }

  /// The time that a share of the steps did not exceed.
  func quantile(_ share: Double) -> Double {
    let sorted = seconds.sorted()
    return sorted[min(Int(share * Double(sorted.count)), sorted.count - 1)]
  }

  /// Of all threads' time in the timed steps; collation runs on one of them.
  func partShares(threads: Int) -> [String: Double] {
    let all = total * Double(threads)
    var shares: [String: Double] = [:]
    for (part, seconds) in partSeconds { shares[part.key] = seconds / all }
    shares["collation"] = collation / all
    shares["idle"] = max(0, 1 - shares.values.reduce(0, +))
    return shares
  }
}

extension ModelPart {
  /// Its key in a report.
  fileprivate var key: String {
    switch self {
    case .forwardProducts: "forward_products"
    case .inputGradients: "input_gradients"
    case .weightGradients: "weight_gradients"
    case .attention: "attention"
    case .rowOperations: "row_operations"
    case .optimizer: "optimizer"
    }
  }
}
