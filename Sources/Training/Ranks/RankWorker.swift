internal import Distributed
internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Any other rank than 0: does what rank 0 does, and neither writes nor prints.
public final class RankWorker {
  /// Beyond rank 0's patience, so that it is rank 0, which has the log, that ends the run.
  private static let grace: Duration = .seconds(10)

  private let group: RankGroup
  private let patience: Patience
  private let letters: Letters
  private let heartbeat: HeartbeatListener
  private var dataset: TextDataset?

  private init(_ group: RankGroup) {
    self.group = group
    patience = Patience(limit: group.limit + Self.grace)
    letters = Letters(group.link, patience)
    heartbeat = HeartbeatListener(group.link)
    patience.isExcused = { [heartbeat] in heartbeat.hasBeaten() }
  }

  /// Trains with rank 0 on a thread of its own to the run's end; `done` is called there with why it ended before, or nil.
  public static func start(_ group: RankGroup, done: @escaping @Sendable (RunFailure?) -> Void) {
    let started = EngineThread.start {
      do throws(RunFailure) {
        try RankWorker(group).run()
        done(nil)
      } catch {
        done(error)
      }
    }
    if !started { done(RunFailure(exitCode: 70, "The system has no thread left for the training engine.")) }
  }

  private func run() throws(RunFailure) {
    try say(RankIdentity.own(group))
    while true {
      switch try hear() {
      case .read(let configuration, let tokenizer): try read(configuration, tokenizer?.folder)
      case .begin(let beginning):
        patience.hosts = beginning.hosts
        patience.limit = .seconds(beginning.secondsToWait) + Self.grace
        return try train(beginning)
      }
    }
  }

  private func read(_ configuration: RunConfiguration, _ tokenizer: TokenizerFolder?) throws(RunFailure) {
    let report: DataReport
    do throws(RunFailure) {
      let dataset = try RunPreparation.load(configuration, tokenizer: tokenizer)
      self.dataset = dataset
      report = DataReport(dataset)
    } catch {
      report = DataReport(failure: error.description)
    }
    try say(report)
  }

  private func train(_ beginning: RankBeginning) throws(RunFailure) {
    guard let dataset else { throw RunFailure(exitCode: 70, "Rank 0 begins a run whose data it has not named.") }
    let model: TransformerModel
    do throws(RunFailure) {
      model = try makeModel(beginning, dataset)
    } catch {
      return try say(ModelReport(failure: error.description))
    }
    let exchange = TreeExchange(group.link, patience, sharesMembers: beginning.sharesMembers)
    var batches = RankBatches(beginning.configuration, dataset)
    try say(ModelReport(model, batches))
    while true {
      guard let order = Order(try receive()) else { throw RunFailure(exitCode: 70, "Rank 0 gave an unknown order.") }
      switch order {
      case .step(let settings):
        let batch = batches.batch(epoch: settings.epoch, index: settings.batch)
        _ = try RunFailure.converting { () throws(DistributedError) in
          try exchange.measured { () throws(DistributedError) in try model.step(batch, settings, with: exchange) }
        }
        batches.prepareNext()
      case .follow(let plan): model.follow(plan)
      case .gather(let moments):
        for index in exchange.ownMembers(of: model.ensemble.members.count) {
          let member = model.ensemble.members[index]
          let tensors = member.parameters() + (moments ? member.optimizerState().moments : [])
          for tensor in tensors {
            try RunFailure.converting { () throws(DistributedError) in try letters.send(tensor, to: 0) }
          }
        }
      case .end:
        return try RunFailure.converting { () throws(DistributedError) in try heartbeat.leave(patience) }
      }
    }
  }

  /// Makes the model and loads rank 0's tensors.
  private func makeModel(_ beginning: RankBeginning, _ dataset: TextDataset) throws(RunFailure) -> TransformerModel {
    let configuration = beginning.configuration
    let model = try RunPreparation.makeModel(
      configuration, dataset, beginning.shape, threads: RunPreparation.threadCount(configuration, group))
    model.follow(beginning.plan)
    let parameters = try receive(model.parameters())
    let moments = try receive(model.optimizerState().moments)
    do throws(ModelError) {
      try model.load(parameters: parameters)
      try model.load(optimizerStep: beginning.optimizerStep, moments: moments)
      return model
    } catch {
      throw RunFailure(exitCode: 70, error.description)
    }
  }

  /// Tensors as rank 0 has them, in the place of some of the same names and shapes.
  private func receive(_ tensors: [NamedTensor]) throws(RunFailure) -> [NamedTensor] {
    try RunFailure.converting { () throws(DistributedError) in try letters.receive(tensors, from: 0) }
  }

  // MARK: - Messages

  private func say(_ message: some Encodable) throws(RunFailure) {
    let bytes = RunJSON.encode(message)
    try RunFailure.converting { () throws(DistributedError) in try letters.send(bytes, to: 0) }
  }

  private func hear() throws(RunFailure) -> RankInstruction {
    let bytes = try receive()
    return try RunFailure.converting { () throws(RunFolderError) in
      try RunJSON.decode(RankInstruction.self, from: bytes, path: "what rank 0 says")
    }
  }

  private func receive() throws(RunFailure) -> [UInt8] {
    try RunFailure.converting { () throws(DistributedError) in try letters.receive(from: 0) }
  }
}
