import FolderSupport
import Foundation
import Testing
import TextData
import TrainingEvents

@testable import Training

/// Probabilities that say how often they are right, and answers that are not given.
@Suite struct CalibrationTests {
  /// Six answers of three classes, as logits, with gold labels.
  private let logits: [[Double]] = [[4, 0, 1], [3, 2, 0], [0, 5, 1], [1, 0, 3], [2, 2.5, 0], [0, 1, 6]]
  private let gold: [Int32] = [0, 1, 1, 2, 0, 1]

  private func softmax(_ logits: [Double]) -> [Double] {
    let sum = logits.reduce(0) { $0 + exp($1) }
    return logits.map { exp($0) / sum }
  }

  private var sample: CalibrationSample {
    var sample = CalibrationSample()
    for (row, label) in zip(logits, gold) {
      let best = Int32(row.indices.max { row[$0] < row[$1] } ?? 0)
      sample.add(softmax(row)[...], gold: label, predicted: best)
    }
    return sample
  }

  /// The minimum of the negative log-likelihood, found by trying thousands of temperatures.
  @Test func theTemperatureIsTheLikeliest() throws {
    func loss(_ temperature: Double) -> Double {
      zip(logits, gold).reduce(0) { $0 - log(softmax($1.0.map { $0 / temperature })[Int($1.1)]) }
    }
    // Coarse, then fine around the best: there is one minimum.
    let coarse = try #require((1...2_000).map { Double($0) * 0.01 }.min { loss($0) < loss($1) })
    let tried = try #require((-1_000...1_000).map { coarse + Double($0) * 1e-5 }.min { loss($0) < loss($1) })
    let found = try #require(sample.temperature())
    #expect(abs(found - tried) < 1e-4, "\(found)")
    #expect(found > 1, "two of six are wrong, some of them surely: too sure")
  }

  @Test func whereNoTemperatureIsLikeliestNoneIsTaken() {
    var right = CalibrationSample()
    for row in logits {
      right.add(softmax(row)[...], gold: Int32(row.firstIndex(of: row.max() ?? 0) ?? 0), predicted: 0)
    }
    #expect(right.temperature() == nil, "ever colder would be ever likelier")
    #expect(CalibrationSample().temperature() == nil)
    var unknown = CalibrationSample()
    unknown.add([0.5, 0.5], gold: 7, predicted: 0)
    #expect(unknown.temperature() == nil)
  }

  @Test func temperaturesAreSoftmaxesOfDividedLogits() {
    for (one, other) in zip(tempered(softmax([4, 0, 1]), by: 2.5), softmax([1.6, 0, 0.4])) {
      #expect(abs(one - other) < 1e-12)
    }
    let certain = tempered([1, 0], by: 2)
    #expect(certain[0] > 0.999 && certain[1] >= 0 && certain[1].isFinite)
  }

  /// numpy: bins (0, 1/15], …; Σ |Σ confidence − Σ right| ÷ n.
  @Test func theErrorIsThatOfFifteenBins() throws {
    var bins = CalibrationBins()
    #expect(bins.error == nil)
    let answers: [(Double, Bool)] = [
      (0.95, true), (0.97, false), (0.99, true), (0.5, true), (0.52, false), (0.4, false), (0.0, false), (1.0, true),
      (0.2, true),
    ]
    for (probability, isRight) in answers { bins.add(probability, isRight: isRight) }
    let error = try #require(bins.error)
    #expect(abs(error - 2.13 / 9) < 1e-12)
  }

  @Test func theThresholdIsTheLeastThatIsPreciseEnough() throws {
    var table = RejectionTable()
    for (probability, isRight) in [(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.5, false)] {
      table.add(probability, isRight: isRight)
    }
    let all = try #require(table.choice(precision: 0.6))
    #expect(all.answered == 5 && all.threshold == 0 && all.precision == 0.6)
    let most = try #require(table.choice(precision: 0.75))
    #expect(most.answered == 4 && most.precision == 0.75 && most.threshold > 0.5 && most.threshold <= 0.6)
    let sure = try #require(table.choice(precision: 1))
    #expect(sure.answered == 2 && sure.threshold > 0.7 && sure.threshold <= 0.8 && sure.sentences == 5)
    var wrong = RejectionTable()
    wrong.add(0.9, isRight: false)
    #expect(wrong.choice(precision: 0.5) == nil && RejectionTable().choice(precision: 0.5) == nil)
  }

  /// What a threshold's digits say holds for every probability beside it.
  @Test func thresholdsAreExact() {
    for step in stride(from: 1, to: 10_000, by: 7) {
      let border = Double(step) / 10_000
      var table = RejectionTable()
      table.add(border, isRight: true)
      table.add(border.nextDown, isRight: false)
      #expect(table.choice(precision: 1)?.threshold == border)
    }
  }

  @Test func fittedTemperaturesStayWithTheModel() async throws {
    let run = await SampleRun.folder.value
    let model = try TrainedModel(run, checkpoint: "12", threads: 1)
    let copy = TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: model.path) {
      copy.write(Array(try Data(contentsOf: URL(fileURLWithPath: model.path + "/" + name))), to: name)
    }
    let data = DataOptions.Source.folder(SampleRun.data.path)
    let before = try ModelEvaluator(try TrainedModel(copy.path, threads: 1)).evaluate(data, split: .dev)
    let unfitted = try #require(before.calibration[.words])
    #expect(unfitted.temperature == nil && unfitted.error == unfitted.errorBefore)
    let fit = try ModelEvaluator(try TrainedModel(copy.path, threads: 1)).evaluate(
      data, split: .dev, calibrates: true, precision: 0.1)
    let reported = try #require(fit.calibration[.words])
    let temperature = try #require(reported.temperature)
    #expect(temperature != 1 && reported.errorBefore == unfitted.errorBefore)
    #expect(fit.rejection?.sentences == 24)
    let file = try JSONDecoder().decode(
      [String: Double].self, from: Data(contentsOf: URL(fileURLWithPath: "\(copy.path)/\(Temperatures.fileName)")))
    #expect(file["temperature_b"] == temperature && file.keys.allSatisfy(["temperature_a", "temperature_b"].contains))
    let fitted = try TrainedModel(copy.path, threads: 1)
    #expect(fitted.temperatures[.words] == temperature)
    let after = try ModelEvaluator(fitted).evaluate(data, split: .dev)
    #expect(abs((after.calibration[.words]?.error ?? .nan) - reported.error) < 1e-6, "single precision in the sample")
    #expect(after.exactMatch == before.exactMatch && after.decodedAccuracy == before.decodedAccuracy)
    copy.write(Array(#"{"temperature_a": -3}"#.utf8), to: Temperatures.fileName)
    #expect(throws: RunFailure.self) { try TrainedModel(copy.path, threads: 1) }
  }

  @Test func improbableClassesAreNotAnswered() async throws {
    let model = try TrainedModel(await SampleRun.folder.value, threads: 1)
    let plain = Predictor(model)
    let given = try #require(try plain.predict([plain.split("play name0 now please")]).first)
    let careful = Predictor(model, rejectingBelow: given.classProbability.nextUp)
    let answer = try #require(try careful.predict([careful.split("play name0 now please")]).first)
    #expect(answer.sentenceClass == nil && answer.rejectedClass == given.sentenceClass)
    #expect(answer.classProbability == given.classProbability && answer.tags == given.tags)
    let bold = Predictor(model, rejectingBelow: given.classProbability)
    #expect(try bold.predict([bold.split("play name0 now please")]).first?.sentenceClass == given.sentenceClass)
  }
}
