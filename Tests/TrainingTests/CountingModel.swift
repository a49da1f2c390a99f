import MultiTaskTransformer
import TextData
import TrainingEvents

@testable import Training

/// A model whose every number can be foretold: one weight, moved by each step's key and rate, so that a step done twice,
/// left out or in another order shows.
final class CountingModel: TrainableModel {
  var weight: Float = 1
  var moment: Float = 0
  var optimizerStep = 0
  var applied: [(rate: Double, key: UInt64)] = []
  /// Steps begun.
  var begun = 0
  /// Called as a step begins, with its number in this model's life.
  var onStep: (Int) -> Void = { _ in }
  /// Called as a batch is evaluated.
  var onAnswer: () -> Void = {}
  /// Steps in this model's life whose loss is NaN, and those whose gradient is infinite.
  var nanSteps: Set<Int> = []
  var infiniteSteps: Set<Int> = []

  /// How far labels are believed in a step of this model's life.
  var margins: (Int) -> BatchMargins = { _ in BatchMargins() }

  var parameterCount: Int { 1 }

  func step(_ batch: Batch, _ settings: StepSettings) -> StepFigures {
    begun += 1
    onStep(begun)
    var figures = figures(batch)
    if nanSteps.contains(begun) { figures.losses[.sentence] = .nan }
    let loss = settings.weights.weightedSum(of: figures.losses) ?? 0
    let norm = infiniteSteps.contains(begun) ? Double.infinity : 0.5
    let isApplied = loss.isFinite && norm.isFinite
    if isApplied { apply(settings) }
    return StepFigures(batch: figures, loss: loss, gradientNorm: norm, isApplied: isApplied, margins: margins(begun))
  }

  private func apply(_ settings: StepSettings) {
    applied.append((settings.learningRate, settings.dropoutKey))
    moment = moment * 0.9 + Float(settings.dropoutKey % 1000) / 1000
    weight -= Float(settings.learningRate) * moment
    optimizerStep += 1
  }

  func answers(_ batch: Batch) -> BatchAnswers {
    onAnswer()
    let tokens = batch.tokenIDs.count
    return BatchAnswers(
      figures: figures(batch), classes: [Int32](repeating: 0, count: batch.count),
      tags: [Int32](repeating: 0, count: tokens))
  }

  func decodedTags(_ answers: BatchAnswers, tokens: [Int32]) -> [Int32] {
    tokens.map { answers.tags[Int($0)] }
  }

  func configurationFile(padTokenID: Int) -> [UInt8] { Array("{}".utf8) }

  func parameters() -> [NamedTensor] { [NamedTensor(name: "weight", shape: [1], values: [weight])] }

  func optimizerState() -> (step: Int, moments: [NamedTensor]) {
    (optimizerStep, [NamedTensor(name: "optimizer.exp_avg.weight", shape: [1], values: [moment])])
  }

  func load(parameters: [NamedTensor]) throws(ModelError) {
    guard let tensor = parameters.first, tensor.name == "weight", tensor.values.count == 1 else {
      throw ModelError(description: "no weight")
    }
    weight = tensor.values[0]
  }

  func load(optimizerStep: Int, moments: [NamedTensor]) throws(ModelError) {
    guard let tensor = moments.first, tensor.values.count == 1 else { throw ModelError(description: "no moment") }
    self.optimizerStep = optimizerStep
    moment = tensor.values[0]
  }

  private func figures(_ batch: Batch) -> BatchFigures {
    let tokens = batch.tokenIDs.count
    let tagged = batch.tagLabels.count { $0 >= 0 }
    return BatchFigures(
      losses: PerTask(Double(weight), Double(tokens) / 100),
      counts: MetricCounts(
        correct: PerTask(batch.classLabels.count { $0 == 0 }, batch.tagLabels.count { $0 == 0 }),
        total: PerTask(batch.classLabels.count { $0 >= 0 }, tagged)),
      realTokens: tokens)
  }
}

/// What a model for tests of the loop need not know.
extension TrainableModel {
  var trainedCount: Int { parameterCount }
  func follow(_ plan: TrainingPlan) {}
  func taskGradients(_ batch: Batch, _ settings: StepSettings) -> TaskGradients? { nil }
  func tagProbabilities(_ answers: BatchAnswers, tokens: [Int32]) -> [Double] { [] }
  func gather(moments: Bool) {}
}
