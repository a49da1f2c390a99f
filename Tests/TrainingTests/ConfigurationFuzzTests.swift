import FuzzSupport
import RunFolder
import RunOptions
import Testing
import TrainingEvents

@testable import Training

/// Mutated configurations of runs: whatever can be read is trained or refused with a sentence.
@Suite struct ConfigurationFuzzTests {
  @Test func configurations() throws {
    var configuration = RunConfiguration(preset: .standard)
    configuration.source = .files(train: ["/data/train.jsonl"], dev: [], test: [])
    (configuration.padTo, configuration.freeze, configuration.unfreezeEvery) = (128, ["layer.0-1"], 2)
    var mutator = Mutator(seed: 13, spice: ["65537", "9223372036854775807", "\"layer.9-3\"", "1e38", "{", ",", "null"])
    let original = RunJSON.encode(configuration, pretty: true)
    let (taken, refused) = mutator.feed("configuration", rounds: Mutator.rounds(2000), inputs: [original]) { bytes in
      let read = try RunJSON.decode(RunConfiguration.self, from: bytes, path: "run.json")
      if let fault = read.fault { throw RunFailure(exitCode: 65, fault) }
      // What is let through can be planned.
      _ = try RunPreparation.plan(read)
      #expect(read.hidden.isMultiple(of: read.heads) && (3...65_536).contains(read.padTo ?? read.maxLength))
    }
    #expect(taken > 0 && refused > taken)
  }
}
