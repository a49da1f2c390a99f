internal import MultiTaskTransformer
public import TrainingEvents

/// How a step's time grows with one size at a time, on random sentences of equal length: of a single model of BERT's plain
/// shape.
public struct ScalingBenchmark: Sendable {
  /// Shape, threads and precision to start from; the data do not matter.
  public var configuration: RunConfiguration
  /// Timed steps a row, at least 1.
  public var steps: Int

  /// One measurement.
  public struct Row: Codable, Hashable, Sendable {
    /// What was varied: `batch_size`, `length`, `hidden` or `threads`.
    public var varied: String
    public var batchSize: Int
    public var length: Int
    public var hidden: Int
    public var threads: Int
    public var stepMillisecondsMedian: Double
    public var tokensPerSecond: Double
    /// 10⁹ operations a second that the model's arithmetic came to.
    public var modelGigaflops: Double

    enum CodingKeys: String, CodingKey {
      case varied, length, hidden, threads
      case batchSize = "batch_size"
      case stepMillisecondsMedian = "step_ms_p50"
      case tokensPerSecond = "tokens_per_second"
      case modelGigaflops = "model_gflops"
    }
  }

  public init(configuration: RunConfiguration, steps: Int = 5) {
    precondition(steps > 0, "a benchmark needs at least one timed step")
    self.configuration = configuration
    self.steps = steps
  }

  /// What a row differs in from the next.
  private struct Point {
    var varied: String
    var batchSize: Int
    var length = 16
    var hidden: Int
    var threads: Int
  }

  /// All rows: each size in turn, the others as configured and sentences of 16 tokens.
  public func run() -> [Row] {
    let threads = RunPreparation.threadCount(configuration)
    let base = Point(
      varied: "", batchSize: configuration.batchSize, hidden: configuration.hidden, threads: threads)
    func vary(_ name: String, _ values: [Int], _ path: WritableKeyPath<Point, Int>) -> [Point] {
      values.map { value in
        var point = base
        point.varied = name
        point[keyPath: path] = value
        return point
      }
    }
    let threadCounts = Set([1, 2, 4, 8, 16, 32, 64].filter { $0 < threads } + [threads]).sorted()
    let points =
      vary("batch_size", [8, 16, 32, 64, 128], \.batchSize) + vary("length", [8, 16, 32, 64, 128, 256, 512], \.length)
      + vary("hidden", [64, 128, 256, 384, 512], \.hidden) + vary("threads", threadCounts, \.threads)
    return points.map(measure)
  }

  private func measure(_ point: Point) -> Row {
    let headSize = max(1, configuration.hidden / configuration.heads)
    let dropout = Float(configuration.dropout)
    let shape = ModelConfiguration(
      vocabularySize: 8192, hiddenSize: point.hidden, layerCount: configuration.layers,
      headCount: point.hidden.isMultiple(of: headSize) ? point.hidden / headSize : 1,
      intermediateSize: max(1, configuration.intermediate * point.hidden / configuration.hidden),
      maxPositions: max(512, point.length), hiddenDropout: dropout, attentionDropout: dropout,
      classifierDropout: dropout, sentenceClassCount: 8, tagCount: 64)
    let model = MultiTaskModel(
      configuration: shape, seed: configuration.seed, threads: point.threads, shares: point.threads,
      precision: RunPreparation.precision(configuration.precision).used)
    var seconds: [Double] = []
    let warmupSteps = 2
    for step in 1...warmupSteps + steps {
      let batch = randomBatch(point, shape, step: step)
      let start = Clock.monotonic()
      _ = Step(
        batch, dropoutKey: RunKeys.dropout(seed: configuration.seed, step: step),
        balancer: FixedWeights(PerTask.all(1)), learningRate: 1e-4, weightDecay: 0.01, clip: 1
      ).run(on: ModelEnsemble([model]))
      if step > warmupSteps { seconds.append(Clock.monotonic() - start) }
    }
    let median = seconds.sorted()[seconds.count / 2]
    let tokens = point.batchSize * point.length
    let operations = ModelWork(shape).operations(
      tokens: tokens, sentences: point.batchSize, squaredLengths: tokens * point.length)
    return Row(
      varied: point.varied, batchSize: point.batchSize, length: point.length, hidden: point.hidden,
      threads: point.threads, stepMillisecondsMedian: 1e3 * median, tokensPerSecond: Double(tokens) / median,
      modelGigaflops: operations / median * 1e-9)
  }

  private func randomBatch(_ point: Point, _ shape: ModelConfiguration, step: Int) -> PackedBatch {
    let count = point.batchSize * point.length
    func numbers(_ count: Int, below bound: Int, stream: Int) -> [Int32] {
      (0..<count).map { index in
        let key = RunKeys.dropout(seed: UInt64(stream), step: step &* 1_000_003 &+ index)
        return Int32(key % UInt64(bound))
      }
    }
    return PackedBatch(
      tokenIDs: numbers(count, below: shape.vocabularySize, stream: 1),
      starts: (0...point.batchSize).map { Int32($0 * point.length) },
      classLabels: numbers(point.batchSize, below: shape.sentenceClassCount, stream: 2),
      tagLabels: numbers(count, below: shape.tagCount, stream: 3))
  }
}
