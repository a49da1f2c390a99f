import FolderSupport
import RunFolder
import Testing
import TrainingEvents

@testable import Training

@Suite struct ResumeTests {
  /// metrics.jsonl as records with every wall-clock value taken out.
  ///
  /// `marksBest`: whether evaluations keep what says that they were the best so far.
  static func metrics(_ harness: LoopHarness, marksBest: Bool = true) throws -> [MetricLine] {
    let bytes = try #require(harness.place.read("run/metrics.jsonl"))
    return try bytes.split(separator: UInt8(ascii: "\n")).map { line in
      switch try MetricLine(json: line, path: "metrics.jsonl") {
      case .step(var step):
        step.seconds = 0
        step.elapsed = 0
        return .step(step)
      case .epoch(var epoch):
        epoch.seconds = 0
        return .epoch(epoch)
      case .evaluation(var evaluation):
        evaluation.seconds = 0
        if !marksBest { evaluation.isBest = false }
        return .evaluation(evaluation)
      case .parameter(let change): return .parameter(change)
      case .gradients(var sample):
        sample.seconds = 0
        return .gradients(sample)
      }
    }
  }

  @Test(arguments: [1, 4, 5, 6, 7, 11, 13, 17])
  func stoppedAnywhereAndResumedItIsTheSameRun(stop: Int) async throws {
    let whole = LoopHarness(epochs: 3)
    let undisturbed = try await whole.train()
    let parts = LoopHarness(epochs: 3)
    let first = try await parts.train { model, commands, _ in
      model.onStep = { if $0 == stop { commands.put(.stop(.saveAndStop)) } }
    }
    #expect(first.outcome.exitCode == 75)
    let second = try await parts.train(resume: true)
    #expect(second.outcome.exitCode == 0)
    #expect(second.steps.first?.step == stop + 1)
    #expect(second.model.weight == undisturbed.model.weight)
    #expect(first.model.applied.map(\.rate) + second.model.applied.map(\.rate) == undisturbed.model.applied.map(\.rate))
    #expect(try Self.metrics(parts) == Self.metrics(whole))
    let last = "run/checkpoints/last/"
    #expect(parts.place.read(last + "model.safetensors") == whole.place.read(last + "model.safetensors"))
    #expect(parts.place.read(last + "optimizer.safetensors") == whole.place.read(last + "optimizer.safetensors"))
  }

  @Test func stepsAfterTheLastCheckpointAreDoneAgainAndTheirLinesReplaced() async throws {
    let whole = LoopHarness(epochs: 2)
    _ = try await whole.train()
    let parts = LoopHarness(epochs: 2)
    _ = try await parts.train { model, commands, _ in
      model.onStep = { if $0 == 9 { commands.put(.stop(.stopNow)) } }
    }
    let second = try await parts.train(resume: true)
    #expect(second.steps.first?.step == 7)
    #expect(try Self.metrics(parts) == Self.metrics(whole))
  }

  @Test func aRunWithoutCheckpointBeginsAgain() async throws {
    let whole = LoopHarness(epochs: 1)
    let undisturbed = try await whole.train()
    let parts = LoopHarness(epochs: 1)
    _ = try await parts.train { model, commands, _ in
      model.onStep = { if $0 == 3 { commands.put(.stop(.stopNow)) } }
    }
    let second = try await parts.train(resume: true)
    #expect(second.steps.first?.step == 1)
    #expect(second.model.weight == undisturbed.model.weight)
    #expect(try Self.metrics(parts) == Self.metrics(whole))
  }

  @Test func steeredValuesAreKept() async throws {
    let parts = LoopHarness(epochs: 2)
    let first = try await parts.train { model, commands, _ in
      model.onStep = {
        if $0 == 4 {
          commands.put(.setLearningRate(0.01))
          commands.put(.setLossWeight(.words, 0.25))
          commands.put(.stop(.saveAndStop))
        }
      }
    }
    let rate = try #require(
      first.events.compactMap { if case .parameterChanged(let it) = $0 { it.new } else { nil } }.first)
    let second = try await parts.train(resume: true)
    #expect(abs((second.steps.first?.learningRate ?? 0) - rate) < 1e-12)
    for step in second.steps {
      let sentence = try #require(step.losses[.sentence])
      let words = try #require(step.losses[.words])
      #expect(step.loss == sentence + 0.25 * words)
    }
  }

  @Test func theBestOfBeforeStaysTheBest() async throws {
    let parts = LoopHarness(epochs: 2)
    _ = try await parts.train { model, commands, _ in
      model.onStep = { if $0 == 8 { commands.put(.stop(.saveAndStop)) } }
    }
    let second = try await parts.train(resume: true)
    #expect(second.evaluations.map(\.isBest) == [false])
    let store = try RunFolder.open(parts.run).checkpoints
    #expect(store.step(of: .best) == 6)
    #expect(store.step(of: .last) == 12)
  }
}
