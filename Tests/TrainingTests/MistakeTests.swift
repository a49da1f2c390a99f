import FolderSupport
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

/// What evaluations on dev get wrong, and where it is kept.
@Suite struct MistakeTests {
  private func mistake(_ number: Int, confidence: Double, words: Int = 1) -> Mistake {
    Mistake(
      number: number, words: Array(repeating: "w", count: words), goldClass: "a", predictedClass: "b",
      probability: confidence, goldProbability: 0, goldTags: [], predictedTags: [], pairs: [], confidence: confidence,
      loss: 1)
  }

  private func gathered(_ mistakes: [Mistake]) -> EvaluationMistakes {
    var collector = MistakeCollector()
    for mistake in mistakes { collector.add(confidence: mistake.confidence) { mistake } }
    return collector.mistakes(epoch: 1, step: 2, judged: 99)
  }

  /// Letters two columns wide and marks of none leave the columns where they are.
  @Test func columnsOfTheTextFileStandBelowEachOther() {
    var wrong = mistake(1, confidence: 1)
    wrong.words = ["東京都", "cafe\u{301}", "ab"]
    wrong.goldTags = ["B-a", "O", "O"]
    wrong.predictedTags = ["O", "O", "O"]
    let rows = ErrorText().sentence(wrong, place: "x").split(separator: "\n").suffix(3)
    #expect(Array(rows) == ["*  東京都  B-a  O", "   cafe\u{301}    O    O", "   ab      O    O"])
  }

  @Test func theSurestAreKept() {
    // Confidences with many ties, in no order.
    let all = (1...5000).map { mistake($0, confidence: Double(($0 * 7919) % 613) / 613) }
    let expected = all.sorted { $0.confidence != $1.confidence ? $0.confidence > $1.confidence : $0.number < $1.number }
    let found = gathered(all)
    #expect(found.sentences.map(\.number) == expected.prefix(1000).map(\.number))
    #expect(found.wrong == 5000 && found.judged == 99 && !found.isComplete)
    #expect(gathered(Array(all.prefix(3))).isComplete)
  }

  @Test func longSentencesAreFewer() {
    let all = (1...700).map { mistake($0, confidence: Double(($0 * 31) % 701) / 701, words: 900) }
    let expected = all.sorted { $0.confidence > $1.confidence }
    #expect(gathered(all).sentences.map(\.number) == expected.prefix(100_000 / 900).map(\.number))
    #expect(gathered([mistake(1, confidence: 1, words: 100_001)]).sentences.isEmpty)
  }

  /// The model answers everything with the first class and the first tag.
  @Test func eachEvaluationsMistakesAreKept() async throws {
    let harness = LoopHarness(epochs: 2)
    _ = try await harness.train()
    let store = MistakeStore(runFolder: harness.run)
    #expect(store.steps == [6, 12])
    let first = try #require(try store.read(step: 6))
    #expect(first.split == .dev && first.epoch == 0 && first.step == 6 && first.judged == 24)
    #expect(first.wrong == 24 && first.isComplete && first.sentences.map(\.number) == Array(1...24))
    let play = first.sentences[0]
    #expect(play.words == ["play", "name0", "now", "please"])
    #expect(play.goldClass == "Play" && play.goldTags == ["O", "B-artist", "O", "O"])
    #expect(play.predictedTags.count == 4 && play.wrongWords >= 1)
    // This model gives no probabilities.
    #expect(play.predictedClass == nil && play.probability == nil && play.confidence == 0)
  }

  /// What is behind the checkpoint is made again; what stood there is another run's.
  @Test func aResumedRunKeepsWhatIsBeforeItsCheckpoint() async throws {
    let harness = LoopHarness(epochs: 2)
    _ = try await harness.train { model, commands, _ in
      model.onStep = { if $0 == 8 { commands.put(.stop(.stopNow)) } }
    }
    let store = MistakeStore(runFolder: harness.run)
    var stale = try #require(try store.read(step: 6))
    stale.step = 9
    try store.write(stale)
    _ = try await harness.train(resume: true)
    #expect(store.steps == [6, 12])
  }

  @Test func whatCannotBeKeptIsAnAlertAndTrainingGoesOn() async throws {
    let harness = LoopHarness(epochs: 1)
    let result = try await harness.train { _, _, _ in harness.place.write([1], to: "run/mistakes") }
    #expect(result.outcome.exitCode == 0 && result.evaluations.count == 1)
    #expect(result.alerts.count == 1 && result.alerts[0].contains("wrong sentences of this evaluation are not kept"))
  }

  /// A trained model: as many as its figures say, and the same that `evaluate` finds.
  @Test func theyAreThoseThatTheFiguresCount() async throws {
    let folder = await SampleRun.folder.value
    let store = MistakeStore(runFolder: folder)
    for record in await SampleRun.evaluations.all where record.split == .dev {
      let kept = try #require(try store.read(step: record.step))
      #expect(kept.epoch == record.epoch && kept.isComplete)
      #expect(Double(kept.judged - kept.wrong) / Double(kept.judged) == record.exactMatch)
    }
    let step = try #require(store.steps.first)
    let model = try TrainedModel(folder, checkpoint: String(step), threads: 1)
    let report = try ModelEvaluator(model).evaluate(.folder(SampleRun.data.path), split: .dev)
    let first = try #require(try store.read(step: step))
    #expect(first.judged == report.judged && first.wrong == report.wrong)
    let all = try store.steps.map { try #require(try store.read(step: $0)) }
    #expect(all.contains { $0.wrong > 0 })
    for mistake in all.flatMap(\.sentences) {
      #expect(mistake.isClassWrong || mistake.wrongWords > 0)
      #expect(mistake.confidence > 0 && mistake.confidence <= 1 && mistake.loss > 0)
      #expect((mistake.pairs.isEmpty) == (mistake.wrongWords == 0))
    }
  }
}
