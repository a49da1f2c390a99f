import FolderSupport
import RunFolder
import Testing
import TextData
import TrainingEvents

@testable import Training

@Suite struct ClassWeightsTests {
  private let data = TemporaryFolder()
  private let place = TemporaryFolder()

  private func prepared(_ weights: RunConfiguration.ClassWeights?) throws -> PreparedRun {
    TinyData.write(to: data, rows: 8)
    var configuration = TinyData.configuration(data: data, run: place.path + "/\(weights?.rawValue ?? "none given")")
    configuration.classWeights = weights
    return try RunPreparation.prepare(.new(configuration))
  }

  /// Of 8 sentences 3 are of each of two classes and 2 of the third: 8 ÷ (3 × 3) and 8 ÷ (3 × 2).
  @Test func balancedWeightsAreOfTrainsCountsAndSaidInTheFirstLine() throws {
    let run = try prepared(.balanced)
    #expect(run.dataset.sentenceClasses == ["Book", "Play", "Weather"])
    let expected: [Float] = [8 / 6, 8 / 9, 8 / 9]
    #expect(run.model.sentenceClassWeights == expected)
    #expect(
      run.description.lossDescription.contains("(class weights balanced, from 0.889 for Play to 1.333 for Book)"))
    #expect(run.folder.manifest.configuration.classWeights == .balanced)
  }

  @Test(arguments: [nil, RunConfiguration.ClassWeights.none]) func otherwiseAllCountAlike(
    weights: RunConfiguration.ClassWeights?
  ) throws {
    let run = try prepared(weights)
    #expect(run.model.sentenceClassWeights.isEmpty)
    #expect(!run.description.lossDescription.contains("weights"))
  }
}
