import FolderSupport
import Testing
import TextData
import TrainingEvents

@testable import Training

/// By which figure the best checkpoint is chosen, and that one which the data lack is not 0.
@Suite struct BestSelectionTests {
  private let data = TemporaryFolder()
  private let place = TemporaryFolder()

  private static func line(_ number: Int, label: Bool, tags: Bool) -> String {
    let label = label ? ",\"label\":\"\(number % 2 == 0 ? "X" : "Y")\"" : ""
    let tags = tags ? ",\"tags\":[\"O\",\"B-\(number % 2 == 0 ? "a" : "b")\"]" : ""
    return "{\"tokens\":[\"say\",\"b\(number % 2)\"]\(label)\(tags)}"
  }

  private func write(_ split: String, label: Bool, tags: Bool) {
    let lines = (0..<12).map { Self.line($0, label: label, tags: tags) }
    data.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(split).jsonl")
  }

  private func configuration(_ selection: RunConfiguration.Selection? = nil) -> RunConfiguration {
    var configuration = TinyData.configuration(data: data, run: place.path + "/run")
    configuration.selectBy = selection
    return configuration
  }

  private func events(_ configuration: RunConfiguration) async -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    for await event in TrainingEngine(.new(configuration)).events { events.append(event) }
    return events
  }

  private func outcome(_ events: [TrainingEvent]) -> RunOutcome? {
    if case .phaseChanged(let change) = events.last { change.outcome } else { nil }
  }

  private func chosen(_ events: [TrainingEvent]) -> RunConfiguration.Selection? {
    events.compactMap { if case .runStarted(let run) = $0 { run.configuration.selectBy } else { nil } }.first
  }

  private func evaluations(_ events: [TrainingEvent]) -> [EvaluationRecord] {
    events.compactMap { if case .evaluated(let record) = $0 { record } else { nil } }
  }

  @Test func tagsAloneChooseByEntityF1() async throws {
    for split in ["train", "dev"] { write(split, label: false, tags: true) }
    let events = await events(configuration())
    #expect(outcome(events)?.exitCode == 0)
    #expect(chosen(events) == .entityF1)
    let last = try #require(evaluations(events).last)
    #expect(last.losses[.sentence] == nil && last.counts.accuracy(.sentence) == nil && last.loss == last.losses[.words])
    #expect(place.text("run/metrics.jsonl")?.contains("\"lossA\":0") == false)
    #expect(place.text("run/log.txt")?.contains("accuracy A") == false)
    let words = events.compactMap { if case .log(let line) = $0 { line.text } else { nil } }
    #expect(words.first?.hasPrefix("loss = loss_b, for train has no classes; loss_b: ") == true, "\(words)")
  }

  @Test func bothTasksAndClassesAloneChooseByExactMatch() async throws {
    for tags in [true, false] {
      for split in ["train", "dev"] { write(split, label: true, tags: tags) }
      let events = await events(configuration())
      #expect(chosen(events) == .exactMatch)
      TemporaryFolder.remove(place.path + "/run")
    }
  }

  @Test(arguments: [RunConfiguration.Selection.entityF1, .accuracyB])
  func aFigureThatTheDataLackIsRefused(selection: RunConfiguration.Selection) async throws {
    for split in ["train", "dev"] { write(split, label: true, tags: false) }
    let outcome = outcome(await events(configuration(selection)))
    #expect(outcome?.exitCode == 65)
    #expect(outcome?.message.contains(selection.rawValue) == true)
    #expect(outcome?.message.contains("exact-match, accuracy-a, loss") == true)
    #expect(!place.exists("run"))
  }

  /// Tags in train are of no use to dev sentences without any.
  @Test func whatDevLacksIsRefusedToo() async throws {
    write("train", label: true, tags: true)
    write("dev", label: true, tags: false)
    #expect(outcome(await events(configuration(.entityF1)))?.exitCode == 65)
    #expect(outcome(await events(configuration(.accuracyA)))?.exitCode == 0)
  }

  @Test func devWithoutLabelsIsRefused() async throws {
    write("train", label: true, tags: false)
    write("dev", label: false, tags: true)
    let outcome = outcome(await events(configuration()))
    #expect(outcome?.exitCode == 65)
    #expect(outcome?.message.contains("12 dev sentences") == true)
    #expect(!place.exists("run"))
  }

  @Test func aFigureWithoutDevIsRemarkedOn() async throws {
    write("train", label: true, tags: true)
    var configuration = configuration(.accuracyA)
    configuration.patience = 2
    let events = await events(configuration)
    let remarks = events.compactMap { if case .log(let line) = $0, line.level == .warning { line.text } else { nil } }
    #expect(remarks.contains { $0.contains("no dev sentences") && $0.contains("select-by and patience") })
  }

  /// Classes that train does not have leave no loss to take the mean of: not 0.
  @Test func aLossOfNothingIsNone() async throws {
    write("train", label: true, tags: false)
    let lines = (0..<4).map { "{\"tokens\":[\"say\"],\"label\":\"Z\($0)\"}" }
    data.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "dev.jsonl")
    let events = await events(configuration())
    let record = try #require(evaluations(events).last)
    #expect(record.loss == nil && record.losses[.sentence] == nil)
    #expect(record.counts.accuracy(.sentence) == 0 && record.exactMatch == 0)
    let refused = outcome(await self.events(configuration(.loss)))
    #expect(refused?.exitCode == 73 || refused?.exitCode == 65)
  }

  /// A run of a version that took 0 for the figure goes on by one that the data have.
  @Test func aResumedRunIsChosenByWhatThereIs() async throws {
    for split in ["train", "dev"] { write(split, label: true, tags: false) }
    #expect(outcome(await events(configuration()))?.exitCode == 0)
    let manifest = try #require(place.text("run/run.json"))
    place.write(Array(manifest.replacing("exact-match", with: "entity-f1").utf8), to: "run/run.json")
    let engine = TrainingEngine(.resume(directory: place.path + "/run", epochs: 4, threads: nil))
    var events: [TrainingEvent] = []
    for await event in engine.events { events.append(event) }
    #expect(chosen(events) == .exactMatch)
    #expect(evaluations(events).map(\.isBest) == [true])
    let remarks = events.compactMap { if case .log(let line) = $0, line.level == .warning { line.text } else { nil } }
    #expect(remarks.contains { $0.contains("entity-f1") && $0.contains("exact-match") })
  }

  /// Logits that are no numbers answer nothing, neither rightly nor wrongly by chance.
  @Test func noNumberIsNoAnswer() {
    var batch = Batch()
    batch.starts = [0, 2, 3]
    batch.classLabels = [0, 0]
    batch.tagLabels = [0, 1, 0]
    let figures = BatchFigures(
      losses: PerTask(.nan, .nan), counts: MetricCounts(correct: PerTask(2, 3), total: PerTask(2, 3)), realTokens: 3)
    var answers = BatchAnswers(
      figures: figures, classes: [0, 0], tags: [0, 1, 0], tagLogits: [1, 0, .nan, 1, 1, 0], classLogits: [1, 0, 1, 0])
    answers.markUnanswered(in: batch)
    #expect(answers.unanswered == [0])
    #expect(answers.figures.counts == MetricCounts(correct: PerTask(1, 1), total: PerTask(2, 3)))
  }
}
