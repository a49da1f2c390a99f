import Testing
import TrainingEvents

@testable import RunOptions

/// Options that are fine one by one and do not go together.
@Suite struct FaultTests {
  private static let changes: [(String, @Sendable (inout RunConfiguration) -> Void)] = [
    ("--hidden 128 cannot be split over --heads 3", { $0.heads = 3 }),
    ("--parts is 6, but must be a power of two", { $0.parts = 6 }),
    ("--pad-to 100 is shorter than --max-length 128", { $0.padTo = 100 }),
    ("--piece-dropout is about pieces of words", { $0.pieceDropout = 0.1 }),
    ("both 0, so there is nothing to learn", { ($0.weightA, $0.weightB) = (0, 0) }),
    ("--learning-rate is 0", { $0.learningRate = 0 }),
    ("has no --normalization pre, --positions relative", { $0.encoder = "bert" }),
    ("--freeze names the whole encoder", { ($0.freeze, $0.unfreezeEvery) = (["encoder"], 1) }),
    ("--freeze names \"layer.2\", but the encoder has 2 layers", { $0.freeze = ["layer.2"] }),
  ]

  @Test(arguments: changes)
  func isNamed(sentence: String, change: @Sendable (inout RunConfiguration) -> Void) {
    var configuration = RunConfiguration(preset: .standard)
    #expect(configuration.fault == nil)
    change(&configuration)
    #expect(configuration.fault?.contains(sentence) == true)
  }
}
