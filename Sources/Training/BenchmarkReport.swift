/// What a benchmark measured.
///
/// Encoded, the keys are words joined by underscores: `real_tokens_per_second` and so on.
public struct BenchmarkReport: Codable, Hashable, Sendable {
  public var data: String
  /// The named set of options, if one was asked for; otherwise the model has BERT's plain shape.
  public var preset: String?
  /// Absolute path of the pretrained encoder, if one was asked for.
  public var encoder: String?
  public var hidden: Int
  public var layers: Int
  public var heads: Int
  public var intermediate: Int
  /// Models that are trained side by side; figures are of all of them together.
  public var members: Int
  public var parameters: Int
  public var batchSize: Int
  public var threads: Int
  /// Parts that a batch is split into.
  public var shares: Int
  public var precision: String
  /// Of the products and row operations: avx512, avx2 or baseline.
  public var instructionSet: String
  /// Timed steps.
  public var steps: Int
  /// Steps before them that were not counted.
  public var warmupSteps: Int
  /// Positions whose attention mask is 1, over the seconds of the timed steps.
  public var realTokensPerSecond: Double
  public var examplesPerSecond: Double
  public var stepMillisecondsMedian: Double
  /// 95 of 100 steps took no longer.
  public var stepMilliseconds95: Double
  /// 10⁹ operations a second that the matrix products reach here with as many threads.
  public var matmulPeakGigaflops: Double
  /// 10⁹ operations a second that the model's arithmetic came to.
  public var modelGigaflops: Double
  /// The latter over the former.
  public var modelFlopsUtilization: Double
  /// Operations of the model's arithmetic by cycle and thread; nil where the system lets no program count cycles.
  public var operationsPerCycle: Double?
  /// Padding over all positions of the batches as collated, in 0..<1.
  public var paddingRatio: Double
  /// Largest resident size of the process.
  public var peakResidentBytes: Int
  /// Share of the threads' time that each part took, in 0...1, with `idle` for what is left.
  public var parts: [String: Double]
  /// Sentences on what differs from what was asked for.
  public var remarks: [String]
  /// How a step's time grows, if that was measured too.
  public var scaling: [ScalingBenchmark.Row]?

  enum CodingKeys: String, CodingKey {
    case data, preset, encoder, hidden, layers, heads, intermediate, members, parameters, threads, shares, precision,
      steps, parts, remarks, scaling
    case batchSize = "batch_size"
    case warmupSteps = "warmup_steps"
    case realTokensPerSecond = "real_tokens_per_second"
    case examplesPerSecond = "examples_per_second"
    case instructionSet = "instruction_set"
    case operationsPerCycle = "operations_per_cycle"
    case stepMillisecondsMedian = "step_ms_p50"
    case stepMilliseconds95 = "step_ms_p95"
    case matmulPeakGigaflops = "matmul_peak_gflops"
    case modelGigaflops = "model_gflops"
    case modelFlopsUtilization = "model_flops_utilization"
    case paddingRatio = "padding_ratio"
    case peakResidentBytes = "peak_rss_bytes"
  }
}
