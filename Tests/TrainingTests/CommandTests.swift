import FolderSupport
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
    #expect(result.phases.prefix(6) == [.running, .pausing, .paused, .evaluating, .evaluating, .running])
    #expect(result.checkpoints.first?.step == 2)
    #expect(result.checkpoints.first?.reason == .requested)
    #expect(result.evaluations.first?.step == 2)
    #expect(result.evaluations.first?.isBest == false)
    #expect(result.steps.count == 6)
  }

  /// A terminal that leaves a paused run is named then, not when the run goes on.
  @Test func remarksAreHeardInAPause() async throws {
    let result = try await LoopHarness(epochs: 1).train { model, commands, _ in
      model.onStep = { step in
        guard step == 2 else { return }
        let line = LogLine(level: .info, text: "somebody has left", time: 7, step: 0)
        for command: TrainingCommand in [.pause, .remark(line), .resume] { commands.put(command) }
      }
    }
    let order = result.events.compactMap { event -> String? in
      switch event {
      case .log(let line) where line.text == "somebody has left": "left at \(line.time)"
      case .phaseChanged(let change): change.phase.rawValue
      default: nil
      }
    }
    #expect(order.prefix(5) == ["running", "pausing", "paused", "left at 7.0", "running"])
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

  /// The epoch's steps are in the checkpoint, and a resumed run evaluates again: it is the undisturbed one.
  @Test(arguments: [6, 12])
  func saveAndStopEndsAnEvaluationWithACheckpoint(step: Int) async throws {
    let whole = LoopHarness(epochs: 2)
    _ = try await whole.train()
    let harness = LoopHarness(epochs: 2)
    let first = try await harness.train { model, commands, _ in
      model.onAnswer = { if model.begun == step { commands.put(.stop(.saveAndStop)) } }
    }
    #expect(first.outcome.exitCode == 75)
    #expect(first.steps.count == step)
    #expect(first.evaluations.count == step / 6 - 1)
    #expect(first.checkpoints.last?.step == step && first.checkpoints.last?.reason == .stopping)
    let second = try await harness.train(resume: true)
    #expect(second.outcome.exitCode == 0)
    #expect(second.epochs.map(\.epoch) == Array(step / 6..<2))
    #expect(second.evaluations.map(\.step) == Array(stride(from: step, through: 12, by: 6)))
    #expect(try ResumeTests.metrics(harness) == ResumeTests.metrics(whole))
    let weights = "run/checkpoints/last/model.safetensors"
    #expect(harness.place.read(weights) == whole.place.read(weights))
  }

  @Test func anEvaluationDoesWhatIsAskedBetweenItsBatches() async throws {
    var asked = false
    let result = try await LoopHarness(epochs: 2).train { model, commands, _ in
      model.onAnswer = {
        guard !asked else { return }
        asked = true
        for command: TrainingCommand in [.pause, .setLearningRate(0.5), .evaluate, .checkpoint, .resume] {
          commands.put(command)
        }
      }
    }
    #expect(result.phases.prefix(6) == [.running, .evaluating, .pausing, .paused, .evaluating, .running])
    let place = { (matches: (TrainingEvent) -> Bool) in result.events.firstIndex(where: matches) }
    let changed = try #require(place { if case .parameterChanged = $0 { true } else { false } })
    let evaluated = try #require(place { if case .evaluated = $0 { true } else { false } })
    #expect(changed < evaluated)
    #expect(result.evaluations.count == 2)
    #expect(result.checkpoints.map(\.reason) == [.requested, .epoch, .finished])
  }

  @Test func anEvaluationAskedForInAPauseEndsInThePause() async throws {
    let result = try await LoopHarness(epochs: 1).train { model, commands, _ in
      model.onStep = { step in
        if step == 2 {
          commands.put(.pause)
          commands.put(.evaluate)
        }
      }
      var batches = 0
      model.onAnswer = {
        batches += 1
        // The last batch of six: the command is heard when the evaluation is over.
        if batches == 6 { commands.put(.resume) }
      }
    }
    #expect(result.phases.prefix(6) == [.running, .pausing, .paused, .evaluating, .paused, .running])
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

  /// As the command line refuses it.
  @Test func oneTaskKeepsAWeight() async throws {
    let result = try await LoopHarness(epochs: 1).train { _, commands, _ in
      commands.put(.setLossWeight(.words, 0))
      commands.put(.setLossWeight(.sentence, 0))
    }
    #expect(result.alerts.count == 1)
    #expect(result.alerts.first?.contains("task A cannot be set to 0") == true)
    #expect(result.steps.allSatisfy { $0.loss == $0.losses[.sentence] })
  }

  @Test func valuesThatMakeNoSenseAreRefused() async throws {
    let result = try await LoopHarness(epochs: 1).train { _, commands, _ in
      commands.put(.setLearningRate(.nan))
      commands.put(.setLearningRate(-1))
      commands.put(.setLossWeight(.words, .infinity))
    }
    #expect(result.alerts.count == 3)
    #expect(result.steps.allSatisfy { $0.loss == ($0.losses[.sentence] ?? .nan) + ($0.losses[.words] ?? .nan) })
  }
}
