import FolderSupport
import RunFolder
import Testing
import TrainingEvents

@testable import Training

@Suite struct TrainingLoopTests {
  @Test func visitsEveryBatchOfEveryEpochInOrder() async throws {
    let result = try await LoopHarness(epochs: 3).train()
    #expect(result.outcome.exitCode == 0)
    #expect(result.steps.map(\.step) == Array(1...18))
    #expect(
      result.steps.map(\.epoch) == [Int](repeating: 0, count: 6) + [Int](repeating: 1, count: 6)
        + [Int](repeating: 2, count: 6))
    #expect(result.steps.prefix(6).map(\.batch) == [1, 2, 3, 4, 5, 6])
    #expect(result.steps.allSatisfy { $0.batches == 6 && $0.applied && $0.sentences == 4 })
    #expect(result.model.applied.count == 18)
    #expect(Set(result.model.applied.map(\.key)).count == 18)
  }

  @Test func epochFiguresAreSumsOverItsBatches() async throws {
    let result = try await LoopHarness(epochs: 2).train()
    #expect(result.epochs.map(\.epoch) == [0, 1])
    for epoch in result.epochs {
      let steps = result.steps.filter { $0.epoch == epoch.epoch }
      let losses = steps.map(\.loss)
      let wordLosses = steps.map { $0.losses[.words] ?? .nan }
      #expect(epoch.averageLoss == losses.reduce(0, +) / 6)
      #expect(epoch.averageLosses[.words] == wordLosses.reduce(0, +) / 6)
      #expect(epoch.counts.total[.sentence] == 24)
      #expect(epoch.counts.total[.words] == 8 * 4 + 8 * 4 + 8 * 2)
    }
  }

  @Test func eachEpochEndsWithEvaluationThenCheckpoint() async throws {
    let result = try await LoopHarness(epochs: 2).train()
    let order = result.events.compactMap { event -> String? in
      switch event {
      case .epochCompleted: "epoch"
      case .evaluated: "evaluated"
      case .checkpointWritten(let record): record.reason.rawValue
      default: nil
      }
    }
    #expect(order == ["epoch", "evaluated", "epoch", "epoch", "evaluated", "finished"])
    #expect(result.phases == [.running, .evaluating, .running, .evaluating, .running, .finished])
    // The same answers each time: the first stays the best.
    #expect(result.evaluations.map(\.isBest) == [true, false])
    #expect(result.checkpoints.map(\.isBest) == [true, false])
  }

  /// The newest model is the one to use; it is not called the best, as nothing was compared.
  @Test func withoutDevTheNewestEpochIsUsed() async throws {
    let harness = LoopHarness(dev: false, epochs: 2)
    let result = try await harness.train()
    #expect(result.evaluations.isEmpty)
    #expect(result.checkpoints.map(\.isBest) == [false, false])
    let store = try RunFolder.open(harness.run).checkpoints
    #expect(store.step(of: .best) == result.checkpoints.last?.step)
    #expect(result.outcome.exitCode == 0)
  }

  @Test func lossIsWeighted() async throws {
    var harness = LoopHarness(epochs: 1)
    harness.configuration.weightA = 2
    harness.configuration.weightB = 0.5
    let result = try await harness.train()
    for step in result.steps {
      let sentence = try #require(step.losses[.sentence])
      let words = try #require(step.losses[.words])
      #expect(step.loss == 2 * sentence + 0.5 * words)
    }
  }

  @Test(arguments: [true, false])
  func aStepThatIsNotFiniteIsLeftOut(loss: Bool) async throws {
    let result = try await LoopHarness(epochs: 1).train { model, _, _ in
      if loss { model.nanSteps = [3] } else { model.infiniteSteps = [3] }
    }
    #expect(result.outcome.exitCode == 0)
    #expect(result.steps.map(\.applied) == [true, true, false, true, true, true])
    #expect(result.model.applied.count == 5)
    #expect(result.alerts.count == 1)
    #expect(result.epochs.allSatisfy { $0.averageLoss.isFinite && $0.counts.total[.sentence] == 20 })
  }

  @Test func tooManySuchStepsInARowEndTheRun() async throws {
    var harness = LoopHarness(epochs: 2)
    harness.configuration.divergenceLimit = 3
    harness.configuration.checkpointEvery = 1
    let result = try await harness.train { model, _, loop in
      model.nanSteps = [2, 4, 5, 6, 7]
      model.onStep = { _ in loop.settleCheckpoint() }
    }
    #expect(result.outcome.exitCode == 76)
    #expect(result.steps.count == 6)
    #expect(result.outcome.message.contains("step-0000003"))
    #expect(result.epochs.isEmpty)
    // Nothing was saved while steps were being left out.
    #expect(result.checkpoints.map(\.step) == [1, 3])
  }

  @Test func intervalCheckpointsGiveWayToTheEpochsOwn() async throws {
    var harness = LoopHarness(epochs: 2)
    harness.configuration.checkpointEvery = 3
    let result = try await harness.train { model, _, loop in
      model.onStep = { _ in loop.settleCheckpoint() }
    }
    #expect(result.checkpoints.map(\.step) == [3, 6, 9, 12])
    #expect(result.checkpoints.map(\.reason) == [.interval, .epoch, .interval, .finished])
  }

  /// Fewer steps than it takes to be called diverged, and none of them learned anything.
  @Test func aRunWithoutOneAppliedUpdateHasDiverged() async throws {
    let result = try await LoopHarness(epochs: 1).train { model, _, _ in model.nanSteps = Set(1...6) }
    #expect(result.steps.count == 6)
    #expect(result.outcome.exitCode == 76)
    #expect(result.outcome.message.contains("not one update of its 6 steps"))
  }

  @Test func updatesThatWereLeftOutAreCounted() async throws {
    let result = try await LoopHarness(epochs: 1).train { model, _, _ in model.nanSteps = [2, 5] }
    #expect(result.outcome.exitCode == 0)
    #expect(result.outcome.message.contains("2 of 6 updates were left out"))
  }

  /// Weights that rise let no later epoch look worse, and weights that fall none look better.
  @Test(arguments: [5.0, 0.2])
  func theBestByLossIsComparedUnderOneWeighting(weight: Double) async throws {
    var harness = LoopHarness(epochs: 3)
    harness.configuration.selectBy = .loss
    let result = try await harness.train { model, commands, _ in
      model.onStep = {
        // The loss of CountingModel falls from step to step, and rises in the last epoch.
        if $0 == 13 { model.weight = 2 }
        // Higher weights make a better model look worse, lower ones a worse model better.
        if $0 == (weight > 1 ? 8 : 14) {
          commands.put(.setLossWeight(.sentence, weight))
          commands.put(.setLossWeight(.words, weight))
        }
      }
    }
    let losses = result.evaluations.compactMap(\.losses[.sentence])
    #expect(losses.count == 3 && losses[1] < losses[0] && losses[2] > losses[0])
    #expect(result.evaluations.map(\.isBest) == [true, true, false])
  }

  @Test func theBestIsKnownWithItsFigures() async throws {
    let harness = LoopHarness(epochs: 2)
    let first = try await harness.train()
    let state = try #require(harness.place.text("run/checkpoints/last/state.json"))
    #expect(state.contains("\"exactMatch\""))
    #expect(!state.contains("breakdown"))
    #expect(first.evaluations.first?.breakdowns[.sentence] != nil)
  }
}
