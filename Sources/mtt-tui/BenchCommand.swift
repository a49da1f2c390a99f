import ArgumentParser
import Foundation
import RunOptions
import Training
import TrainingEvents

/// `mtt-tui bench`: how fast this machine trains.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast this machine trains.",
    discussion: """
      Trains as a run does, for a number of steps, and prints a table or, with --log-format json, one JSON object. A \
      step's time holds everything it needs, collation and all members of an ensemble included; real tokens are those \
      that are not padding. The model has BERT's plain shape unless --preset or --encoder says otherwise; --scaling is \
      always about that shape. MTT_MAX_CPU_ISA=avx2 in the environment measures a processor with AVX-512 as if it had \
      AVX2 alone.

      EXAMPLES:
        mtt-tui bench
        mtt-tui bench --data corpora/snips --hidden 256 --layers 4
        mtt-tui bench --threads 1 --log-format json
        mtt-tui bench --scaling
        mtt-tui bench --wordpiece --encoder minilm
        mpirun -n 2 --host a,b --bind-to none mtt-tui bench --exchange 16
      """)

  @Option(
    help: ArgumentHelp("Folder of data, as for training (default: the demo corpus).", valueName: "dir"),
    completion: .directory)
  var data: String?

  @Option(help: ArgumentHelp("A named set of options, as for training.", valueName: "name"))
  var preset: Preset?

  @OptionGroup(title: "Model") var model: OptionTable<ModelSection>

  @Option(help: ArgumentHelp("Sentences in a batch.", valueName: "n"))
  var batchSize = Defaults.run.batchSize

  @Option(help: ArgumentHelp("Worker threads; 0 for one a core.", valueName: "n"))
  var threads = Defaults.run.threads

  @Option(help: ArgumentHelp("Number format of the matrix products.", valueName: "name"))
  var precision = Defaults.run.precision

  @Option(help: ArgumentHelp("What moves the weights, as for training.", valueName: "name"))
  var optimizer: RunConfiguration.Optimizer?

  @Option(parsing: .unconditional, help: ArgumentHelp("Timed steps.", valueName: "n"))
  var steps = 200

  @Option(parsing: .unconditional, help: ArgumentHelp("Steps before them, which are not counted.", valueName: "n"))
  var warmupSteps = 15

  @Option(help: ArgumentHelp("Seed of the weights, the order and dropout.", valueName: "n"))
  var seed = Defaults.run.seed

  @Flag(help: "Also measure how a step's time grows with batch, length, width and threads.")
  var scaling = false

  @Flag(help: "Measure only how fast one core splits text into WordPiece tokens, --encoder's or some made from train.")
  var wordpiece = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Measure only how long processes that mpirun, mpiexec or srun started take to add up so many megabytes of "
        + "gradients.", valueName: "MB"))
  var exchange: Double?

  @Option(
    help: ArgumentHelp("With --exchange: the MPI library (default: the one that fits the launcher).", valueName: "file")
  )
  var mpi: String?

  @Option(help: ArgumentHelp("text for a table, json for one JSON object.", valueName: "name"))
  var logFormat = DisplayOptions.LogFormat.text

  func validate() throws {
    try check("steps", steps, in: 1...1_000_000)
    try check("warmup-steps", warmupSteps, in: 0...1_000_000)
    if let exchange, !(0.001...10_000).contains(exchange) {
      throw ValidationError("--exchange is \(exchange), but must lie between 0.001 and 10000.")
    }
    if mpi != nil, exchange == nil { throw ValidationError("--mpi belongs to --exchange.") }
    if model.given["encoder"] != nil {
      let own = ["hidden", "layers", "heads", "intermediate"].filter { model.given[$0] != nil }.map { "--\($0)" }
      guard own.isEmpty else {
        throw ValidationError("A pretrained encoder brings its own shape: leave out \(own.joined(separator: ", ")).")
      }
      guard !scaling else {
        throw ValidationError("--scaling varies the shape, and --encoder has one of its own: leave one of them out.")
      }
    }
    if let fault = runConfiguration.fault { throw ValidationError("\(fault).") }
  }

  private var runConfiguration: RunConfiguration {
    var configuration =
      preset.map { RunConfiguration(preset: $0) } ?? (model.given["encoder"] == nil ? RunConfiguration() : .fineTuning)
    if let data { configuration.source = .folder(data) }
    model.apply(to: &configuration)
    configuration.batchSize = batchSize
    configuration.threads = threads
    configuration.precision = precision
    if let optimizer { configuration.optimizer = optimizer }
    configuration.seed = seed
    return configuration
  }

  func run() throws {
    if let exchange {
      return try ExchangeMeasurement.run(megabytes: exchange, library: mpi, threads: max(1, threads))
    }
    do {
      if wordpiece {
        let speed = try WordPieceBenchmark.tokensPerSecond(runConfiguration)
        let text =
          logFormat == .json
          ? "{\"wordpiece_tokens_per_second\":\(Int(speed))}\n" : "WordPiece         \(Int(speed)) tokens a second\n"
        try Failures.output(text)
        return
      }
      var report = try Benchmark(configuration: runConfiguration, steps: steps, warmupSteps: warmupSteps).run()
      if scaling { report.scaling = ScalingBenchmark(configuration: runConfiguration).run() }
      for remark in report.remarks { StandardStreams.writeError("mtt-tui: \(remark)\n") }
      let text =
        switch logFormat {
        case .json: try Self.json(report)
        case .text: Self.table(report)
        }
      try Failures.output(text)
    } catch let failure as RunFailure {
      StandardStreams.writeError("mtt-tui: \(failure)\n")
      throw ExitCode(failure.exitCode)
    }
  }

  private static func json(_ report: BenchmarkReport) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
  }

  private static func table(_ report: BenchmarkReport) -> String {
    func percent(_ share: Double) -> String { Format.fixed(100 * share, decimals: 1) + " %" }
    let threads = report.threads == 1 ? "1 thread" : "\(report.threads) threads"
    var rows = [
      ("data", report.data),
      (
        "model",
        "hidden \(report.hidden), \(report.layers) layers, \(report.heads) heads, "
          + "intermediate \(report.intermediate)\(report.preset.map { ", preset \($0)" } ?? "")"
          + "\(report.members > 1 ? ", \(report.members) members" : ""): \(report.parameters) parameters"
      ),
      ("encoder", report.encoder ?? "none: random weights"),
      (
        "work",
        "\(report.steps) steps of \(report.batchSize) sentences, \(threads), \(report.precision), "
          + report.instructionSet
      ),
      ("real tokens", "\(Int(report.realTokensPerSecond)) a second"),
      ("sentences", "\(Int(report.examplesPerSecond)) a second"),
      ("step, median", "\(Format.fixed(report.stepMillisecondsMedian, decimals: 2)) ms"),
      ("step, 95 %", "\(Format.fixed(report.stepMilliseconds95, decimals: 2)) ms"),
      (
        "model",
        "\(Format.fixed(report.modelGigaflops, decimals: 1)) GFLOP/s, "
          + "\(percent(report.modelFlopsUtilization)) of the products' \(Int(report.matmulPeakGigaflops))"
          + (report.operationsPerCycle.map { ", \(Format.fixed($0, decimals: 1)) operations a cycle" } ?? "")
      ),
      ("padding", percent(report.paddingRatio)),
      ("peak memory", "\(report.peakResidentBytes / 1_000_000) MB"),
    ]
    rows += report.parts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ("  \($0.key)", percent($0.value)) }
    let figures = rows.map { name, value in name.padding(toLength: 20, withPad: " ", startingAt: 0) + value + "\n" }
    return figures.joined() + (report.scaling.map(table) ?? "")
  }

  private static func table(_ scaling: [ScalingBenchmark.Row]) -> String {
    func cell(_ text: String) -> String { String(repeating: " ", count: max(1, 10 - text.count)) + text }
    var lines = [["varied", "batch", "length", "hidden", "threads", "step ms", "tokens/s", "GFLOP/s"]]
    for row in scaling {
      lines.append([
        row.varied.replacingOccurrences(of: "_size", with: ""), String(row.batchSize), String(row.length),
        String(row.hidden), String(row.threads), Format.fixed(row.stepMillisecondsMedian, decimals: 2),
        String(Int(row.tokensPerSecond)), Format.fixed(row.modelGigaflops, decimals: 0),
      ])
    }
    return "\n" + lines.map { $0.map(cell).joined() + "\n" }.joined()
  }
}
