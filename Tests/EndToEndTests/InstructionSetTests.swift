import Foundation
import Testing

/// The environment may hold the program to fewer instructions than the processor has; runs say what they were computed
/// with.
@Suite struct InstructionSetTests {
  private let folder: Folder

  init() throws {
    folder = try Folder()
    try folder.writeCorpus()
  }

  private func run(_ arguments: [String], limit: String?) throws -> Program.Result {
    let environment = Program.environment(limit.map { ["MTT_MAX_CPU_ISA": $0] } ?? [:])
    return Program.result(of: try Child(Program.path, arguments, in: folder, environment: environment))
  }

  private func train(_ arguments: [String], limit: String? = nil) throws -> Program.Result {
    try run(["--no-ui"] + arguments, limit: limit)
  }

  @Test func anUnknownSetIsRefused() throws {
    let result = try run(["bench"], limit: "abacus")
    #expect(result.exitCode == 64 && result.output.isEmpty)
    #expect(
      result.errors == "mtt-tui: MTT_MAX_CPU_ISA is abacus, but must be baseline, avx2 or avx512.\n", "\(result.errors)"
    )
  }

  @Test func aResumedRunSaysThatItGoesOnWithOthers() throws {
    let first = try train(
      ["--data", "corpus", "--epochs", "1", "--run-dir", "run"] + Program.tiny, limit: "Baseline")
    #expect(first.exitCode == 0, "\(first.errors)")
    #expect(try folder.text("run/run.json").contains("\"instructionSet\" : \"baseline\""))
    let same = try train(["--resume", "run", "--epochs", "2"], limit: "baseline")
    #expect(same.exitCode == 0 && !same.errors.contains("rounded otherwise"), "\(same.errors)")
    // Another version's sums.
    let manifest = try folder.text("run/run.json")
    let other = manifest.replacing(/"productOrder" : "\w+"/, with: "\"productOrder\" : \"other\"")
    #expect(other != manifest)
    try folder.write("run/run.json", other)
    let later = try train(["--resume", "run", "--epochs", "3"], limit: "baseline")
    #expect(later.exitCode == 0 && later.errors.contains("adds up matrix products in another order"), "\(later.errors)")
  }

  /// A model that was trained with bfloat16 products answers in float32 where the processor has none, and says so.
  @Test func whatCannotBeComputedAsItWasTrainedIsSaid() throws {
    let trained = try train(
      ["--data", "corpus", "--epochs", "1", "--run-dir", "run", "--precision", "bf16"] + Program.tiny, limit: "avx2")
    #expect(trained.exitCode == 0 && trained.errors.contains("does not multiply bfloat16 numbers"), "\(trained.errors)")
    let evaluated = try run(["evaluate", "run", "--split", "dev"], limit: "avx2")
    #expect(evaluated.exitCode == 0 && evaluated.errors.contains("does not multiply bfloat16 numbers"))
  }

  @Test func theBenchmarkNamesThem() throws {
    let arguments = ["bench", "--steps", "2", "--warmup-steps", "0", "--hidden", "16", "--layers", "1", "--heads", "2"]
    let table = try run(arguments, limit: "baseline")
    #expect(table.exitCode == 0 && table.lines.contains { $0.hasPrefix("work ") && $0.hasSuffix(", f32, baseline") })
    // bfloat16 belongs to AVX-512.
    let half = try run(arguments + ["--precision", "bf16", "--log-format", "json"], limit: "avx2")
    #expect(half.output.contains("\"precision\":\"f32\""), "\(half.output)\(half.errors)")
  }
}
