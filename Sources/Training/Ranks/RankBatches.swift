internal import TextData
internal import TrainingEvents

/// The run's training batches, any of them made anew from where it stands: every process has the whole of each.
struct RankBatches {
  private let configuration: RunConfiguration
  private let dataset: TextDataset
  private var collator: Collator
  private var order: BatchOrder?
  private var orderedEpoch = -1
  private var made: (epoch: Int, index: Int)?
  private var batch = Batch()

  init(_ configuration: RunConfiguration, _ dataset: TextDataset) {
    self.configuration = configuration
    self.dataset = dataset
    collator = RunPreparation.collator(configuration, dataset)
  }

  /// The batch that comes after the last one given, made ahead while others are still at that one.
  mutating func prepareNext() {
    guard let made, let order, made.index + 1 < order.count else { return }
    _ = batch(epoch: made.epoch, index: made.index + 1)
  }

  mutating func batch(epoch: Int, index: Int) -> Batch {
    if let made, made == (epoch, index) { return batch }
    if orderedEpoch != epoch || order == nil {
      order = BatchOrder(dataset.train, batchSize: configuration.batchSize, seed: configuration.seed, epoch: epoch)
      orderedEpoch = epoch
    }
    guard let order else { return batch }
    collator.collate(
      dataset.train, rows: order.rows(ofBatch: index), padTo: configuration.padTo, epoch: epoch, into: &batch)
    made = (epoch, index)
    return batch
  }
}
