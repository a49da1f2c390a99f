import Testing
import TrainingEvents

@testable import Training

@Suite struct CommandTests {
  @Test func pauseHoldsBetweenTwoStepsUntilResume() async throws {
    let result = try await LoopHarness(epochs: 1).train { model, commands, _ in
      model.onStep = { step in
        if step == 2 {
          commands.put(.pause)
          commands.put(.checkpoint)
          commands.put(.evaluate)
          commands.put(.resume)
        }
      }
    }
    #expect(result.phases.prefix(6) == [.running, .pausing, .paused, .evaluating, .paused, .running])
    #expect(result.checkpoints.first?.step == 2)
    #expect(result.checkpoints.first?.reason == .requested)
    #expect(result.evaluations.first?.step == 2)
    #expect(result.evaluations.first?.isBest == false)
    #expect(result.steps.count == 6)
  }

  @Test func saveAndStopWritesACheckpointAndSaysHowToGoOn() async throws {
    let harness = LoopHarness(epochs: 2)
    let result = try await harness.train { model, commands, _ in
      model.onStep = { if $0 == 8 { commands.put(.stop(.saveAndStop)) } }
    }
    #expect(result.outcome.exitCode == 75)
    #expect(result.steps.count == 8)
    #expect(result.checkpoints.last?.step == 8)
    #expect(result.checkpoints.last?.reason == .stopping)
    #expect(result.outcome.message.contains("\(harness.run)/checkpoints/step-0000008"))
    #expect(result.outcome.message.contains("--resume \(harness.run)"))
  }

  @Test func stopNowWritesNothingMore() async throws {
    let result = try await LoopHarness(epochs: 2).train { model, commands, _ in
      model.onStep = { if $0 == 8 { commands.put(.stop(.stopNow)) } }
    }
    #expect(result.outcome.exitCode == 75)
    #expect(result.steps.count == 8)
    #expect(result.checkpoints.map(\.step) == [6])
    #expect(result.outcome.message.contains("step-0000006"))
  }

  @Test func stopNowEndsAnEvaluation() async throws {
    let result = try await LoopHarness(epochs: 2).train { model, commands, _ in
      model.onAnswer = { commands.put(.stop(.stopNow)) }
    }
    #expect(result.outcome.exitCode == 75)
    #expect(result.evaluations.isEmpty)
    #expect(result.checkpoints.isEmpty)
  }

  @Test func finishEpochResumesAPausedRunAndTrainsToItsEnd() async throws {
    let result = try await LoopHarness(epochs: 3).train { model, commands, _ in
      model.onStep = {
        if $0 == 8 {
          commands.put(.pause)
          commands.put(.stop(.finishEpoch))
        }
      }
    }
    #expect(result.outcome.exitCode == 75)
    #expect(result.steps.count == 12)
    #expect(result.evaluations.count == 2)
    #expect(result.checkpoints.last?.step == 12)
    #expect(result.phases.contains(.stopping))
  }

  @Test func learningRateIsScaledFromTheNextStepOn() async throws {
    var harness = LoopHarness(epochs: 2)
    harness.configuration.warmup = 0
    harness.configuration.schedule = .linear
    harness.configuration.learningRate = 1
    let result = try await harness.train { model, commands, _ in
      model.onStep = { if $0 == 4 { commands.put(.setLearningRate(0.1)) } }
    }
    let rates = result.steps.map(\.learningRate)
    #expect(abs(rates[3] - 9.0 / 12) < 1e-12)
    #expect(abs(rates[4] - 0.1) < 1e-12)
    #expect(abs(rates[5] - 0.1 * 7 / 8) < 1e-12)
    let change = result.events.compactMap { if case .parameterChanged(let it) = $0 { it } else { nil } }
    #expect(change.count == 1)
    #expect(change.first?.step == 4)
    #expect(change.first?.new == 0.1)
  }

  @Test func valuesThatMakeNoSenseAreRefused() async throws {
    let result = try await LoopHarness(epochs: 1).train { _, commands, _ in
      commands.put(.setLearningRate(.nan))
      commands.put(.setLearningRate(-1))
      commands.put(.setLossWeight(.tokenTagging, .infinity))
    }
    #expect(result.alerts.count == 3)
    #expect(result.steps.allSatisfy { $0.loss == $0.lossA + $0.lossB })
  }
}
