import Foundation
import Testing
import Training
import TrainingEvents

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
    #expect(Set(report.parts.keys) == ["products", "attention", "row_operations", "optimizer", "collation", "idle"])
    #expect(abs(report.parts.values.reduce(0, +) - 1) < 0.01)
    #expect(report.peakResidentBytes > 1_000_000)
  }

  @Test(arguments: Preset.allCases) func presetsAreMeasuredToo(preset: Preset) throws {
    var configuration = RunConfiguration(preset: preset)
    configuration.hidden = 16
    configuration.heads = 2
    configuration.intermediate = 24
    if configuration.nGramBuckets != 0 { configuration.nGramBuckets = 50 }
    configuration.batchSize = 8
    let report = try Benchmark(configuration: configuration, steps: 3, warmupSteps: 1).run()
    #expect(report.preset == preset.rawValue && report.realTokensPerSecond > 0)
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
    let error = #expect(throws: BenchmarkFailure.self) {
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
