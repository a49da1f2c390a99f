internal import Distributed
internal import Glibc
internal import MultiTaskTransformer
internal import RunFolder
internal import TextData
internal import TrainingEvents

/// Rank 0 of a run that several processes train: brings them to one beginning, then has them take each step with it.
///
/// For the thread that loads the run, and then for the engine's.
final class Coordinator {
  let group: RankGroup
  private let patience: Patience
  private let letters: Letters
  private var exchange: TreeExchange?
  /// By rank.
  private var identities: [RankIdentity]
  /// Whether the others can be reached: they are sent the end then.
  private var isWhole = true

  /// Whether each rank trains some of the ensemble's members by itself: where they can be shared equally, no gradient
  /// crosses the network.
  private(set) var sharesMembers = false

  private static let secondsBetweenSamples = 10.0
  /// When and with what the last sample was taken.
  private var measured: (time: Double, loads: [RankLoad])?
  private var feed: EventFeed?

  private var others: Range<Int> { 1..<group.processCount }

  /// Hears of every other process what it is, and refuses those that cannot train with this one.
  ///
  /// - Parameters:
  ///   - loading: asked whether the run is still wanted while others are waited for.
  ///   - commands: where their wishes go.
  init(_ group: RankGroup, _ loading: Loading, _ commands: CommandQueue) throws(RunFailure) {
    self.group = group
    patience = Patience(limit: group.limit)
    letters = Letters(group.link, patience)
    identities = [RankIdentity.own(group)]
    patience.isAbandoned = { loading.isAbandoned }
    patience.report = { commands.put(.remark(LogLine(level: .warning, text: $0, time: Clock.sinceEpoch(), step: 0))) }
    try Self.startHeartbeat(group, commands)
    for rank in others { identities.append(try hear(RankIdentity.self, from: rank)) }
    patience.hosts = identities.map(\.host)
    try refuse { identities[$0].obstacle(besides: identities[0]) }
  }

  /// Who trains on what, in a line.
  var summary: String {
    let ranks = identities.enumerated().map { "\($0) on \($1.host)" }
    return "\(group.processCount) processes over \(group.transportName): rank \(ranks.joined(separator: ", "))"
  }

  /// What makes the run slower than it need be, as sentences for the log.
  var remarks: [String] {
    identities.indices.compactMap { rank in identities[rank].remark.map { "\(patience.names([rank])) \($0)" } }
  }

  // MARK: - One beginning

  /// The configuration with as many parts in a batch as there are processes to share it, where nobody said.
  func completed(_ configuration: RunConfiguration) -> RunConfiguration {
    var configuration = configuration
    let count = group.processCount
    if configuration.parts == nil, !configuration.members.isMultiple(of: count), count.nonzeroBitCount == 1 {
      configuration.parts = count
    }
    return configuration
  }

  /// Refuses a run that the processes cannot share.
  func check(_ configuration: RunConfiguration) throws(RunFailure) {
    let (parts, members, count) = (configuration.parts ?? 1, configuration.members, group.processCount)
    sharesMembers = members.isMultiple(of: count)
    guard sharesMembers || parts.isMultiple(of: count) else {
      throw RunFailure(
        exitCode: 65,
        "\(count) processes were started, but the run's batches are cut into \(parts) part\(parts == 1 ? "" : "s")"
          + " (--parts), of which each process takes as many as another: start a power of two of them, at most \(parts)"
          + (members > 1 ? ", or as many as divide its \(members) members" : ""))
    }
    exchange = TreeExchange(group.link, patience, sharesMembers: sharesMembers)
  }

  /// Has the others read the data.
  func announce(_ configuration: RunConfiguration, _ tokenizer: TokenizerFolder?) throws(RunFailure) {
    try broadcast(RankInstruction.read(configuration, tokenizer: tokenizer.map(SentTokenizer.init)))
  }

  /// Refuses the run where another process has read other data.
  func compare(_ dataset: TextDataset) throws(RunFailure) {
    let own = DataReport(dataset)
    var reports: [DataReport] = []
    for rank in others { reports.append(try hear(DataReport.self, from: rank)) }
    try refuse { reports[$0 - 1].obstacle(besides: own) }
  }

  /// Gives the others the model as it is here, and refuses the run where it computes otherwise there.
  func begin(
    _ configuration: RunConfiguration, _ dataset: TextDataset, _ model: TransformerModel, unfreezings: [Int] = []
  ) throws(RunFailure) {
    let state = model.optimizerState()
    try broadcast(
      RankInstruction.begin(
        RankBeginning(
          configuration: configuration, shape: model.ensemble.configuration,
          plan: try RunPreparation.plan(configuration, unfreezings: unfreezings), optimizerStep: state.step,
          sharesMembers: sharesMembers, secondsToWait: group.limit / .seconds(1), hosts: patience.hosts)))
    for tensor in model.parameters() + state.moments {
      for rank in others { try converting { () throws(DistributedError) in try letters.send(tensor, to: rank) } }
    }
    let own = ModelReport(model, RankBatches(configuration, dataset))
    var reports: [ModelReport] = []
    for rank in others { reports.append(try hear(ModelReport.self, from: rank)) }
    try refuse { reports[$0 - 1].obstacle(besides: own) }
  }

  /// Goes on on the engine's thread.
  func take(_ feed: EventFeed) {
    self.feed = feed
    patience.isAbandoned = { false }
    patience.report = { feed.alert($0, step: feed.lastStep) }
    for remark in remarks { feed.log(remark, level: .warning, step: feed.lastStep) }
  }

  // MARK: - Training

  /// Has all others do something next.
  func order(_ order: Order) throws(RunFailure) {
    let bytes = order.bytes
    for rank in others { try converting { () throws(DistributedError) in try letters.send(bytes, to: rank) } }
  }

  /// Takes a step, the others theirs.
  func step(_ model: TransformerModel, _ batch: Batch, _ settings: StepSettings) throws(RunFailure) -> StepFigures {
    guard let exchange else { throw RunFailure(exitCode: 70, "A step was asked for before the processes have begun.") }
    let figures = try converting { () throws(DistributedError) in
      try exchange.measured { () throws(DistributedError) in try model.step(batch, settings, with: exchange) }
    }
    measure(exchange.loads)
    return figures
  }

  /// Tells every few seconds how the ranks get on, for the first time after one.
  private func measure(_ loads: [RankLoad]) {
    let now = Clock.monotonic()
    guard let before = measured else { return measured = (now - Self.secondsBetweenSamples + 1, loads) }
    guard let feed, now - before.time >= Self.secondsBetweenSamples else { return }
    measured = (now, loads)
    let sample = RankSample(step: feed.lastStep, hosts: identities.map(\.host), loads, since: before.loads)
    if let sample { feed.send(.ranksMeasured(sample)) }
  }

  /// Takes in what the others have trained by themselves.
  func gather(_ model: TransformerModel, moments: Bool) throws(RunFailure) {
    try order(.gather(moments: moments))
    let members = model.ensemble.members
    let share = members.count / group.processCount
    for rank in others {
      for index in rank * share..<(rank + 1) * share {
        let parameters = members[index].parameters()
        let ownMoments = moments ? members[index].optimizerState().moments : []
        let tensors = try converting { () throws(DistributedError) in
          try letters.receive(parameters + ownMoments, from: rank)
        }
        do throws(ModelError) {
          try model.ensemble.load(
            member: index, parameters: Array(tensors[..<parameters.count]),
            moments: moments ? Array(tensors[parameters.count...]) : nil, optimizerStep: model.optimizerStep)
        } catch {
          throw RunFailure(exitCode: 70, error.description)
        }
      }
    }
  }

  /// Has the others end, and waits until they have.
  func end() {
    guard isWhole, (try? order(.end)) != nil else { return }
    group.awaitEnd()
  }

  // MARK: - Messages

  private func broadcast(_ message: RankInstruction) throws(RunFailure) {
    let bytes = RunJSON.encode(message)
    for rank in others { try converting { () throws(DistributedError) in try letters.send(bytes, to: rank) } }
  }

  private func hear<Message: Decodable>(_ type: Message.Type, from rank: Int) throws(RunFailure) -> Message {
    let bytes = try converting { () throws(DistributedError) in try letters.receive(from: rank) }
    return try RunFailure.converting { () throws(RunFolderError) in
      try RunJSON.decode(type, from: bytes, path: "what rank \(rank) says")
    }
  }

  private func converting<Value>(_ body: () throws(DistributedError) -> Value) throws(RunFailure) -> Value {
    do throws(RunFailure) {
      return try RunFailure.converting(body)
    } catch {
      isWhole = false
      throw error
    }
  }

  /// Throws the first reason, by rank, why another process cannot train with this one.
  private func refuse(_ obstacle: (Int) -> String?) throws(RunFailure) {
    for rank in others {
      if let obstacle = obstacle(rank) { throw RunFailure(exitCode: 65, "\(patience.names([rank])) \(obstacle)") }
    }
  }

  /// Beats and listens on a thread of its own until all others have left, or the process ends.
  private static func startHeartbeat(_ group: RankGroup, _ commands: CommandQueue) throws(RunFailure) {
    let started = EngineThread.start {
      let heartbeat = Heartbeat(group.link)
      while !group.hasEnded {
        for (rank, notice) in heartbeat.turn() {
          switch notice {
          case .left: group.note(left: rank)
          case .stop:
            let line = "Rank \(rank) was asked by a signal to save and stop: the run does."
            commands.put(.remark(LogLine(level: .warning, text: line, time: Clock.sinceEpoch(), step: 0)))
            commands.put(.stop(.saveAndStop))
          }
        }
        usleep(50_000)
      }
    }
    if !started { throw RunFailure(exitCode: 70, "The system has no thread left for rank 0's heartbeat.") }
  }
}

extension RankSample {
  /// What some ranks have done since they had done less; nil where one has not taken a step.
  init?(step: Int, hosts: [String], _ loads: [RankLoad], since before: [RankLoad]) {
    self.init(step: step, ranks: [])
    for ((host, load), old) in zip(zip(hosts, loads), before) {
      guard load.steps > old.steps else { return nil }
      let (working, waiting) = (load.working - old.working, load.waiting - old.waiting)
      ranks.append(
        Rank(
          host: host, waiting: waiting / max(working + waiting, .leastNormalMagnitude),
          secondsAStep: working / Double(load.steps - old.steps), residentBytes: load.residentBytes))
    }
  }
}
