import Testing
import TrainingEvents

@testable import Training

@Suite struct LossWatchTests {
  private let weights = PerTask(1.0, 1.0)

  private func step(_ number: Int, loss: Double, applied: Bool = true) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 1000, loss: loss, losses: PerTask(loss, nil),
      counts: MetricCounts(),
      learningRate: 1, gradientNorm: 1, sentences: 1, realTokens: 1, seconds: 0, elapsed: 0, applied: applied)
  }

  /// Guessing among 7 classes and 72 tags gives 6.22.
  @Test func aLossFarAboveGuessingIsSaidOnce() throws {
    var watch = LossWatch(labels: PerTask(7, 72))
    var warnings: [(step: Int, text: String)] = []
    for number in 1...200 {
      let loss = number < 50 || number > 120 ? 2.0 : 40_000
      if let text = watch.warning(of: step(number, loss: loss), weights: weights) { warnings.append((number, text)) }
    }
    #expect(warnings.map(\.step) == [50])
    #expect(warnings.first?.text.contains("learning rate") == true)
  }

  /// Beyond what whole numbers hold.
  @Test(arguments: [1e19, 3e38, 1e300]) func aLossMayBeAnyNumber(_ loss: Double) {
    var watch = LossWatch(labels: PerTask(7, 72))
    let warnings = (1...20).compactMap { watch.warning(of: step($0, loss: loss), weights: weights) }
    #expect(warnings.count == 1)
  }

  @Test func whatLearnsIsNotWarnedOf() {
    var watch = LossWatch(labels: PerTask(7, 72))
    for number in 1...500 {
      let noise = number % 7 == 0 ? 6.0 : 0
      #expect(watch.warning(of: step(number, loss: 7 / Double(number) + noise), weights: weights) == nil)
      #expect(watch.warning(of: step(number, loss: .nan, applied: false), weights: weights) == nil)
    }
  }

  /// One class alone leaves nothing to guess; a weight of 100 makes a loss of 100 times as much right.
  @Test func itKnowsTheTasksAndTheirWeights() {
    var watch = LossWatch(labels: PerTask(7, 0))
    for number in 1...50 {
      #expect(watch.warning(of: step(number, loss: 190), weights: PerTask(100, 1)) == nil)
    }
    #expect(watch.warning(of: step(51, loss: 190), weights: weights) != nil)
  }
}
