/// How the processes that train a run together got on since the sample before.
public struct RankSample: Codable, Hashable, Sendable {
  /// One process, on one machine.
  public struct Rank: Codable, Hashable, Sendable {
    public var host: String
    /// Share of a step's time, in 0...1, that it waited for others or for the network.
    public var waiting: Double
    /// Seconds a step that it computed.
    public var secondsAStep: Double
    /// Its memory that is in RAM, in bytes.
    public var residentBytes: Int

    public init(host: String, waiting: Double, secondsAStep: Double, residentBytes: Int) {
      self.host = host
      self.waiting = waiting
      self.secondsAStep = secondsAStep
      self.residentBytes = residentBytes
    }
  }

  /// Completed steps when it was taken.
  public var step: Int
  public var ranks: [Rank]

  public init(step: Int, ranks: [Rank]) {
    self.step = step
    self.ranks = ranks
  }

  /// The rank that the others wait for: the one that computes longest, where that is by more than chance.
  public var slowest: Int? {
    guard let longest = ranks.indices.max(by: { ranks[$0].secondsAStep < ranks[$1].secondsAStep }),
      let shortest = ranks.map(\.secondsAStep).min(), ranks[longest].secondsAStep > 1.1 * shortest
    else { return nil }
    return longest
  }
}
