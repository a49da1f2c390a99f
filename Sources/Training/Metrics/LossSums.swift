internal import TextData
internal import TrainingEvents

/// Losses and counts of a split, summed over its batches.
struct LossSums {
  private var sums = PerTask.all(0.0)
  /// Labels that take part in the losses: those that the model knows.
  private var known = PerTask.all(0)
  private(set) var counts = MetricCounts()

  /// Adds a batch's losses and counts; a task without labels in the model counts nothing.
  mutating func add(_ figures: BatchFigures, _ batch: Batch, labelCounts: PerTask<Int>) {
    let labels = PerTask(batch.classLabels, batch.tagLabels)
    for task in ModelTask.allCases where labelCounts[task] > 0 {
      let inLoss = labels[task].count { $0 >= 0 && Int($0) < labelCounts[task] }
      sums[task] += (figures.losses[task] ?? 0) * Double(inLoss)
      known[task] += inLoss
      counts.correct[task] += figures.counts.correct[task]
      counts.total[task] += figures.counts.total[task]
    }
  }

  /// Nil where no label takes part.
  var means: PerTask<Double?> { PerTask { known[$0] == 0 ? nil : sums[$0] / Double(known[$0]) } }
}
