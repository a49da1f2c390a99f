import FolderSupport
import Glibc
import RunFolder
import Testing
import TrainingEvents

@testable import Training

@Suite struct FailureTests {
  /// Takes the checkpoints folder's place, so that nothing can be written there, and gives it back.
  private func block(_ harness: LoopHarness) {
    rename(harness.run + "/checkpoints", harness.run + "/aside")
    harness.place.write([], to: "run/checkpoints")
  }

  private func unblock(_ harness: LoopHarness) {
    unlink(harness.run + "/checkpoints")
    rename(harness.run + "/aside", harness.run + "/checkpoints")
  }

  @Test func trainingGoesOnAndTriesAgainByItself() async throws {
    let harness = LoopHarness(epochs: 2)
    let result = try await harness.train { model, _, loop in
      loop.secondsBetweenTries = 0
      model.onStep = {
        loop.settleCheckpoint()
        if $0 == 6 { block(harness) }
        if $0 == 9 { unblock(harness) }
      }
    }
    #expect(result.outcome.exitCode == 0)
    #expect(result.steps.count == 12)
    #expect(result.alerts.count >= 1)
    #expect(result.alerts.allSatisfy { $0.contains("could not be written") })
    #expect(result.checkpoints.map(\.step) == [9, 12])
    // The first epoch's model was the best, but is nowhere: the second's takes its place.
    #expect(result.checkpoints.last?.isBest == true)
    #expect(result.evaluations.map(\.isBest) == [true, true])
  }

  @Test func theLastGoodCheckpointIsNamedAndUntouched() async throws {
    let harness = LoopHarness(epochs: 3)
    let result = try await harness.train { model, _, loop in
      model.onStep = {
        loop.settleCheckpoint()
        if $0 == 12 { block(harness) }
      }
      // The last epoch's end.
      model.onAnswer = { if model.begun == 18 { unblock(harness) } }
    }
    #expect(result.outcome.exitCode == 0)
    #expect(result.checkpoints.map(\.step) == [6, 18])
    let folder = try RunFolder.open(harness.run)
    #expect(try folder.checkpoints.open(step: 6).step == 6)
  }

  @Test func aFolderDeletedUnderWayIsMadeAnewAndResumedExactly() async throws {
    let whole = LoopHarness(epochs: 3)
    let undisturbed = try await whole.train()
    let harness = LoopHarness(epochs: 3)
    let first = try await harness.train { model, commands, loop in
      model.onStep = {
        if $0 == 8 {
          loop.settleCheckpoint()
          TemporaryFolder.remove(harness.run)
        }
        if $0 == 14 { commands.put(.stop(.stopNow)) }
      }
    }
    #expect(first.checkpoints.map(\.step) == [6, 12])
    #expect(first.alerts.contains { $0.contains("deleted") } && first.alerts.contains { $0.contains("metrics.jsonl") })
    let second = try await harness.train(resume: true)
    #expect(second.steps.first?.step == 13)
    #expect(second.model.weight == undisturbed.model.weight)
    // The first epoch's model, the best, went with the folder.
    #expect(first.evaluations.map(\.isBest) == [true, true])
    #expect(first.checkpoints.map(\.isBest) == [true, true])
    #expect(
      try ResumeTests.metrics(harness, marksBest: false) == ResumeTests.metrics(whole, marksBest: false))
  }

  /// A model that nobody has any more is not what later ones are measured by.
  @Test func aLostBestCheckpointIsForgotten() async throws {
    let harness = LoopHarness(epochs: 3)
    let result = try await harness.train { model, _, loop in
      model.onStep = {
        guard $0 == 8 else { return }
        loop.settleCheckpoint()
        TemporaryFolder.remove(harness.run + "/checkpoints/step-0000006")
      }
    }
    #expect(result.evaluations.map(\.isBest) == [true, true, false])
    #expect(result.alerts.count == 1 && result.alerts.first?.contains("step 6") == true)
    let store = RunFolder.checkpoints(ofRunIn: harness.run)
    #expect(store.step(of: .best) == 12)
    #expect(result.outcome.message.contains("step 12"))
  }

  /// Deleted, and another run begun at the same path: training goes on and touches nothing of it.
  @Test func aFolderThatAnotherRunHasTakenIsLeftAlone() async throws {
    let harness = LoopHarness(epochs: 1)
    var other: RunFolder?
    let result = try await harness.train { model, _, loop in
      model.onStep = {
        guard $0 == 3 else { return }
        TemporaryFolder.remove(harness.run)
        var manifest = loop.folder.manifest
        manifest.created += 1
        other = try? RunFolder.create(at: harness.run, manifest: manifest)
      }
    }
    #expect(result.outcome.exitCode == 73)
    #expect(result.steps.count == 6)
    #expect(result.alerts.count == 1)
    #expect(other?.checkpoints.steps == [])
    #expect(!harness.place.exists("run/metrics.jsonl"))
  }

  @Test func aRunThatCannotSaveItsEndSaysSo() async throws {
    let harness = LoopHarness(epochs: 1)
    let result = try await harness.train { model, _, _ in
      model.onStep = { if $0 == 4 { block(harness) } }
    }
    #expect(result.outcome.exitCode == 73)
    #expect(result.outcome.message.contains("step 6"))
    // There is no checkpoint to go on from.
    #expect(result.outcome.message.contains("Begin again with: mtt-tui --resume"))
    unblock(harness)
    let second = try await harness.train(resume: true)
    #expect(second.outcome.exitCode == 0)
  }

  @Test func stoppingWithoutBeingAbleToSaveSaysSo() async throws {
    let harness = LoopHarness(epochs: 2)
    let result = try await harness.train { model, commands, loop in
      model.onStep = {
        if $0 == 8 {
          loop.settleCheckpoint()
          block(harness)
          commands.put(.stop(.saveAndStop))
        }
      }
    }
    #expect(result.outcome.exitCode == 73)
    unblock(harness)
  }

  /// Where `outcome.json` cannot be written, somebody hears of it.
  @Test func anEndThatCannotBeWrittenIsSaid() async throws {
    let (data, place) = (TemporaryFolder(), TemporaryFolder())
    TinyData.write(to: data)
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.epochs = 100_000
    let engine = TrainingEngine(.new(configuration))
    var alerts: [String] = []
    for await event in engine.events {
      if case .alert(let line) = event { alerts.append(line.text) }
      if case .epochCompleted = event, !place.exists("run/outcome.json") {
        place.makeFolder("run/outcome.json")
        place.makeFolder("run/outcome.json/full")
        engine.send(.stop(.stopNow))
      }
    }
    #expect(alerts.contains { $0.contains("outcome.json") && $0.contains("look like one that has crashed") })
  }
}
