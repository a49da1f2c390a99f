import RunModel
import Testing
import TrainingEvents

/// Runs of very many epochs: what is kept of their evaluations.
@Suite struct ThinnedRecordsTests {
  private func evaluation(_ epoch: Int, isBest: Bool) -> EvaluationRecord {
    EvaluationRecord(
      split: .dev, epoch: epoch, step: epoch + 1, loss: Double(epoch), losses: PerTask(1, nil),
      counts: MetricCounts(correct: PerTask(1, 0), total: PerTask(2, 0)), exactMatch: nil, entityPrecision: nil,
      entityRecall: nil, entityF1: nil, seconds: 1, isBest: isBest)
  }

  /// However often a run got better, the list stays bounded, and the best and the newest stay in it.
  @Test(arguments: [1, 2, 7]) func manyEvaluationsThatWereTheBestOnceAreThinnedToo(every: Int) throws {
    var run = RunState()
    let last = 30_000
    for epoch in 0...last {
      run.apply(.evaluated(evaluation(epoch, isBest: epoch < 20_000 && epoch.isMultiple(of: every))), now: 0)
      if epoch.isMultiple(of: 1000) { #expect((0...4096).contains(run.evaluations.count)) }
    }
    #expect(run.evaluations.count > 1000 && run.evaluations.last?.epoch == last)
    let best = try #require(run.best)
    #expect(best.epoch == 19_999 / every * every)
    #expect(run.evaluations.contains { $0.step == best.step })
    #expect(run.evaluationPoints == run.evaluations.map(EvaluationPoint.init))
  }
}
