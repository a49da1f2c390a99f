import FolderSupport
import Foundation
import LinkSupport
import Machine
import MultiTaskTransformer
import Testing
import TrainingEvents

@testable import Distributed
@testable import RunFolder
@testable import Training

/// One run trained by several processes, which are threads here.
@Suite struct RankTests {
  private let data = TemporaryFolder()
  private let place = TemporaryFolder()

  init() { TinyData.write(to: data) }

  private func configuration(_ run: String) -> RunConfiguration {
    var configuration = TinyData.configuration(data: data, run: place.path + "/" + run)
    configuration.learningRate = 0.01
    configuration.shares = 2
    configuration.parts = 4
    configuration.keep = 100
    return configuration
  }

  /// What an engine sends, and what became of the other ranks.
  private struct Result {
    var events: [TrainingEvent] = []
    var workers: [RunFailure?] = []
    var hasEnded = false
    /// Bytes of gradients that rank 0 sent.
    var gradientBytes = 0

    var outcome: RunOutcome? {
      guard case .phaseChanged(let change) = events.last else { return nil }
      return change.outcome
    }
    var epochs: [EpochRecord] {
      events.compactMap { event in
        guard case .epochCompleted(var record) = event else { return nil }
        record.seconds = 0
        return record
      }
    }
    var lines: [String] {
      events.compactMap { event in
        switch event {
        case .alert(let line), .log(let line): line.text
        default: nil
        }
      }
    }
  }

  /// Trains with `count` ranks to the end.
  ///
  /// - Parameters:
  ///   - limit: seconds to wait for another rank.
  ///   - mostSent: messages after which rank 1 stands still.
  ///   - answer: may send commands as events come, or notices by the link of rank 1.
  private func train(
    _ start: TrainingEngine.Start, ranks count: Int, limit: Double = 60, mostSent: Int = .max,
    answer: (TrainingEvent, TrainingEngine, ThreadLink) -> Void = { _, _, _ in }
  ) async -> Result {
    let post = ThreadLink.Post()
    let links = (0..<count).map { ThreadLink(rank: $0, of: count, post, mostSent: $0 == 1 ? mostSent : .max) }
    let groups = links.map { RankGroup($0, limit: limit, localCount: count, transportName: "threads") }
    let failures = AsyncStream<RunFailure?>.makeStream()
    for group in groups.dropFirst() { RankWorker.start(group) { failures.continuation.yield($0) } }
    let engine = TrainingEngine(start, ranks: count > 1 ? groups[0] : nil)
    var result = Result()
    for await event in engine.events {
      result.events.append(event)
      answer(event, engine, links[count - 1])
    }
    result.hasEnded = groups[0].hasEnded
    let bytes = links[0].bytesByTag
    result.gradientBytes = (bytes[MessageTag.parts] ?? 0) + (bytes[MessageTag.sums] ?? 0)
    guard result.hasEnded else { return result }
    var iterator = failures.stream.makeAsyncIterator()
    for _ in 1..<count { if let failure = await iterator.next() { result.workers.append(failure) } }
    return result
  }

  private func file(_ run: String, _ name: String) -> [UInt8]? { place.read("\(run)/checkpoints/last/\(name)") }

  private func expectSameRun(_ run: String, _ other: String, _ location: SourceLocation = #_sourceLocation) {
    for name in ["model.safetensors", "optimizer.safetensors"] {
      #expect(file(run, name) != nil && file(run, name) == file(other, name), "\(name)", sourceLocation: location)
    }
  }

  enum Kind: CaseIterable { case plain, crf, frozen, unfrozen, members, standard }

  private func configuration(_ run: String, _ kind: Kind) -> RunConfiguration {
    var configuration = configuration(run)
    configuration.layers = 2
    switch kind {
    case .plain: break
    case .crf: configuration.tagLoss = .crf
    case .frozen: configuration.freeze = ["embeddings", "layer.0"]
    case .unfrozen: configuration.unfreezeEvery = 1
    case .members: configuration.members = 2
    case .standard:
      let tiny = configuration
      configuration = RunConfiguration(preset: .standard)
      (configuration.source, configuration.runDirectory) = (tiny.source, tiny.runDirectory)
      (configuration.hidden, configuration.heads, configuration.intermediate) = (8, 2, 16)
      (configuration.epochs, configuration.leastSteps, configuration.batchSize) = (3, nil, 4)
      (configuration.threads, configuration.shares, configuration.parts) = (1, 2, 4)
      configuration.optimizer = .muon
    }
    return configuration
  }

  @Test(arguments: Kind.allCases) func ranksTrainTheRunOfOneProcess(kind: Kind) async {
    let one = await train(.new(configuration("one", kind)), ranks: 1)
    #expect(one.outcome?.exitCode == 0)
    for count in [2, 4] {
      let several = await train(.new(configuration("\(count)", kind)), ranks: count)
      #expect(several.outcome?.exitCode == 0 && several.hasEnded, "\(several.outcome?.message ?? "")")
      #expect(several.workers == Array(repeating: nil, count: count - 1))
      #expect(several.epochs == one.epochs && several.epochs.count == 3)
      expectSameRun("\(count)", "one")
    }
  }

  @Test func withoutPartsABatchHasOneForEachRank() async throws {
    var configuration = configuration("run")
    configuration.parts = nil
    _ = await train(.new(configuration), ranks: 2)
    let folder = try RunFolder.open(place.path + "/run")
    #expect(folder.manifest.configuration.parts == 2)
  }

  /// Stopped by a signal to any rank, resumed by another number of ranks, with parts unfrozen on the way.
  @Test(arguments: [(2, 4), (4, 1), (1, 2), (4, 2)]) func aRunGoesOnWithAnotherNumber(first: Int, second: Int) async {
    _ = await train(.new(configuration("whole", .unfrozen)), ranks: 1)
    var part = configuration("part", .unfrozen)
    part.checkpointEvery = 7
    let stopped = await train(.new(part), ranks: first) { event, engine, link in
      guard case .checkpointWritten(let record) = event, record.step >= 7 else { return }
      if first == 1 { engine.send(.stop(.saveAndStop)) } else { RankNotice.stop.send(over: link) }
    }
    #expect([0, 75].contains(stopped.outcome?.exitCode) && (stopped.hasEnded || first == 1))
    let resumed = await train(
      .resume(directory: place.path + "/part", epochs: nil, threads: nil), ranks: second)
    #expect(resumed.outcome?.exitCode == 0)
    expectSameRun("part", "whole")
  }

  /// Three members on three ranks, with evaluations and a checkpoint of all of them on the way.
  @Test func ranksThatShareMembersSendNoGradients() async {
    func members(_ run: String) -> RunConfiguration {
      var configuration = configuration(run, .unfrozen)
      (configuration.members, configuration.parts) = (3, nil)
      configuration.checkpointEvery = 7
      return configuration
    }
    _ = await train(.new(members("whole")), ranks: 1)
    let shared = await train(.new(members("shared")), ranks: 3)
    #expect(shared.outcome?.exitCode == 0 && shared.hasEnded, "\(shared.outcome?.message ?? "")")
    #expect(shared.gradientBytes == 0)
    expectSameRun("shared", "whole")
    let stopped = await train(.new(members("part")), ranks: 3) { event, engine, _ in
      if case .checkpointWritten(let record) = event, record.step >= 7 { engine.send(.stop(.saveAndStop)) }
    }
    #expect([0, 75].contains(stopped.outcome?.exitCode) && stopped.hasEnded)
    let resumed = await train(.resume(directory: place.path + "/part", epochs: nil, threads: nil), ranks: 1)
    #expect(resumed.outcome?.exitCode == 0)
    expectSameRun("part", "whole")
    let parts = await train(.new(configuration("parts")), ranks: 2)
    #expect(parts.gradientBytes > 0)
  }

  /// What an evaluation keeps of wrong sentences is as sure of them as in a process alone.
  @Test func mistakesAreThoseOfOneProcess() async throws {
    for (run, ranks) in [("one", 1), ("two", 2)] { _ = await train(.new(configuration(run)), ranks: ranks) }
    let names = try FileManager.default.contentsOfDirectory(atPath: place.path + "/one/mistakes")
    #expect(!names.isEmpty)
    for name in names { #expect(place.read("one/mistakes/\(name)") == place.read("two/mistakes/\(name)"), "\(name)") }
  }

  @Test func pausesEvaluationsAndCheckpointsChangeNothing() async {
    _ = await train(.new(configuration("whole")), ranks: 1)
    let result = await train(.new(configuration("disturbed")), ranks: 2) { event, engine, _ in
      guard case .runStarted = event else { return }
      for command in [TrainingCommand.pause, .evaluate, .checkpoint, .resume] { engine.send(command) }
    }
    #expect(result.outcome?.exitCode == 0 && result.hasEnded)
    expectSameRun("disturbed", "whole")
  }

  @Test func partsThatRanksCannotShareAreRefused() async {
    var configuration = configuration("run")
    configuration.parts = 2
    let result = await train(.new(configuration), ranks: 4)
    #expect(result.outcome?.exitCode == 65 && !result.hasEnded)
    #expect(
      result.outcome?.message.hasPrefix("4 processes were started, but the run's batches are cut into 2 parts") == true)
    #expect(!place.exists("run"))
  }

  /// Rank 1 stands still after so many messages: while the run is loaded, and between two steps.
  @Test(arguments: [0, 200]) func aRankThatStandsStillEndsTheRun(mostSent: Int) async {
    var configuration = configuration("run")
    configuration.epochs = 1_000
    configuration.checkpointEvery = 1
    let result = await train(.new(configuration), ranks: 2, limit: 2, mostSent: mostSent)
    #expect(result.outcome?.exitCode == 70 && !result.hasEnded)
    let name = mostSent == 0 ? "Rank 1" : "Rank 1 on \(hostName)"
    #expect(result.outcome?.message.hasPrefix("\(name) did not answer for 2 s (--peer-timeout).") == true)
    #expect(result.lines.contains("\(name) did not answer for 1 s. The run waits; it ends after 2 s (--peer-timeout)."))
    guard mostSent > 0 else { return #expect(!place.exists("run")) }
    #expect(result.outcome?.message.contains("Go on with: mtt-tui --resume \(place.path)/run") == true)
    let steps = (try? RunFolder.open(place.path + "/run").checkpoints.steps) ?? []
    #expect(steps.last.map { result.outcome?.message.contains(Checkpoint.name(step: $0)) == true } == true)
  }

  /// A rank that says something else than this one would.
  private func outcome(besides change: @escaping @Sendable (inout RankIdentity) -> Void) async -> RunOutcome? {
    let post = ThreadLink.Post()
    let other = RankGroup(ThreadLink(rank: 1, of: 2, post), limit: 9, localCount: 1, transportName: "threads")
    var identity = RankIdentity.own(other)
    identity.host = "elsewhere"
    change(&identity)
    try? Letters(other.link, Patience(limit: .seconds(9))).send(RunJSON.encode(identity), to: 0)
    let group = RankGroup(ThreadLink(rank: 0, of: 2, post), limit: 9, localCount: 1, transportName: "threads")
    var result = Result()
    for await event in TrainingEngine(.new(configuration("run")), ranks: group).events { result.events.append(event) }
    return result.outcome
  }

  @Test func anotherProgramOrProcessorIsRefusedByItsHost() async {
    let version = await outcome { $0.version = "0.0" }
    #expect(version?.exitCode == 65)
    #expect(version?.message.hasPrefix("Rank 1 on elsewhere runs mtt-tui 0.0, rank 0 ") == true)
    let build = await outcome { $0.build = "0" }
    #expect(build?.message.hasPrefix("Rank 1 on elsewhere runs another build of mtt-tui") == true)
    let processor = await outcome { $0.instructionSet = "abacus" }
    #expect(processor?.message.hasPrefix("Rank 1 on elsewhere has a processor with other instructions") == true)
  }

  @Test func otherDataAreNamedByTheirFile() {
    var (mine, theirs) = (DataReport(failure: ""), DataReport(failure: ""))
    (mine.failure, theirs.failure) = (nil, nil)
    (mine.fingerprints, theirs.fingerprints) = (["a": "1", "b": "2"], ["a": "1", "b": "3"])
    #expect(theirs.obstacle(besides: mine) == "has another b than rank 0: copy the data there.")
    theirs.fingerprints = ["a": "1"]
    #expect(theirs.obstacle(besides: mine) == "has no b, which rank 0 read: copy the data there.")
    #expect(mine.obstacle(besides: theirs) == "read b, which rank 0 does not have.")
    theirs.fingerprints = mine.fingerprints
    #expect(theirs.obstacle(besides: mine) == nil)
    theirs.labels = "x"
    #expect(theirs.obstacle(besides: mine) == "made other labels or another vocabulary of the data than rank 0.")
    #expect(
      DataReport(failure: "c: gone").obstacle(besides: mine) == "cannot read the data: c: gone")
  }

  @Test func aModelThatComputesOtherwiseIsNamed() {
    var (mine, theirs) = (ModelReport(failure: ""), ModelReport(failure: ""))
    (mine.failure, theirs.failure) = (nil, nil)
    #expect(theirs.obstacle(besides: mine) == nil)
    theirs.gradients = "x"
    #expect(theirs.obstacle(besides: mine)?.hasPrefix("computes other gradients than rank 0") == true)
    theirs.parameters = "x"
    #expect(theirs.obstacle(besides: mine)?.hasPrefix("did not get the parameters") == true)
  }

  @Test func theSlowestIsTheOneThatComputesLongest() {
    func load(_ steps: Int, _ working: Double, _ waiting: Double) -> RankLoad {
      var load = RankLoad()
      (load.steps, load.working, load.waiting, load.residentBytes) = (steps, working, waiting, 1 << 20)
      return load
    }
    let before = [load(10, 1, 1), load(10, 2, 0)]
    let sample = RankSample(step: 30, hosts: ["a", "b"], [load(30, 2, 2), load(30, 5, 1)], since: before)
    #expect(sample?.ranks.map(\.secondsAStep) == [0.05, 0.15] && sample?.ranks.map(\.waiting) == [0.5, 0.25])
    #expect(sample?.slowest == 1 && sample?.ranks[1].host == "b" && sample?.ranks[0].residentBytes == 1 << 20)
    let alike = RankSample(step: 30, hosts: ["a", "b"], [load(30, 2, 2), load(30, 3.05, 1)], since: before)
    #expect(alike != nil && alike?.slowest == nil)
    #expect(RankSample(step: 30, hosts: ["a", "b"], [load(30, 2, 2), before[1]], since: before) == nil)
  }

  @Test func ordersCrossAsTheyAre() {
    var plan = TrainingPlan()
    plan.stepsBeforeLayers = [1: 7, 0: 9]
    plan.frozenLayers = [2, 5]
    plan.encoderRate = 0.1 + 0.2
    let settings = StepSettings(
      epoch: 3, batch: 1 << 40, weights: PerTask(0.1 + 0.2, -0.0), dropoutKey: .max - 5,
      learningRate: .leastNonzeroMagnitude, weightDecay: 1e300, clip: .infinity)
    for order in [
      Order.step(settings), .follow(plan), .gather(moments: true), .gather(moments: false), .end,
    ] { #expect(Order(order.bytes) == order) }
    #expect(Order([]) == nil && Order([99]) == nil && Order([0, 1]) == nil && Order([1, 2]) == nil)
  }
}
