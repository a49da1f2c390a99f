import Dispatch
import RunFolder
import Synchronization
import Testing
import TrainingEvents

@testable import Training

/// Checkpoints are written beside training, one at a time; whoever needs one on disk waits for it.
@Suite(.timeLimit(.minutes(10))) struct CheckpointWriterTests {
  /// A disk that takes a checkpoint only once it is let through, or says that it is full.
  private final class SlowDisk: Sendable {
    let gate = DispatchSemaphore(value: 0)
    let isFull = Mutex(false)
    let steps = Mutex<[Int]>([])

    func writer(_ folder: RunFolder) -> CheckpointWriter {
      let store = folder.checkpoints
      return CheckpointWriter { (request, files) throws(RunFolderError) in
        // Long enough for any machine; a run that waits where it should not ends all the same.
        let isOpen = self.gate.wait(timeout: .now() + 60) == .success
        if !isOpen || self.isFull.withLock({ $0 }) {
          throw RunFolderError(kind: .cannotWrite, description: "the disk is full")
        }
        self.steps.withLock { $0.append(request.state.step) }
        let written = try store.write(step: request.state.step, files: files)
        if request.isBest { try store.point(.best, at: request.state.step) }
        return written
      }
    }
  }

  /// The write that begins at step 1 ends at step 5, on the same thread's word: were training to wait for it, neither
  /// would ever end.
  @Test func trainingGoesOnMeanwhile() async throws {
    var harness = LoopHarness(epochs: 2)
    harness.configuration.checkpointEvery = 1
    let disk = SlowDisk()
    harness.writer = disk.writer
    let result = try await harness.train { model, _, loop in
      model.onStep = { step in
        if step == 5 {
          disk.gate.signal()
          loop.settleCheckpoint()
          for _ in 0..<100 { disk.gate.signal() }
        }
        if step > 5 { loop.settleCheckpoint() }
      }
    }
    #expect(result.outcome.exitCode == 0)
    // What fell due at steps 2 to 4 comes once, as soon as the disk is free; the epochs' own are never left out.
    #expect(result.checkpoints.map(\.step) == [1, 5, 6, 7, 8, 9, 10, 11, 12])
    #expect(disk.steps.withLock { $0 } == result.checkpoints.map(\.step))
  }

  /// What is written is the moment it was begun, whatever training does to the model meanwhile.
  @Test func aCheckpointIsOfTheStepItWasBegunAt() async throws {
    var harness = LoopHarness(epochs: 1)
    harness.configuration.checkpointEvery = 2
    let disk = SlowDisk()
    harness.writer = disk.writer
    let weight = Mutex<Float>(0)
    let result = try await harness.train { model, _, _ in
      model.onStep = { step in
        if step == 3 { weight.withLock { $0 = model.weight } }
        if step == 6 { for _ in 0..<9 { disk.gate.signal() } }
      }
    }
    #expect(result.checkpoints.first?.step == 2)
    let checkpoint = try RunFolder.open(harness.run).checkpoints.open(step: 2)
    let tensors = try checkpoint.tensors("model.safetensors")
    #expect(try tensors.floats(try #require(tensors.entry("weight"))) == [weight.withLock { $0 }])
    #expect(result.model.weight != weight.withLock { $0 })
  }

  @Test func stoppingWaitsForTheDisk() async throws {
    for (mode, last) in [(StopMode.saveAndStop, 4), (.stopNow, 3)] {
      var harness = LoopHarness(epochs: 1)
      harness.configuration.checkpointEvery = 3
      let disk = SlowDisk()
      harness.writer = disk.writer
      let result = try await harness.train { model, commands, _ in
        model.onStep = { step in
          guard step == 4 else { return }
          commands.put(.stop(mode))
          DispatchQueue.global().async { for _ in 0..<9 { disk.gate.signal() } }
        }
      }
      #expect(result.outcome.exitCode == 75)
      #expect(result.checkpoints.map(\.step) == Array(3...last))
      #expect(result.outcome.message.contains("step-000000\(last)"))
    }
  }

  @Test func pausingTellsOfTheCheckpointInFlightFirst() async throws {
    var harness = LoopHarness(epochs: 1)
    harness.configuration.checkpointEvery = 2
    let disk = SlowDisk()
    harness.writer = disk.writer
    let result = try await harness.train { model, commands, _ in
      model.onStep = { step in
        guard step == 3 else { return }
        for command in [TrainingCommand.pause, .checkpoint, .resume] { commands.put(command) }
        for _ in 0..<9 { disk.gate.signal() }
      }
    }
    let order = result.events.compactMap { event -> String? in
      switch event {
      case .checkpointWritten(let record): "\(record.step) \(record.reason)"
      case .phaseChanged(let change) where change.phase == .paused || change.phase == .running: change.phase.rawValue
      default: nil
      }
    }
    #expect(order.prefix(5) == ["running", "2 interval", "paused", "3 requested", "running"])
  }

  /// A disk that is full is reported once, not at each of the steps at which a checkpoint falls due, and tried again when
  /// the time has come.
  @Test func afterAFailureItTriesAgainByTheClock() async throws {
    var harness = LoopHarness(epochs: 1)
    harness.configuration.checkpointEvery = 1
    let disk = SlowDisk()
    harness.writer = disk.writer
    for _ in 0..<99 { disk.gate.signal() }
    let time = Mutex(0.0)
    harness.now = { time.withLock { $0 } }
    let result = try await harness.train { model, _, loop in
      disk.isFull.withLock { $0 = true }
      loop.secondsBetweenTries = 30
      model.onStep = { step in
        loop.settleCheckpoint()
        time.withLock { $0 += 10 }
        if step == 3 { disk.isFull.withLock { $0 = false } }
      }
    }
    #expect(result.outcome.exitCode == 0)
    #expect(result.alerts.count == 1, "\(result.alerts)")
    #expect(result.checkpoints.map(\.step) == [4, 5, 6])
  }

  @Test func minutesAreCountedFromTheLastCheckpointOnTheClockThatNeverGoesBack() async throws {
    var harness = LoopHarness(epochs: 2)
    harness.configuration.checkpointMinutes = 1
    let time = Mutex(0.0)
    harness.now = { time.withLock { $0 } }
    let result = try await harness.train { model, _, loop in
      model.onStep = { _ in
        loop.settleCheckpoint()
        time.withLock { $0 += 25 }
      }
    }
    // 75 s after the start, then 75 s after that, which is the epoch's end, and so on.
    #expect(result.checkpoints.map(\.step) == [3, 6, 9, 12])
    #expect(result.checkpoints.map(\.reason) == [.interval, .epoch, .interval, .finished])
    harness = LoopHarness(epochs: 2)
    harness.configuration.checkpointMinutes = 0
    harness.now = { time.withLock { $0 } }
    time.withLock { $0 = 0 }
    let none = try await harness.train { model, _, _ in
      model.onStep = { _ in time.withLock { $0 += 1e9 } }
    }
    #expect(none.checkpoints.map(\.step) == [6, 12])
  }

  /// The best model is in flight while the next epoch begins: patience must not look past it.
  @Test func patienceKnowsOfTheBestInFlight() async throws {
    var harness = LoopHarness(epochs: 4)
    harness.configuration.patience = 1
    harness.configuration.selectBy = .loss
    let disk = SlowDisk()
    harness.writer = disk.writer
    let result = try await harness.train { model, _, _ in
      // One write for each epoch, let through in the next one; the last has none.
      model.onStep = { if [8, 14, 20, 24].contains($0) { disk.gate.signal() } }
    }
    #expect(result.evaluations.map(\.isBest) == [true, true, true, true])
    #expect(result.steps.count == 24)
  }
}
