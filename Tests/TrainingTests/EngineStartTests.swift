import FolderSupport
import Glibc
import MultiTaskTransformer
import RunFolder
import Testing
import TrainingEvents

@testable import Training

/// Runs that cannot begin: reported by events, nothing half-written.
@Suite struct EngineStartTests {
  private let place = TemporaryFolder()
  private let data = TemporaryFolder()

  private func outcome(_ start: TrainingEngine.Start) async throws -> RunOutcome {
    let engine = TrainingEngine(start)
    var phases: [PhaseChange] = []
    for await event in engine.events {
      if case .phaseChanged(let change) = event { phases.append(change) }
    }
    #expect(phases.map(\.phase) == [.loading, .failed])
    return try #require(phases.last?.outcome)
  }

  @Test func missingDataIsNamed() async throws {
    let run = place.path + "/run"
    let outcome = try await outcome(.new(TinyData.configuration(data: data, run: run)))
    #expect(outcome.exitCode == 66)
    #expect(outcome.message.contains(data.path))
    #expect(!place.exists("run"))
  }

  @Test func brokenDataIsNamed() async throws {
    TinyData.write(to: data)
    data.write(Array("O O\n".utf8), to: "train/seq.out")
    let outcome = try await outcome(.new(TinyData.configuration(data: data, run: place.path + "/run")))
    #expect(outcome.exitCode == 65)
    #expect(outcome.message.contains("seq.out"))
    #expect(!place.exists("run"))
  }

  @Test func aFolderWithARunIsRefusedBeforeTheDataAreRead() async throws {
    place.write(Array("{}".utf8), to: "run.json")
    let outcome = try await outcome(.new(TinyData.configuration(data: data, run: place.path)))
    #expect(outcome.exitCode == 73)
    #expect(outcome.message.contains("--resume"))
    #expect(place.text("run.json") == "{}")
  }

  @Test func aModelLargerThanTheMachineIsRefused() async throws {
    TinyData.write(to: data)
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.hidden = 16_384
    configuration.intermediate = 65_536
    configuration.layers = 96
    let outcome = try await outcome(.new(configuration))
    #expect(outcome.exitCode == 65)
    #expect(outcome.message.contains("MiB"))
    #expect(!place.exists("run"))
  }

  @Test func theLeastMemoryCountsMembersAndTags() {
    func bytes(_ change: (inout ModelConfiguration) -> Void) -> Int {
      var shape = ModelConfiguration(
        vocabularySize: 100, hiddenSize: 8, layerCount: 1, headCount: 2, intermediateSize: 8, maxPositions: 16,
        sentenceClassCount: 2, tagCount: 2)
      change(&shape)
      return RunPreparation.leastBytes(shape)
    }
    #expect(bytes { $0.members = 3 } == 3 * bytes { _ in })
    // What decoding keeps of each step from tag to tag, and what is learned of it.
    #expect(bytes { $0.tagCount = 10_000 } > 4 * 10_000 * 10_000)
    #expect(
      bytes {
        $0.tagCount = 10_000
        $0.tagLoss = .crf
      } > 20 * 10_000 * 10_000)
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() async throws {
    TinyData.write(to: data)
    place.write([], to: "file")
    let outcome = try await outcome(.new(TinyData.configuration(data: data, run: place.path + "/file/run")))
    #expect(outcome.exitCode == 73)
    #expect(outcome.message.contains(place.path + "/file"))
    #expect(place.read("file") == [])
  }

  @Test func aRunThatIsBeingWrittenIsNotOpened() async throws {
    let harness = LoopHarness(epochs: 1)
    _ = try await harness.train()
    let owner = try RunFolder.open(harness.run)
    let outcome = try await outcome(.resume(directory: harness.run, epochs: nil, threads: nil))
    #expect(outcome.exitCode == 73)
    owner.close()
  }

  @Test func anotherVocabularyIsRefused() async throws {
    let harness = LoopHarness(epochs: 1)
    _ = try await harness.train()
    // A checkpoint of another run, whole in itself.
    let other = LoopHarness(epochs: 1)
    TinyData.write(to: other.data, change: "x")
    _ = try await other.train()
    let folder = try RunFolder.open(harness.run)
    _ = try folder.checkpoints.write(
      step: 7,
      files: try ["config.json", "vocab.txt", "labels.json", "state.json"].map {
        CheckpointFile(
          name: $0, content: .bytes(try #require(other.place.read("run/checkpoints/last/\($0)"))))
      })
    folder.close()
    let outcome = try await outcome(.resume(directory: harness.run, epochs: nil, threads: nil))
    #expect(outcome.exitCode == 65)
    #expect(outcome.message.contains("vocab.txt"))
  }

  @Test func whatIsNoRunIsNotResumed() async throws {
    let outcome = try await outcome(.resume(directory: place.path, epochs: nil, threads: nil))
    #expect(outcome.exitCode == 66)
    let none = try await self.outcome(.resume(directory: place.path + "/none", epochs: nil, threads: nil))
    #expect(none.exitCode == 66)
  }

  @Test func changedDataAreNamed() async throws {
    let harness = LoopHarness(epochs: 1)
    _ = try await harness.train()
    TinyData.write(to: harness.data, change: "x")
    let outcome = try await outcome(.resume(directory: harness.run, epochs: nil, threads: nil))
    #expect(outcome.exitCode == 65)
    #expect(outcome.message.contains("\(harness.data.path)/dev/seq.in"))
    #expect(outcome.message.contains("--accept-changed-data"))
    #expect(!RunLock.isHeld(folder: harness.run))
  }

  /// Whoever waits for its data hears what is asked: a stop ends the run, and nothing of it is left.
  @Test func aRunThatIsLoadingHearsCommands() async throws {
    let pipe = data.path + "/pipe.conll"
    #expect(mkfifo(pipe, 0o600) == 0)
    // Somebody may write, and never does.
    let writer = Glibc.open(pipe, O_RDWR | O_CLOEXEC)
    defer { close(writer) }
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.source = .files(train: [pipe], dev: [], test: [])
    let engine = TrainingEngine(.new(configuration))
    var phases: [RunPhase] = []
    var logs: [String] = []
    var outcome: RunOutcome?
    for await event in engine.events {
      switch event {
      case .phaseChanged(let change):
        phases.append(change.phase)
        outcome = change.outcome
        if change.phase == .loading { engine.send(.pause) }
      case .log(let line):
        logs.append(line.text)
        engine.send(.stop(.saveAndStop))
      default: break
      }
    }
    #expect(phases == [.loading, .stopping, .finished])
    #expect(logs.count == 1 && logs.first?.contains("pause") == true)
    #expect(outcome?.exitCode == 75)
    #expect(!place.exists("run"))
  }

  @Test func numbersOutOfBoundsAreNamed() async throws {
    TinyData.write(to: data)
    let changes: [(String, (inout RunConfiguration) -> Void)] = [
      ("hidden", { $0.hidden = 0 }), ("heads", { $0.heads = 3 }), ("dropout", { $0.dropout = 1 }),
      ("learning-rate", { $0.learningRate = .nan }), ("epochs", { $0.epochs = 0 }),
      ("batch-size", { $0.batchSize = -1 }), ("max-length", { $0.maxLength = 2 }), ("warmup", { $0.warmup = 1.1 }),
      ("ngram-buckets", { $0.nGramBuckets = -1 }), ("head-dropout", { $0.headDropout = 1 }),
      ("label-smoothing", { $0.labelSmoothing = .infinity }), ("max-length", { $0.maxLength = 65_537 }),
      ("max-length", { ($0.maxLength, $0.padTo) = (.max, .max) }), ("pad-to", { $0.padTo = 65_537 }),
      ("--pad-to 15 is shorter than --max-length 16", { $0.padTo = 15 }), ("layers", { $0.layers = .max }),
      ("pad-to", { $0.padTo = 8 }), ("hidden", { $0.hidden = .max }), ("members", { $0.members = 65 }),
      ("epochs", { $0.epochs = .max }), ("clip", { $0.clip = .infinity }), ("shares", { $0.shares = .max }),
      ("parts", { $0.parts = 3 }), ("parts", { $0.parts = 2048 }),
    ]
    for (name, change) in changes {
      var configuration = TinyData.configuration(data: data, run: place.path + "/run")
      change(&configuration)
      let outcome = try await outcome(.new(configuration))
      #expect(outcome.exitCode == 65)
      #expect(outcome.message.contains(name))
    }
    #expect(!place.exists("run"))
  }
}
