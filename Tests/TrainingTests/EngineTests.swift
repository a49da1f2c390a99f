import FolderSupport
import MultiTaskTransformer
import Testing
import TrainingEvents

@testable import RunFolder
@testable import Training

/// The engine with the real model, on a few sentences.
@Suite struct EngineTests {
  private let data = TemporaryFolder()
  private let place = TemporaryFolder()

  init() { TinyData.write(to: data) }

  private func configuration(_ run: String) -> RunConfiguration {
    var configuration = TinyData.configuration(data: data, run: place.path + "/" + run)
    configuration.dropout = 0.1
    configuration.learningRate = 0.01
    return configuration
  }

  /// Everything an engine sends; `answer` may send commands as events come.
  private func events(
    _ start: TrainingEngine.Start, answer: (TrainingEvent, TrainingEngine) -> Void = { _, _ in }
  ) async -> [TrainingEvent] {
    let engine = TrainingEngine(start)
    var events: [TrainingEvent] = []
    for await event in engine.events {
      events.append(event)
      answer(event, engine)
    }
    return events
  }

  private func outcome(_ events: [TrainingEvent]) -> RunOutcome? {
    guard case .phaseChanged(let change) = events.last else { return nil }
    return change.outcome
  }

  private func epochs(_ events: [TrainingEvent]) -> [EpochRecord] {
    events.compactMap { event in
      guard case .epochCompleted(var record) = event else { return nil }
      record.seconds = 0
      return record
    }
  }

  private func weights(_ run: String) -> [UInt8]? { place.read("\(run)/checkpoints/last/model.safetensors") }

  @Test func trainsEvaluatesAndKeepsARun() async throws {
    var configuration = configuration("run")
    configuration.epochs = 20
    configuration.dropout = 0
    configuration.keep = 2
    let events = await events(.new(configuration))
    #expect(outcome(events)?.exitCode == 0)
    let run = try #require(
      events.compactMap { if case .runStarted(let run) = $0 { run } else { nil } }.first)
    #expect(run.trainSentences == 24 && run.devSentences == 24 && run.testSentences == 0)
    #expect(run.sentenceClasses == ["Book", "Play", "Weather"])
    #expect(run.stepsPerEpoch == 6 && run.totalSteps == 120 && run.startStep == 0)
    #expect(run.parameterCount > 0 && run.threads == 1)
    let last = try #require(epochs(events).last)
    #expect(last.counts.accuracy(.sentence) == 1 && last.counts.accuracy(.words) == 1)
    let dev = try #require(events.compactMap { if case .evaluated(let it) = $0 { it } else { nil } }.last)
    #expect(dev.exactMatch == 1 && dev.entityF1 == 1)
    #expect(dev.counts.total[.sentence] == 24)
    let store = try RunFolder.open(place.path + "/run").checkpoints
    #expect(store.steps.suffix(2) == [114, 120])
    #expect(store.steps.count <= 3)
  }

  @Test func smallDataAreGoneThroughMoreOften() async throws {
    // Six steps an epoch.
    var configuration = configuration("run")
    configuration.leastSteps = 25
    let events = await events(.new(configuration))
    #expect(epochs(events).count == 5)
    // What was decided is the run's, so a resume finds it done.
    let folder = try RunFolder.open(place.path + "/run")
    #expect(folder.manifest.configuration.epochs == 5)
    folder.close()
    let again = await self.events(.resume(directory: place.path + "/run", epochs: nil, threads: nil))
    #expect(epochs(again).isEmpty && outcome(again)?.message.contains("5 epochs") == true)
  }

  @Test func fewSentencesHaveAPriorOfTheirClasses() async throws {
    var configured = configuration("whole")
    (configured.classPrior, configured.classPriorIsForFew, configured.nGramBuckets) = (2, true, nil)
    configured.members = 2
    let whole = await events(.new(configured))
    #expect(outcome(whole)?.exitCode == 0)
    let folder = try RunFolder.open(place.path + "/whole")
    #expect(folder.manifest.configuration.classPrior == 2)
    #expect(folder.manifest.configuration.classPriorIsForFew == nil)
    folder.close()
    let log = whole.compactMap { event -> String? in if case .log(let line) = event { line.text } else { nil } }
    #expect(log.contains { $0.contains("logistic regression") && $0.contains("--class-prior") })
    let model = try TrainedModel(place.path + "/whole", threads: 1)
    let predictor = Predictor(model)
    let answers = try predictor.predict(["play unseen", "weather unseen", "book unseen"].map { predictor.split($0) })
    #expect(answers.map(\.sentenceClass) == ["Play", "Weather", "Book"])
  }

  @Test func manySentencesHaveNoPriorUnlessAskedFor() throws {
    let most = RunConfiguration.mostClassPriorSentences
    let cases: [(Int, Bool?, Double?)] = [(most, true, 2), (most + 1, true, nil), (most + 1, nil, 2)]
    for (rows, isForFew, prior) in cases {
      TinyData.write(to: data, rows: rows)
      var configuration = configuration("run")
      (configuration.classPrior, configuration.classPriorIsForFew) = (2, isForFew)
      let dataset = try RunPreparation.load(configuration)
      _ = RunPreparation.followData(&configuration, dataset)
      #expect(configuration.classPrior == prior && configuration.classPriorIsForFew == nil)
      #expect(RunPreparation.shape(configuration, dataset).classPrior == Float(prior ?? 0))
    }
  }

  @Test(arguments: [(nil, 3), (1, 3), (18, 3), (19, 4), (240, 40), (1_000_000, 40)])
  func leastStepsNeverTakeEpochsAway(leastSteps: Int?, epochs: Int) {
    var configuration = configuration("run")
    configuration.leastSteps = leastSteps
    #expect(RunPreparation.epochs(configuration, stepsPerEpoch: 6) == epochs)
    configuration.epochs = 50
    #expect(RunPreparation.epochs(configuration, stepsPerEpoch: 6) == 50)
  }

  @Test func theSameSeedGivesTheSameRun() async throws {
    let first = await events(.new(configuration("a")))
    let second = await events(.new(configuration("b")))
    var other = configuration("c")
    other.seed = 2
    let third = await events(.new(other))
    #expect(epochs(first).count == 3)
    #expect(epochs(first) == epochs(second))
    #expect(epochs(first) != epochs(third))
    #expect(weights("a") == weights("b") && weights("a") != nil)
    #expect(weights("a") != weights("c"))
  }

  /// Stopped in the middle of an epoch, resumed with another number of threads, evaluated and paused on the way.
  @Test(arguments: [(1, nil), (8, nil), (12, nil), (8, 4)] as [(Int, Int?)])
  func aStoppedAndResumedRunIsTheUndisturbedOne(stop: Int, parts: Int?) async throws {
    var whole = configuration("whole")
    whole.shares = 2
    whole.threads = 2
    whole.parts = parts
    let undisturbed = await events(.new(whole))
    var part = configuration("part")
    part.shares = 2
    part.parts = parts
    part.checkpointEvery = stop
    part.epochs = 3
    // However far the engine is ahead of its listener, no checkpoint is tidied away.
    part.keep = 100
    // The run is given up at once as soon as the first checkpoint from step `stop` on is there.
    let first = await events(.new(part)) { event, engine in
      if case .checkpointWritten(let record) = event, record.step >= stop { engine.send(.stop(.stopNow)) }
    }
    #expect([0, 75].contains(outcome(first)?.exitCode))
    let run = place.path + "/part"
    let steps = try RunFolder.open(run).checkpoints.steps
    let saved = try #require(steps.first { $0 >= stop })
    for step in steps where step > saved {
      // As if it had been killed right after that checkpoint.
      TemporaryFolder.remove(run + "/checkpoints/" + Checkpoint.name(step: step))
    }
    let second = await events(.resume(directory: run, epochs: nil, threads: 2)) { event, engine in
      if case .runStarted = event {
        engine.send(.pause)
        engine.send(.evaluate)
        engine.send(.resume)
      }
    }
    #expect(outcome(second)?.exitCode == 0)
    let started = second.compactMap { if case .runStarted(let run) = $0 { run } else { nil } }.first
    #expect(started?.startStep == saved)
    #expect(started?.resumedFrom == Checkpoint.name(step: saved))
    #expect(epochs(undisturbed).suffix(epochs(second).count) == epochs(second)[...])
    #expect(weights("part") == weights("whole") && weights("part") != nil)
    #expect(
      place.read("part/checkpoints/last/optimizer.safetensors")
        == place.read("whole/checkpoints/last/optimizer.safetensors"))
  }

  /// What a preset adds, such as swapped values and rows that wait for their update, is resumed exactly too.
  @Test(arguments: Preset.allCases)
  func everyPresetIsResumedExactly(preset: Preset) async throws {
    func small(_ run: String) -> RunConfiguration {
      var configuration = RunConfiguration(preset: preset)
      let tiny = self.configuration(run)
      configuration.source = tiny.source
      configuration.runDirectory = tiny.runDirectory
      (configuration.hidden, configuration.layers, configuration.heads) = (8, 1, 2)
      (configuration.intermediate, configuration.maxLength, configuration.batchSize) = (16, 16, 4)
      (configuration.epochs, configuration.threads, configuration.keep) = (2, 1, 100)
      if configuration.nGramBuckets != 0 { configuration.nGramBuckets = 50 }
      if preset == .bert {
        (configuration.tokenizer, configuration.vocabularySize, configuration.pieceDropout) = (.wordpiece, 40, 0.3)
        configuration.classWeights = .balanced
      }
      return configuration
    }
    #expect(outcome(await events(.new(small("whole"))))?.exitCode == 0)
    var part = small("part")
    part.checkpointEvery = 4
    #expect(outcome(await events(.new(part)))?.exitCode == 0)
    let run = place.path + "/part"
    let steps = try RunFolder.open(run).checkpoints.steps
    #expect(steps.first == 4)
    for step in steps.dropFirst() { TemporaryFolder.remove(run + "/checkpoints/" + Checkpoint.name(step: step)) }
    #expect(outcome(await events(.resume(directory: run, epochs: nil, threads: nil)))?.exitCode == 0)
    #expect(weights("part") == weights("whole") && weights("part") != nil)
  }

  /// Stopped before, between and after the unfreezings; with a part that stays frozen.
  @Test(arguments: [4, 6, 8, 14, 20])
  func gradualUnfreezingIsResumedExactly(stop: Int) async throws {
    func configuration(_ run: String) -> RunConfiguration {
      var configuration = self.configuration(run)
      (configuration.layers, configuration.epochs, configuration.keep) = (2, 5, 100)
      configuration.unfreezeEvery = 1
      configuration.freeze = ["layer.0"]
      configuration.checkpointEvery = 2
      return configuration
    }
    let whole = await events(.new(configuration("whole")))
    #expect(outcome(whole)?.exitCode == 0)
    let changes = whole.compactMap { if case .log(let line) = $0, line.text.contains("unfrozen") { line } else { nil } }
    #expect(changes.map(\.step) == [6, 18])
    #expect(changes.first?.text.contains("embeddings, layer.0;") == true)
    #expect(changes.last?.text.contains("Frozen: layer.0;") == true)
    #expect(outcome(await events(.new(configuration("part"))))?.exitCode == 0)
    let run = place.path + "/part"
    for step in try RunFolder.open(run).checkpoints.steps where step > stop {
      TemporaryFolder.remove(run + "/checkpoints/" + Checkpoint.name(step: step))
    }
    #expect(outcome(await events(.resume(directory: run, epochs: nil, threads: nil)))?.exitCode == 0)
    #expect(weights("part") == weights("whole") && weights("part") != nil)
    let optimizer = "checkpoints/last/optimizer.safetensors"
    #expect(place.read("part/" + optimizer) == place.read("whole/" + optimizer))
  }

  @Test func moreEpochsGoOnFromTheEnd() async throws {
    #expect(outcome(await events(.new(configuration("run"))))?.exitCode == 0)
    let run = place.path + "/run"
    let again = await events(.resume(directory: run, epochs: nil, threads: nil))
    #expect(outcome(again)?.exitCode == 0)
    #expect(epochs(again).isEmpty)
    #expect(outcome(again)?.message.contains("--epochs") == true)
    let more = await events(.resume(directory: run, epochs: 4, threads: nil))
    #expect(epochs(more).map(\.epoch) == [3])
    #expect(try RunManifest.read(folder: run).configuration.epochs == 4)
  }

  /// Other words, in as many sentences with the same labels, are taken where that was asked for, and reported; what makes
  /// it another run is refused all the same.
  /// A checkpoint that somebody has deleted is no best any more, and nothing has to beat it.
  @Test func aBestThatIsGoneIsChosenAnew() async throws {
    var configuration = configuration("run")
    (configuration.epochs, configuration.keep, configuration.selectBy) = (3, 9, .loss)
    // A rate that makes the loss worse from epoch to epoch.
    (configuration.learningRate, configuration.clip, configuration.schedule) = (3, 0, .constant)
    _ = await events(.new(configuration))
    let run = place.path + "/run"
    let store = RunFolder.checkpoints(ofRunIn: run)
    let (best, last) = (try #require(store.step(of: .best)), try #require(store.step(of: .last)))
    try #require(best < last)
    TemporaryFolder.remove(run + "/checkpoints/" + Checkpoint.name(step: best))
    let resumed = await events(.resume(directory: run, epochs: 4, threads: nil))
    #expect(outcome(resumed)?.exitCode == 0)
    let remarks = resumed.compactMap { if case .log(let line) = $0, line.level == .warning { line.text } else { nil } }
    #expect(remarks.contains { $0.contains("of step \(best), is no longer there") }, "\(remarks)")
    let description = try #require(resumed.compactMap { if case .runStarted(let it) = $0 { it } else { nil } }.first)
    #expect(description.best == nil)
    #expect(resumed.compactMap { if case .evaluated(let it) = $0 { it.isBest } else { nil } } == [true])
    #expect(store.step(of: .best) == store.step(of: .last))
  }

  @Test func changedDataAreTakenOnRequest() async throws {
    #expect(outcome(await events(.new(configuration("run"))))?.exitCode == 0)
    let run = place.path + "/run"
    TinyData.write(to: data, change: "x")
    #expect(outcome(await events(.resume(directory: run, epochs: 4, threads: nil)))?.exitCode == 65)
    let accepted = await events(.resume(directory: run, epochs: 4, threads: nil, acceptsChangedData: true))
    #expect(outcome(accepted)?.exitCode == 0)
    let remarks = accepted.compactMap { if case .log(let line) = $0, line.level == .warning { line.text } else { nil } }
    #expect(
      ["dev/seq.in", "train/seq.in"].allSatisfy { name in remarks.contains { $0.contains(name + ": has changed") } })
    #expect(epochs(accepted).map(\.epoch) == [3])
    // They are the run's data from then on.
    #expect(outcome(await events(.resume(directory: run, epochs: 5, threads: nil)))?.exitCode == 0)
    TinyData.write(to: data, rows: 48)
    let more = outcome(await events(.resume(directory: run, epochs: 6, threads: nil, acceptsChangedData: true)))
    #expect(more?.exitCode == 65 && more?.message.contains("sentences") == true)
    TinyData.write(to: data)
    let labels = data.text("train/label")?.replacing("Book", with: "Read") ?? ""
    data.write(Array(labels.utf8), to: "train/label")
    let others = outcome(await events(.resume(directory: run, epochs: 6, threads: nil, acceptsChangedData: true)))
    #expect(others?.exitCode == 65 && others?.message.contains("labels.json") == true)
  }

  @Test func aCheckpointHoldsWhatOthersCanRead() async throws {
    _ = await events(.new(configuration("run")))
    let checkpoint = try RunFolder.open(place.path + "/run").checkpoints.open(step: 18)
    let weights = try checkpoint.tensors("model.safetensors")
    let words = try #require(weights.entries.first { $0.name.hasSuffix("embeddings.word_embeddings.weight") })
    let vocabulary = String(decoding: try checkpoint.bytes("vocab.txt"), as: UTF8.self).split(separator: "\n")
    #expect(words.shape == [vocabulary.count, 8])
    #expect(vocabulary.prefix(4) == ["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    let config = String(decoding: try checkpoint.bytes("config.json"), as: UTF8.self)
    for part in ["\"model_type\" : \"bert\"", "\"hidden_size\" : 8", "\"vocab_size\" : \(vocabulary.count)"] {
      #expect(config.contains(part))
    }
    let labels = String(decoding: try checkpoint.bytes("labels.json"), as: UTF8.self)
    #expect(labels.contains("\"B-artist\"") && labels.contains("\"Weather\""))
  }

  /// Sums are rounded otherwise on a processor with other instructions: what goes on there is another run, which is said.
  @Test func aResumeOnAnotherProcessorIsRemarkedOn() async throws {
    _ = await events(.new(configuration("run")))
    let manifest = try #require(place.text("run/run.json"))
    let own = MultiTaskModel.instructionSet
    #expect(manifest.contains("\"\(own)\""))
    place.write(Array(manifest.replacing("\"\(own)\"", with: "\"others\"").utf8), to: "run/run.json")
    let resumed = await events(.resume(directory: place.path + "/run", epochs: 4, threads: nil))
    let remarks = resumed.compactMap { if case .log(let line) = $0 { line.text } else { nil } }
    #expect(remarks.contains { $0.contains("began with this program's others instructions") }, "\(remarks)")
  }

  @Test func anUntrainedTaskIsLeftAlone() async throws {
    let sentences = TemporaryFolder()
    let lines = (0..<8).map { "{\"tokens\":[\"a\",\"b\($0 % 2)\"],\"label\":\"\($0 % 2 == 0 ? "X" : "Y")\"}" }
    for split in ["train", "dev"] {
      sentences.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(split).jsonl")
    }
    var configuration = configuration("run")
    configuration.source = .folder(sentences.path)
    let events = await events(.new(configuration))
    #expect(outcome(events)?.exitCode == 0)
    let dev = try #require(events.compactMap { if case .evaluated(let it) = $0 { it } else { nil } }.last)
    #expect(
      dev.counts.total[.words] == 0 && dev.losses[.words] == nil && dev.counts.accuracy(.words) == nil
        && dev.entityF1 == nil)
    #expect(dev.counts.total[.sentence] == 8)
    #expect(dev.exactMatch == dev.counts.accuracy(.sentence))
  }
}
