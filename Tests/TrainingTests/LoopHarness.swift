import FolderSupport
import RunFolder
import RunLog
import TextData
import TrainingEvents

@testable import Training

/// Runs a loop with a `CountingModel` in the calling thread, and keeps its events.
struct LoopHarness {
  let data: TemporaryFolder
  let place: TemporaryFolder
  var configuration: RunConfiguration
  /// In place of the writer that writes into the folder.
  var writer: ((RunFolder) -> CheckpointWriter)?
  /// The loop's clock.
  var now: () -> Double = Clock.monotonic
  var run: String { place.path + "/run" }

  init(dev: Bool = true, epochs: Int = 3) {
    data = TemporaryFolder()
    place = TemporaryFolder()
    TinyData.write(to: data, dev: dev)
    configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.epochs = epochs
  }

  struct Result {
    var outcome: RunOutcome
    var events: [TrainingEvent]
    var model: CountingModel

    var steps: [StepRecord] {
      events.flatMap { event -> [StepRecord] in
        guard case .stepsCompleted(let steps) = event else { return [] }
        return steps
      }
    }
    var phases: [RunPhase] {
      events.compactMap { if case .phaseChanged(let change) = $0 { change.phase } else { nil } }
    }
    var checkpoints: [CheckpointRecord] {
      events.compactMap { if case .checkpointWritten(let record) = $0 { record } else { nil } }
    }
    var epochs: [EpochRecord] {
      events.compactMap { if case .epochCompleted(let record) = $0 { record } else { nil } }
    }
    var evaluations: [EvaluationRecord] {
      events.compactMap { if case .evaluated(let record) = $0 { record } else { nil } }
    }
    var alerts: [String] {
      events.compactMap { if case .alert(let line) = $0 { line.text } else { nil } }
    }
  }

  /// Begins the run, or goes on with it from its newest checkpoint.
  ///
  /// `prepare`: may set up the model and put commands into the queue.
  func train(
    resume: Bool = false, prepare: (CountingModel, CommandQueue, TrainingLoop<CountingModel>) -> Void = { _, _, _ in }
  ) async throws -> Result {
    let dataset = try TextDataset.load(
      DataOptions(source: .folder(data.path), lowercase: false, minimumCount: 1, maxLength: configuration.maxLength))
    let model = CountingModel()
    let steps = RunPreparation.stepsPerEpoch(configuration, dataset)
    var state = LoopState(configuration)
    var margins = MarginSums(dataset)
    let folder: RunFolder
    if resume {
      folder = try RunFolder.open(run)
      if let checkpoint = try folder.checkpoints.openNewest().checkpoint {
        state = try Checkpointing(dataset).restore(checkpoint, into: model, stepsPerEpoch: steps, of: configuration)
        try margins.restore(checkpoint)
      }
    } else {
      folder = try RunFolder.create(
        at: run,
        manifest: RunManifest(
          version: "0", name: "test", created: 0, configuration: configuration, fingerprints: dataset.fingerprints))
    }
    let listener = EventBuffer()
    let feed = EventFeed(listener: listener)
    feed.record(with: try RunRecorder(folder: run, position: resume ? state.records : nil), in: run)
    let commands = CommandQueue()
    let loop = TrainingLoop(
      configuration: configuration, dataset: dataset, model: model, folder: folder, feed: feed, commands: commands,
      stepsPerEpoch: steps, state: state, margins: margins, writer: writer?(folder), now: now)
    prepare(model, commands, loop)
    let outcome = loop.run()
    feed.finish(with: .phaseChanged(PhaseChange(phase: .finished, step: loop.state.step, outcome: outcome))) {
      folder.close()
    }
    var events: [TrainingEvent] = []
    for await event in listener.events { events.append(event) }
    return Result(outcome: outcome, events: events, model: model)
  }
}
