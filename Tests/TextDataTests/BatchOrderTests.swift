import Testing

@testable import TextData

@Suite struct BatchOrderTests {
  private func batches(_ order: BatchOrder) -> [[Int32]] {
    (0..<order.count).map { Array(order.rows(ofBatch: $0)) }
  }

  @Test(arguments: [1, 31, 32, 33, 1_600, 1_601, 5_000], [1, 32])
  func everyRowOccursOnce(rows: Int, batchSize: Int) {
    let split = CollationTests.split(rows: rows, seed: 3, pieces: false, maxLength: 64)
    let order = batches(BatchOrder(split, batchSize: batchSize, seed: 5, epoch: 2))
    #expect(order.count == (rows + batchSize - 1) / batchSize)
    #expect(order.joined().sorted() == (0..<rows).map { Int32($0) })
    #expect(order.count { $0.count < batchSize } <= 1)
    let evaluation = batches(BatchOrder(evaluating: split, batchSize: batchSize))
    #expect(evaluation.joined().sorted() == (0..<rows).map { Int32($0) })
    let lengths = evaluation.joined().map { split.length(of: Int($0)) }
    #expect(lengths == lengths.sorted())
  }

  @Test func isAPureFunctionOfSeedAndEpoch() {
    let split = CollationTests.split(rows: 4_000, seed: 3, pieces: false, maxLength: 64)
    func order(_ seed: UInt64, _ epoch: Int) -> [[Int32]] {
      batches(BatchOrder(split, batchSize: 16, seed: seed, epoch: epoch))
    }
    #expect(order(1, 0) == order(1, 0))
    #expect(order(1, 0) != order(1, 1))
    #expect(order(1, 0) != order(2, 0))
    #expect(order(1, 1) != order(2, 0))
  }

  @Test func batchesAreEvenInLengthButTheirOrderIsNotSorted() {
    let split = CollationTests.split(rows: 8_000, seed: 9, pieces: false, maxLength: 64)
    let order = batches(BatchOrder(split, batchSize: 32, seed: 1, epoch: 0))
    let longest = order.map { rows in rows.map { split.length(of: Int($0)) }.max() ?? 0 }
    let shortest = order.map { rows in rows.map { split.length(of: Int($0)) }.min() ?? 0 }
    let spread = zip(longest, shortest).map { $0 - $1 }
    #expect(Double(spread.reduce(0, +)) / Double(order.count) < 2)
    // A random order rises from one batch to the next about half of the time.
    let rises = zip(longest, longest.dropFirst()).count { $0 < $1 }
    #expect(rises > order.count / 3)
    #expect(rises < order.count * 2 / 3)
  }

  @Test func rowsOfOneLengthMeetNewNeighboursEveryEpoch() {
    let split = CollationTests.split(rows: 3_200, seed: 4, pieces: false, maxLength: 64)
    func neighbours(_ epoch: Int) -> Set<[Int32]> {
      var pairs = Set<[Int32]>()
      for rows in batches(BatchOrder(split, batchSize: 8, seed: 1, epoch: epoch)) {
        for (a, b) in zip(rows, rows.dropFirst()) { pairs.insert([min(a, b), max(a, b)]) }
      }
      return pairs
    }
    let first = neighbours(0)
    #expect(first.intersection(neighbours(1)).count < first.count / 20)
  }

  @Test func theGeneratorIsSplitMix64() {
    var generator = SplitMix64(seed: 1_234_567)
    #expect(
      (0..<3).map { _ in generator.next() }
        == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.below(7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
  }
}
