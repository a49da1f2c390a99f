internal import CKernels
public import Kernels
public import MultiTaskTransformer

/// Adds up gradients over processes in two rounds of messages.
///
/// Each process owns a chunk of the numbers. In the first round every process sends each other one its part of that
/// one's chunk; the owner adds them up as a balanced binary tree over the ranks. In the second the owners send the sums.
/// So the bits depend neither on the transport nor on how many processes share a batch's parts.
public final class TreeExchange: Communicator {
  /// A chunk's border is at a multiple of so many numbers, and a message has at most `mostInMessage` of them.
  private static var alignment: Int { 16 }
  private static var mostInMessage: Int { 1 << 26 }
  private static var numbersPerTask: Int { 16_384 }

  private typealias Run = UnsafeMutableBufferPointer<Float>

  public var rank: Int { link.rank }
  public var processCount: Int { link.processCount }
  /// Whether processes share an ensemble's members: nothing is added up then.
  public let sharesMembers: Bool
  private let link: any Transport
  private let patience: Patience
  /// What each process had done when it began the last exchange, by rank.
  public private(set) var loads: [RankLoad]
  private var load = RankLoad()
  private static var stepsBetweenMemory: Int { 64 }
  /// Counts exchanges, so that processes that are not at the same one find out.
  private var number: UInt64 = 0
  /// The others' parts of this process's chunk, one behind the other.
  private var received = FloatBuffer(count: 0)

  public init(_ link: any Transport, _ patience: Patience, sharesMembers: Bool = false) {
    precondition(sharesMembers || link.processCount.nonzeroBitCount == 1, "the number of processes is a power of two")
    self.sharesMembers = sharesMembers
    self.link = link
    self.patience = patience
    loads = [RankLoad](repeating: RankLoad(), count: link.processCount)
  }

  /// Counts a step towards what this process has done.
  public func measured<Value>(_ step: () throws(DistributedError) -> Value) throws(DistributedError) -> Value {
    if load.steps % Self.stepsBetweenMemory == 0 { load.residentBytes = RankLoad.ownResidentBytes }
    let (start, before) = (ContinuousClock.now, load.waiting)
    let value = try step()
    load.steps += 1
    load.working += (ContinuousClock.now - start) / .seconds(1) - (load.waiting - before)
    return value
  }

  private func wait(for messages: inout [Patience.Pending]) throws(DistributedError) {
    let start = ContinuousClock.now
    try patience.wait(for: &messages, link)
    load.waiting += (ContinuousClock.now - start) / .seconds(1)
  }

  public func exchange(
    _ words: [UInt64], state: UInt64, adding runs: [UnsafeMutableBufferPointer<Float>], _ team: ThreadTeam
  ) throws(DistributedError) -> [[UInt64]] {
    guard processCount > 1 else { return [words] }
    number += 1
    let total = runs.reduce(0) { $0 + $1.count }
    let own = pieces(of: runs, chunk(rank, of: total))
    let ownCount = own.reduce(0) { $0 + $1.count }
    if received.count < processCount * ownCount { received = FloatBuffer(count: processCount * ownCount) }
    let all = try collect([number, UInt64(total), state] + load.words + words) { requests in
      for peer in link.others {
        var place = received.start + peer * ownCount
        for piece in own {
          requests.append(receive(Run(start: place, count: piece.count), from: peer, MessageTag.parts))
          place += piece.count
        }
        requests += pieces(of: runs, chunk(peer, of: total)).map { send($0, to: peer, MessageTag.parts) }
      }
    }
    add(own, ownCount, team)
    var requests: [Patience.Pending] = []
    for peer in link.others {
      requests += pieces(of: runs, chunk(peer, of: total)).map { receive($0, from: peer, MessageTag.sums) }
      requests += own.map { send($0, to: peer, MessageTag.sums) }
    }
    try wait(for: &requests)
    return all
  }

  /// Tells every process some words, gets theirs, and does meanwhile what else a round does.
  ///
  /// The first three of them, the exchange's number, that of the gradients and the state, must be the same everywhere. They
  /// and the loads behind them are left out of what is returned.
  private func collect(
    _ words: [UInt64], _ alongside: (inout [Patience.Pending]) -> Void
  ) throws(DistributedError) -> [[UInt64]] {
    let buffer = AlignedBuffer<UInt64>(count: words.count * processCount)
    func bytes(_ peer: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: buffer.start + peer * words.count, count: words.count * 8)
    }
    for (place, word) in words.enumerated() { buffer.start[rank * words.count + place] = word }
    var requests: [Patience.Pending] = []
    for peer in link.others {
      let receipt = link.receive(bytes(peer), from: peer, tag: MessageTag.words)
      let sending = link.send(UnsafeRawBufferPointer(bytes(rank)), to: peer, tag: MessageTag.words)
      requests += [receipt, sending].map { Patience.Pending(request: $0, peer: peer) }
    }
    alongside(&requests)
    try wait(for: &requests)
    var all: [[UInt64]] = []
    for peer in 0..<processCount {
      let theirs = buffer.copy(peer * words.count..<(peer + 1) * words.count)
      if let fault = disagreement(theirs, words) {
        throw patience.giveUp(
          link, "\(patience.names([peer])) \(fault) rank \(rank): they do not train the same model.")
      }
      loads[peer] = RankLoad(theirs[3..<3 + RankLoad.wordCount])
      all.append(Array(theirs[(3 + RankLoad.wordCount)...]))
    }
    return all
  }

  /// How another's words differ from the own where they must not, as the middle of a sentence; nil where they do not.
  private func disagreement(_ theirs: [UInt64], _ own: [UInt64]) -> String? {
    if theirs[0] != own[0] { return "is at exchange \(theirs[0]), not \(own[0]) as" }
    if theirs[1] != own[1] { return "has \(theirs[1]) gradients, not \(own[1]) as" }
    if theirs[2] != own[2] { return "has other parameters at exchange \(own[0]) than" }
    return nil
  }

  /// Adds the others' parts of the own chunk to it, as a tree: whichever of two branches has the own part takes the sum.
  private func add(_ own: [UnsafeMutableBufferPointer<Float>], _ count: Int, _ team: ThreadTeam) {
    var (offset, blocks): (Int, [(run: Run, offset: Int)]) = (0, [])
    for piece in own {
      for first in stride(from: 0, to: piece.count, by: Self.numbersPerTask) {
        let length = min(Self.numbersPerTask, piece.count - first)
        blocks.append((Run(rebasing: piece[first..<first + length]), offset + first))
      }
      offset += piece.count
    }
    let (received, rank, processCount) = (received.start, rank, processCount)
    team.run(tasks: blocks.count) { task, _ in
      let (run, offset) = blocks[task]
      guard let start = run.baseAddress else { return }
      // Where the sum of each branch so far lies.
      var sums = (0..<processCount).map { $0 == rank ? start : received + $0 * count + offset }
      while sums.count > 1 {
        sums = stride(from: 0, to: sums.count, by: 2).map { left in
          let (a, b) = (sums[left], sums[left + 1])
          let sum = b == start ? b : a
          mtt_weighted_sum(sum, 1, a, 1, b, run.count)
          return sum
        }
      }
    }
  }

  // MARK: - Chunks and messages

  /// The numbers that a process owns, counted through all runs.
  private func chunk(_ owner: Int, of total: Int) -> Range<Int> {
    func border(_ place: Int) -> Int {
      place == processCount ? total : total * place / processCount / Self.alignment * Self.alignment
    }
    return border(owner)..<border(owner + 1)
  }

  /// Some of the numbers of all runs where they lie, in pieces that fit into messages.
  private func pieces(
    of runs: [UnsafeMutableBufferPointer<Float>], _ range: Range<Int>
  ) -> [UnsafeMutableBufferPointer<Float>] {
    var (pieces, first): ([Run], Int) = ([], 0)
    for run in runs {
      let part = range.clamped(to: first..<first + run.count)
      for start in stride(from: part.lowerBound, to: part.upperBound, by: Self.mostInMessage) {
        let end = min(start + Self.mostInMessage, part.upperBound)
        pieces.append(Run(rebasing: run[start - first..<end - first]))
      }
      first += run.count
    }
    return pieces
  }

  private func send(_ run: UnsafeMutableBufferPointer<Float>, to peer: Int, _ tag: Int) -> Patience.Pending {
    Patience.Pending(request: link.send(UnsafeRawBufferPointer(run), to: peer, tag: tag), peer: peer)
  }

  private func receive(_ run: UnsafeMutableBufferPointer<Float>, from peer: Int, _ tag: Int) -> Patience.Pending {
    Patience.Pending(request: link.receive(UnsafeMutableRawBufferPointer(run), from: peer, tag: tag), peer: peer)
  }
}
