import FolderSupport
import Foundation
import Testing
import TextData
import TrainingEvents

@testable import Training

/// Data with less, or with more, than the usual: what is there is trained, evaluated and answered for.
@Suite struct UnusualDataTests {
  private let folder = TemporaryFolder()

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var rows: [(words: String, tags: String?, label: String?)]
    var tells: (classes: Bool, tags: Bool) = (true, true)
  }

  private static let plain = (0..<30).map { index in
    (
      words: "play song\(index % 7) now", tags: String?.some("O B-song O"),
      label: String?.some(["Play it", "Make Update"][index % 2])
    )
  }

  static let cases: [Case] = [
    Case(testDescription: "labels with spaces", rows: plain),
    Case(
      testDescription: "classes only", rows: plain.map { ($0.words, nil, $0.label) },
      tells: (classes: true, tags: false)),
    Case(
      testDescription: "tags only", rows: plain.map { ($0.words, $0.tags, nil) }, tells: (classes: false, tags: true)),
    Case(testDescription: "one class", rows: plain.map { ($0.words, $0.tags, "Only") }),
    Case(testDescription: "one tag", rows: plain.map { ($0.words, "O O O", $0.label) }),
    Case(
      testDescription: "a sentence of 500 words",
      rows: plain + [
        (
          (0..<500).map { "w\($0)" }.joined(separator: " "), Array(repeating: "O", count: 500).joined(separator: " "),
          "Play it"
        )
      ]),
    Case(
      testDescription: "a word of 200 characters",
      rows: plain + [(String(repeating: "x", count: 200) + " y", "B-song O", "Play it")]),
    Case(
      testDescription: "emoji and right-to-left text",
      rows: plain + [("👍🏽 👩‍👩‍👧 שלום عولم مرحبا", "O B-song B-song I-song O", "Play it")]),
  ]

  @Test(arguments: cases, [Preset.standard, .accurate])
  func isTrainedEvaluatedAndAnswered(_ data: Case, preset: Preset) async throws {
    folder.makeFolder("train")
    folder.write(Array(data.rows.map { $0.words + "\n" }.joined().utf8), to: "train/seq.in")
    if data.tells.tags {
      folder.write(Array(data.rows.compactMap { $0.tags.map { $0 + "\n" } }.joined().utf8), to: "train/seq.out")
    }
    if data.tells.classes {
      folder.write(Array(data.rows.compactMap { $0.label.map { $0 + "\n" } }.joined().utf8), to: "train/label")
    }
    var configuration = RunConfiguration(preset: preset)
    let small = TinyData.configuration(data: folder, run: folder.path + "/run")
    configuration.source = small.source
    (configuration.hidden, configuration.layers, configuration.heads) = (8, 1, 2)
    (configuration.intermediate, configuration.maxLength, configuration.nGramBuckets) = (16, 64, 100)
    (configuration.epochs, configuration.leastSteps) = (2, nil)
    (configuration.threads, configuration.runDirectory) = (1, small.runDirectory)
    configuration.members = 1
    var outcome: RunOutcome?
    var epochs: [EpochRecord] = []
    for await event in TrainingEngine(.new(configuration)).events {
      if case .phaseChanged(let change) = event { outcome = change.outcome ?? outcome }
      if case .epochCompleted(let record) = event { epochs.append(record) }
    }
    #expect(outcome?.exitCode == 0, "\(outcome?.message ?? "")")
    #expect(epochs.count == 2 && epochs.allSatisfy { $0.averageLoss.isFinite })
    #expect(epochs.allSatisfy { $0.counts.total[.sentence] == (data.tells.classes ? data.rows.count : 0) })
    let model = try TrainedModel(folder.path + "/run", threads: 1)
    #expect(model.sentenceClasses.isEmpty != data.tells.classes && model.tags.isEmpty != data.tells.tags)
    let report = try ModelEvaluator(model).evaluate(.folder(folder.path), split: .train)
    #expect(report.sentences == data.rows.count && report.judged == data.rows.count)
    #expect((report.counts.accuracy(.sentence) == nil) != data.tells.classes)
    #expect((report.counts.accuracy(.words) == nil) != data.tells.tags)
    let predictor = Predictor(model)
    let last = data.rows[data.rows.count - 1].words
    let answer = try #require(predictor.predict([predictor.split(last, preSplit: true)]).first)
    let hasClass = answer.sentenceClass != nil
    #expect(hasClass == data.tells.classes)
    #expect(answer.tags.isEmpty != data.tells.tags)
    #expect(answer.words == last.split(separator: " ").map(String.init))
  }

  @Test func patienceEndsARunThatGetsNoBetter() async throws {
    var harness = LoopHarness(epochs: 9)
    harness.configuration.patience = 2
    let result = try await harness.train()
    // The counting model's figures never change: the first epoch stays the best.
    #expect(result.outcome.exitCode == 0 && result.epochs.count == 3)
    #expect(result.outcome.message.contains("3 epochs of 9") && result.checkpoints.last?.reason == .finished)
    let again = try await harness.train(resume: true)
    #expect(again.outcome.exitCode == 0 && again.epochs.isEmpty)
  }
}
