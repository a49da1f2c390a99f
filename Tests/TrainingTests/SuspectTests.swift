import FolderSupport
import MultiTaskTransformer
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

/// The sentences of train that training believes least.
@Suite struct SuspectTests {
  private func dataset(_ folder: TemporaryFolder) throws -> TextDataset {
    try TextDataset.load(
      DataOptions(source: .folder(folder.path), lowercase: false, minimumCount: 1, maxLength: 16))
  }

  private func batch(_ data: TextDataset, _ rows: ArraySlice<Int32>) -> Batch {
    collate(data.train, rows: rows, padTo: nil)
  }

  // MARK: - Sums

  @Test func marginsAreSummedBySentence() throws {
    let folder = TemporaryFolder()
    TinyData.write(to: folder, rows: 6)
    let data = try dataset(folder)
    var sums = MarginSums(data)
    let rows: ArraySlice<Int32> = [4, 1]
    for own in [[LabelMargin(1, rival: 2), LabelMargin(-3, rival: 0)], [LabelMargin(2, rival: 2), nil]] {
      sums.add(BatchMargins(classes: own), of: batch(data, rows), rows: rows, in: data.train)
    }
    #expect(sums.entries.sentence.map(\.epochs) == [0, 1, 0, 0, 2, 0])
    #expect(sums.entries.sentence[4].mean == 1.5 && sums.entries.sentence[1].mean == -3)
    #expect(sums.entries.sentence[0].mean.isNaN && sums.entries.words.allSatisfy { $0.epochs == 0 })
  }

  /// Each word has its own sum, wherever chance has moved it; what chance put in, and what is no first token, has none.
  @Test func tagsAreSummedByWord() throws {
    let folder = TemporaryFolder()
    TinyData.write(to: folder, rows: 6)
    let data = try dataset(folder)
    let rows: ArraySlice<Int32> = [3, 1]
    var batch = batch(data, rows)
    let whole = data.train.wordCount(of: 3)
    #expect(batch.wordPlaces == [-1] + (0..<Int32(whole)) + [-1, -1] + (0..<Int32(data.train.wordCount(of: 1))) + [-1])
    // The first word of row 3 was left out, the next one was put in.
    batch.wordPlaces[1] = -1
    batch.wordPlaces[2] = Int32(whole) - 1
    let tags = batch.wordPlaces.indices.map { LabelMargin(Float($0), rival: 1) }
    var sums = MarginSums(data)
    for _ in 0..<2 { sums.add(BatchMargins(tags: tags), of: batch, rows: rows, in: data.train) }
    #expect(sums.words(of: 3, in: data.train).first?.epochs == 0)
    #expect(sums.words(of: 3, in: data.train).last?.epochs == 4)
    let second = sums.words(of: 1, in: data.train)
    #expect(second.map(\.epochs) == second.map { _ in 2 })
    #expect(second.map(\.mean) == second.indices.map { Float($0 - second.startIndex + whole + 3) })
    #expect(sums.words(of: 0, in: data.train).allSatisfy { $0.epochs == 0 })
  }

  /// What most epochs say stays, whatever the others say and in which order.
  @Test(arguments: [[1, 2, 1, 3, 1], [2, 3, 1, 1, 1], [1, 1, 1, 2, 3]] as [[Int32]])
  func theRivalIsTheMajority(rivals: [Int32]) {
    var entry = MarginSums.Entry()
    for rival in rivals { entry.add(LabelMargin(0, rival: rival)) }
    #expect(entry.rival == 1 && entry.votes > 0)
  }

  @Test func memoryIsBounded() {
    let sums = MarginSums(rows: PerTask(5, 9), labels: PerTask(1, 4))
    #expect(sums.entries.sentence.isEmpty && sums.entries.words.count == 9, "one label alone has no sums")
    let large = MarginSums(rows: PerTask(5_000_000, 50_000_000), labels: PerTask(2, 2))
    #expect(large.entries.map(\.count) == MarginSums.most && MemoryLayout<MarginSums.Entry>.stride == 12)
  }

  // MARK: - Runs

  /// Margins that are a function of the step and the place in the batch.
  private func margins(_ step: Int) -> BatchMargins {
    func margin(_ place: Int) -> LabelMargin {
      LabelMargin(Float((step * 31 + place * 17) % 23) - 11, rival: Int32((step + place) % 3))
    }
    return BatchMargins(classes: (0..<4).map(margin), tags: (0..<14).map { margin($0 + 5) })
  }

  /// A run that is stopped in the middle of an epoch and taken up again has the sums of an undisturbed one, bit for bit.
  @Test(arguments: [StopMode.saveAndStop, .stopNow]) func aResumedRunGoesOnExactly(mode: StopMode) async throws {
    let undisturbed = LoopHarness(epochs: 3)
    _ = try await undisturbed.train { model, _, _ in model.margins = margins }
    let harness = LoopHarness(epochs: 3)
    _ = try await harness.train { model, commands, _ in
      model.margins = margins
      model.onStep = { if $0 == 9 { commands.put(.stop(mode)) } }
    }
    let stopped = try #require(try MistakeStore(runFolder: harness.run).readSuspects())
    #expect(stopped.step == 6)
    _ = try await harness.train(resume: true) { model, _, loop in
      let done = loop.state.step
      model.margins = { margins($0 + done) }
    }
    let expected = try #require(try MistakeStore(runFolder: undisturbed.run).readSuspects())
    #expect(try MistakeStore(runFolder: harness.run).readSuspects() == expected)
    #expect(expected.step == 18 && expected.epoch == 2 && expected.split == .train && expected.judged == 24)
    #expect(!expected.sentences.isEmpty && expected.wrong > 0)
  }

  /// Suspects that are behind the checkpoint go until their epoch is done again.
  @Test func whatWillBeMadeAgainGoes() async throws {
    let harness = LoopHarness(epochs: 2)
    _ = try await harness.train { model, _, _ in model.margins = margins }
    let store = MistakeStore(runFolder: harness.run)
    #expect(try store.readSuspects()?.step == 12)
    store.begin(after: 12)
    #expect(try store.readSuspects()?.step == 12)
    store.begin(after: 11)
    #expect(try store.readSuspects() == nil)
  }

  /// A checkpoint of an earlier version has no sums; a step that was left out adds nothing to them.
  @Test func oldCheckpointsBeginAnew() async throws {
    let harness = LoopHarness(epochs: 2)
    _ = try await harness.train { model, commands, _ in
      model.margins = margins
      model.nanSteps = [3]
      model.onStep = { if $0 == 7 { commands.put(.stop(.saveAndStop)) } }
    }
    let data = try dataset(harness.data)
    let newest = try #require(try RunFolder.checkpoints(ofRunIn: harness.run).openNewest().checkpoint)
    var sums = MarginSums(data)
    try sums.restore(newest)
    #expect(sums.entries.sentence.reduce(0) { $0 + Int($1.epochs) } == 4 * (newest.step - 1))
    let old = TemporaryFolder()
    old.write([], to: "model.safetensors")
    var none = MarginSums(data)
    try none.restore(try Checkpoint.standing(alone: old.path))
    #expect(none == MarginSums(data))
  }

  @Test func whatCannotBeKeptIsAnAlert() async throws {
    let harness = LoopHarness(dev: false, epochs: 1)
    let result = try await harness.train { model, _, _ in
      model.margins = margins
      harness.place.write([1], to: "run/mistakes")
    }
    #expect(result.outcome.exitCode == 0)
    #expect(result.alerts.count == 1 && result.alerts[0].contains("suspects of this epoch are not kept"))
  }

  /// A wrong class and a wrong tag among good ones are what a trained model believes least, with what is right beside.
  @Test func plantedErrorsComeFirst() async throws {
    let data = TemporaryFolder()
    let place = TemporaryFolder()
    TinyData.write(to: data, rows: 60, dev: false)
    var labels = (0..<60).map { TinyData.classes[$0 % 3] }
    labels[30] = "Book"
    data.write(Array(labels.map { $0 + "\n" }.joined().utf8), to: "train/label")
    var tags = (0..<60).map { ["O B-artist O O", "O O B-city I-city", "O B-place"][$0 % 3] }
    tags[44] = "O B-artist"
    data.write(Array(tags.map { $0 + "\n" }.joined().utf8), to: "train/seq.out")
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.epochs = 12
    configuration.learningRate = 0.01
    for await _ in TrainingEngine(.new(configuration)).events {}
    let found = try #require(try MistakeStore(runFolder: configuration.runDirectory ?? "").readSuspects())
    #expect(found.split == .train && found.epoch == 11 && found.judged == 60 && found.wrong >= 2)
    let first = try #require(found.sentences.min { ($0.classMargin ?? 99) < ($1.classMargin ?? 99) })
    #expect(first.number == 31 && first.words == ["play", "name0", "now", "please"])
    #expect(first.goldClass == "Book" && first.predictedClass == "Play" && first.classMargin ?? 0 < 0)
    let second = try #require(found.sentences.min { ($0.tagMargin ?? 99) < ($1.tagMargin ?? 99) })
    #expect(second.number == 45 && second.goldTags == ["O", "B-artist"] && second.predictedTags == ["O", "B-place"])
    #expect(second.pairs == [Mistake.Pair(gold: "artist", predicted: "place")] && second.tagMargin ?? 0 < 0)
    #expect(Set(found.sentences.prefix(2).map(\.number)) == [31, 45])
  }
}
