internal import Kernels

/// How long processes take to add up gradients over the network between them.
public struct ExchangeBenchmark: Sendable {
  /// What came of it, as one process saw it.
  public struct Report: Hashable, Sendable {
    /// Of each exchange, the shortest first.
    public var seconds: [Double]
    /// Whether every sum was the tree's, bit for bit.
    public var isExact: Bool

    public var median: Double { seconds[seconds.count / 2] }
  }

  /// Numbers that each exchange adds up, and how many exchanges there are.
  public var count: Int
  public var exchanges: Int

  public init(count: Int, exchanges: Int) {
    precondition(count > 0 && exchanges > 0, "there is nothing to measure")
    self.count = count
    self.exchanges = exchanges
  }

  /// Exchanges numbers whose sums depend on their order. In every process of the job, with the same numbers.
  public func run(_ link: any Transport, threads: Int) throws(DistributedError) -> Report {
    let team = ThreadTeam(count: threads)
    let communicator = TreeExchange(link, Patience(limit: .seconds(600)))
    let numbers = FloatBuffer(count: count)
    let run = UnsafeMutableBufferPointer(start: numbers.start, count: count)
    let clock = ContinuousClock()
    var report = Report(seconds: [], isExact: true)
    for _ in 0..<exchanges {
      for index in 0..<count { run[index] = Self.number(link.rank, index) }
      // All begin together: the words alone take no time worth counting.
      _ = try communicator.exchange([], state: 0, adding: [], team)
      let start = clock.now
      _ = try communicator.exchange([], state: 0, adding: [run], team)
      report.seconds.append((clock.now - start) / .seconds(1))
      for index in stride(from: 0, to: count, by: 97)
      where run[index] != Self.tree((0..<link.processCount).map { Self.number($0, index) }[...]) {
        report.isExact = false
      }
    }
    report.seconds.sort()
    return report
  }

  private static func number(_ rank: Int, _ place: Int) -> Float {
    Float((rank * 7_919 + place * 104_729) % 1_000_003) / Float(1 + (rank * 31 + place * 17) % 97)
  }

  private static func tree(_ numbers: ArraySlice<Float>) -> Float {
    guard numbers.count > 1 else { return numbers[numbers.startIndex] }
    let middle = numbers.startIndex + numbers.count / 2
    return tree(numbers[..<middle]) + tree(numbers[middle...])
  }
}
