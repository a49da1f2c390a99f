import FolderSupport
import Foundation
import MultiTaskTransformer
import RunFolder
import Testing
import TrainingEvents

@testable import Training

@Suite struct BenchmarkTests {
  private static var configuration: RunConfiguration {
    var configuration = RunConfiguration()
    configuration.hidden = 16
    configuration.layers = 1
    configuration.heads = 2
    configuration.intermediate = 24
    configuration.batchSize = 8
    configuration.threads = 2
    return configuration
  }

  @Test func figuresFitTogether() throws {
    let report = try Benchmark(configuration: Self.configuration, steps: 6, warmupSteps: 2).run()
    #expect(report.steps == 6 && report.warmupSteps == 2 && report.batchSize == 8 && report.threads == 2)
    // Every sentence has [CLS], a word and [SEP] at least.
    #expect(report.realTokensPerSecond >= 3 * report.examplesPerSecond)
    #expect(report.stepMilliseconds95 >= report.stepMillisecondsMedian && report.stepMillisecondsMedian > 0)
    #expect((0..<1).contains(report.paddingRatio))
    #expect(abs(report.modelFlopsUtilization * report.matmulPeakGigaflops / report.modelGigaflops - 1) < 1e-9)
    #expect(report.matmulPeakGigaflops > 1 && report.modelGigaflops > 0)
    let products = ["forward_products", "input_gradients", "weight_gradients"]
    let others = ["attention", "row_operations", "optimizer", "collation", "idle"]
    #expect(Set(report.parts.keys) == Set(products + others))
    #expect(abs(report.parts.values.reduce(0, +) - 1) < 0.01)
    #expect(report.peakResidentBytes > 1_000_000)
    #expect(report.instructionSet == MultiTaskModel.instructionSet)
    // A counter that is not allowed is no counter that reads 0.
    #expect(report.operationsPerCycle.map { $0 > 0 } ?? true)
  }

  /// The model that is measured is the one that a run trains.
  @Test(arguments: Preset.allCases) func presetsAreMeasuredWhole(preset: Preset) throws {
    let place = TemporaryFolder()
    var configuration = RunConfiguration(preset: preset)
    configuration.hidden = 16
    configuration.heads = 2
    configuration.intermediate = 24
    if configuration.nGramBuckets != 0 { configuration.nGramBuckets = 50 }
    configuration.batchSize = 8
    let report = try Benchmark(configuration: configuration, steps: 3, warmupSteps: 1).run()
    configuration.runDirectory = place.path + "/run"
    let run = try RunPreparation.prepare(.new(configuration))
    #expect(report.preset == preset.rawValue && report.members == run.configuration.members)
    #expect(report.parameters == run.description.parameterCount)
  }

  @Test func aPretrainedEncoderIsMeasured() throws {
    let place = TemporaryFolder()
    let shape = ModelConfiguration(
      vocabularySize: 8, hiddenSize: 8, layerCount: 3, headCount: 2, intermediateSize: 12, maxPositions: 130,
      sentenceClassCount: 1, tagCount: 1)
    let tensors = MultiTaskModel(configuration: shape, seed: 11, threads: 1, shares: 1).parameters()
      .filter { !$0.name.hasPrefix("classifier.") }
    place.write(RunJSON.encode(shape), to: "config.json")
    place.write(Array("[PAD]\n[UNK]\n[CLS]\n[SEP]\na\nb\nc\nd\n".utf8), to: "vocab.txt")
    try SafetensorsWriter.write(
      tensors.map { StoredTensor(name: $0.name, shape: $0.shape, values: .f32($0.values)) },
      to: place.path + "/model.safetensors")
    var configuration = Self.configuration
    configuration.encoder = place.path
    let report = try Benchmark(configuration: configuration, steps: 1, warmupSteps: 0).run()
    #expect(report.encoder == place.path && report.layers == 3 && report.hidden == 8)
    let ownCount = tensors.reduce(0) { $0 + $1.values.count }
    #expect(report.parameters > ownCount && report.parameters < ownCount + 2000)

    configuration.encoder = "/there/is/no/such/folder"
    let failure = #expect(throws: RunFailure.self) {
      try Benchmark(configuration: configuration, steps: 1, warmupSteps: 0).run()
    }
    #expect(failure?.exitCode == 66 && failure?.description.contains("/there/is/no/such/folder") == true)
  }

  /// A feed-forward so narrow that scaling it down would leave nothing of it.
  @Test func narrowFeedForwardsScaleToo() {
    var configuration = Self.configuration
    configuration.hidden = 128
    configuration.intermediate = 1
    configuration.batchSize = 1
    configuration.threads = 1
    let rows = ScalingBenchmark(configuration: configuration, steps: 1).run()
    #expect(rows.filter { $0.varied == "hidden" }.map(\.hidden) == [64, 128, 256, 384, 512])
  }

  @Test func encodedKeysAreTheDocumentedOnes() throws {
    let report = try Benchmark(configuration: Self.configuration, steps: 1, warmupSteps: 0).run()
    let object = try #require(
      JSONSerialization.jsonObject(with: try JSONEncoder().encode(report)) as? [String: Any])
    let documented: Set<String> = [
      "real_tokens_per_second", "examples_per_second", "step_ms_p50", "step_ms_p95", "matmul_peak_gflops",
      "model_flops_utilization", "padding_ratio", "peak_rss_bytes", "parts",
    ]
    #expect(documented.isSubset(of: object.keys))
  }

  @Test func missingDataIsNamed() {
    var configuration = Self.configuration
    configuration.source = .folder("/there/is/no/such/folder")
    let error = #expect(throws: RunFailure.self) {
      try Benchmark(configuration: configuration, steps: 1, warmupSteps: 0).run()
    }
    #expect(error?.exitCode == 66 && error?.description.contains("/there/is/no/such/folder") == true)
  }

  @Test func scalingVariesOneSizeAtATime() {
    var configuration = Self.configuration
    configuration.hidden = 8
    configuration.batchSize = 2
    let rows = ScalingBenchmark(configuration: configuration, steps: 1).run()
    #expect(Set(rows.map(\.varied)) == ["batch_size", "length", "hidden", "threads"])
    #expect(rows.filter { $0.varied == "length" }.map(\.length) == [8, 16, 32, 64, 128, 256, 512])
    #expect(rows.filter { $0.varied == "threads" }.map(\.threads) == [1, 2])
    for row in rows {
      let perSecond = Double(row.batchSize * row.length) / row.stepMillisecondsMedian * 1e3
      #expect(abs(row.tokensPerSecond / perSecond - 1) < 1e-9)
      #expect(row.varied == "batch_size" || row.batchSize == 2)
      #expect(row.varied == "hidden" || row.hidden == 8)
    }
  }
}
