import Dispatch
import Distributed
import Kernels
import LinkSupport
import MultiTaskTransformer
import Testing
import TrainingEvents

@Suite struct TreeExchangeTests {
  /// A number whose sums depend on their order.
  private static func number(_ rank: Int, _ place: Int) -> Float {
    Float((rank * 7919 + place * 104_729) % 1_000_003) * 1e-5 / Float(1 + (rank * 31 + place * 17) % 97)
  }

  /// The sum over a power of two of processes as a balanced tree.
  private static func tree(_ numbers: [Float]) -> Float {
    numbers.count == 1
      ? numbers[0] : tree(Array(numbers[..<(numbers.count / 2)])) + tree(Array(numbers[(numbers.count / 2)...]))
  }

  /// Runs of every kind: empty, shorter than a chunk's alignment, longer than a task, in one message and in several.
  @Test(
    arguments: [1, 2, 4, 8],
    [([0], 1 << 17), ([5], 16), ([3_000], 8), ([40_003, 0, 7, 33_001], 1 << 17), ([40_003, 0, 7, 33_001], 1_000)])
  func everyProcessGetsTheTreesBits(count: Int, runs: (lengths: [Int], mostInMessage: Int)) {
    let lengths = runs.lengths
    let results = processes(count) { link in
      let team = ThreadTeam(count: 2)
      let exchange = TreeExchange(link, Patience(limit: .seconds(60)), mostInMessage: runs.mostInMessage)
      var rounds: [[Float]] = []
      for round in 0..<3 {
        let buffers = lengths.map { FloatBuffer(count: $0) }
        var place = round * 1_000
        for buffer in buffers {
          for index in 0..<buffer.count {
            buffer.start[index] = Self.number(link.rank, place)
            place += 1
          }
        }
        let runs = buffers.map { UnsafeMutableBufferPointer(start: $0.start, count: $0.count) }
        // Optimized code would free an array's buffers behind their last use by name.
        withExtendedLifetime(buffers) {
          let words = try? exchange.exchange([UInt64(link.rank), UInt64(round)], state: 7, adding: runs, team)
          precondition(words == (0..<count).map { [UInt64($0), UInt64(round)] }, "the words are not everybody's")
          rounds.append(runs.flatMap { Array($0) })
        }
      }
      return rounds
    }
    let total = lengths.reduce(0, +)
    for round in 0..<3 {
      let expected = (0..<total).map { place in
        Self.tree((0..<count).map { Self.number($0, round * 1_000 + place) })
      }
      for result in results { #expect(result[round] == expected) }
    }
  }

  private static let shape: ModelConfiguration = {
    var shape = ModelConfiguration(
      vocabularySize: 60, hiddenSize: 8, layerCount: 2, headCount: 2, intermediateSize: 12, maxPositions: 12,
      sentenceClassCount: 4, tagCount: 5)
    shape.tagLoss = .crf
    shape.members = 2
    return shape
  }()

  /// Sentences of several lengths, some without labels; as many words as any, a few of them often.
  private static func batch(_ step: Int) -> PackedBatch {
    let (count, length) = (7, 12)
    var (ids, mask, classes, tags): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [])
    for row in 0..<count {
      let real = 1 + (row * 5 + step * 3) % length
      classes.append(row % 6 == 5 ? -100 : Int32((row + step) % 4))
      for place in 0..<length {
        mask.append(place < real ? 1 : 0)
        ids.append(Int32((row * 13 + place * 7 + step * 29) % (place % 3 == 0 ? 60 : 6)))
        tags.append(place < real && place % 4 != 3 ? Int32((row + place) % 5) : -100)
      }
    }
    return PackedBatch(
      count: count, length: length, inputIDs: ids, attentionMask: mask, taskALabels: classes, taskBLabels: tags)
  }

  /// What some steps leave of the model and its optimizer, and what each step gave.
  private static func train<Processes: Communicator>(
    _ communicator: Processes, threads: Int
  ) throws(Processes.Failure) -> [UInt64] {
    let ensemble = ModelEnsemble(
      configuration: shape, tagConstraints: nil, seed: 5, threads: threads, shares: 2, parts: 4)
    var all: [UInt64] = []
    for number in 0..<5 {
      let step = Step(
        batch(number), dropoutKey: UInt64(number), balancer: FixedWeights(PerTask(1, 0.7)), learningRate: 3e-3,
        weightDecay: 0.02, clip: 0.5)
      let outcome = try step.run(on: ensemble, with: communicator)
      all += [outcome.loss.bitPattern, outcome.gradientNorm.bitPattern, UInt64(outcome.batch.correct[.words])]
    }
    for tensor in ensemble.parameters() + ensemble.optimizerState().moments {
      all += tensor.values.map { UInt64($0.bitPattern) }
    }
    return all
  }

  /// One, two and four processes that share four parts train the same model, in every bit.
  @Test(arguments: [1, 2, 4], [1, 2]) func processesTrainOnesModel(count: Int, threads: Int) {
    let expected = Self.train(Alone(), threads: 1)
    let results = processes(count) { link in
      try? Self.train(TreeExchange(link, Patience(limit: .seconds(60))), threads: threads)
    }
    #expect(results.count == count && results.allSatisfy { $0 == expected })
  }

  /// Why processes part that do not do the same, by rank; each does with its exchange what `body` says.
  private func faults(_ body: @escaping @Sendable (TreeExchange, Int) throws(DistributedError) -> Void) -> [String] {
    processes(2) { link in
      let patience = Patience(limit: .seconds(1))
      patience.hosts = ["first", "second"]
      do throws(DistributedError) {
        try body(TreeExchange(link, patience), link.rank)
        return "none"
      } catch {
        return error.description
      }
    }
  }

  @Test func processesWithOtherParametersAreNamed() {
    let faults = faults { (exchange, rank) throws(DistributedError) in
      _ = try exchange.exchange([], state: UInt64(rank), adding: [], ThreadTeam(count: 1))
    }
    #expect(
      faults == [
        "Rank 1 on second has other parameters at exchange 1 than rank 0: they do not train the same model.",
        "Rank 0 on first has other parameters at exchange 1 than rank 1: they do not train the same model.",
      ])
  }

  @Test func processesWithOtherGradientsAreNamed() {
    let faults = faults { (exchange, rank) throws(DistributedError) in
      let numbers = FloatBuffer(count: 40 + 40 * rank)
      let run = UnsafeMutableBufferPointer(start: numbers.start, count: numbers.count)
      _ = try exchange.exchange([], state: 0, adding: [run], ThreadTeam(count: 1))
    }
    #expect(
      faults == [
        "Rank 1 on second has 80 gradients, not 40 as rank 0: they do not train the same model.",
        "Rank 0 on first has 40 gradients, not 80 as rank 1: they do not train the same model.",
      ])
  }

  @Test func aProcessThatDoesNotComeIsGivenUp() {
    let faults = faults { (exchange, rank) throws(DistributedError) in
      guard rank == 0 else { return }
      _ = try exchange.exchange([], state: 0, adding: [], ThreadTeam(count: 1))
    }
    #expect(faults == ["Rank 1 on second did not answer for 1 s (--peer-timeout).", "none"])
  }

  /// One that is late is reported, and so is that it came.
  @Test func whoIsLateIsTold() {
    let isMissed = DispatchSemaphore(value: 0)
    let told = processes(2) { link in
      let told = Guarded<[String]>([])
      let patience = Patience(limit: .seconds(2))
      patience.report = { line in
        told.withLock { $0.append(line) }
        isMissed.signal()
      }
      if link.rank == 1 { isMissed.wait() }
      _ = try? TreeExchange(link, patience).exchange([], state: 0, adding: [], ThreadTeam(count: 1))
      return told.withLock { $0 }
    }
    #expect(
      told == [
        [
          "Rank 1 did not answer for 1 s. The run waits; it ends after 2 s (--peer-timeout).",
          "All have answered after 1 s; the run goes on.",
        ], [],
      ])
  }
}

@Suite struct ExchangeBenchmarkTests {
  @Test(arguments: [2, 4]) func everySumIsTheTrees(count: Int) {
    let reports = processes(count) { try? ExchangeBenchmark(count: 10_001, exchanges: 3).run($0, threads: 1) }
      .compactMap { $0 }
    #expect(reports.count == count && reports.allSatisfy { $0.isExact && $0.seconds.count == 3 })
    #expect(reports.allSatisfy { $0.seconds[0] > 0 && $0.seconds[0] <= $0.median })
  }
}
