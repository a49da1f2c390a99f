internal import CKernels
public import Kernels
public import MultiTaskTransformer

/// Adds up gradients over processes.
///
/// Each process owns a chunk of the numbers. Every process sends each other one its part of that one's chunk; the owner
/// adds them up as a balanced binary tree over the ranks, and sends the sums. So the bits depend neither on the transport
/// nor on how many processes share a batch's parts. Chunks travel in pieces, each by itself: sums of the first ones are
/// on their way while parts of the last ones arrive, so that the network never waits for additions. Nor does it for
/// answers: MPI asks whether a large message may come, and the answer would stand in line behind all that goes the other
/// way.
public final class TreeExchange: Communicator {
  /// A chunk's border is at a multiple of so many numbers.
  private static var alignment: Int { 16 }
  private static var numbersPerTask: Int { 16_384 }
  /// Pieces of a chunk that are sent ahead of their sums.
  private static var piecesAhead: Int { 64 }

  private typealias Run = UnsafeMutableBufferPointer<Float>

  public var rank: Int { link.rank }
  public var processCount: Int { link.processCount }
  /// Whether processes share an ensemble's members: nothing is added up then.
  public let sharesMembers: Bool
  private let link: any Transport
  private let patience: Patience
  private let mostInMessage: Int
  /// What each process had done when it began the last exchange, by rank.
  public private(set) var loads: [RankLoad]
  private var load = RankLoad()
  private static var stepsBetweenMemory: Int { 64 }
  /// Counts exchanges, so that processes that are not at the same one find out.
  private var number: UInt64 = 0
  /// The others' parts of this process's chunk, one behind the other.
  private var received = FloatBuffer(count: 0)

  /// - Parameters:
  ///   - sharesMembers: whether processes share an ensemble's members.
  ///   - mostInMessage: most numbers that one message has; by default just less than 64 KB, which MPI libraries send
  ///     without asking.
  public init(
    _ link: any Transport, _ patience: Patience, sharesMembers: Bool = false, mostInMessage: Int = 15_360
  ) {
    precondition(sharesMembers || link.processCount.nonzeroBitCount == 1, "the number of processes is a power of two")
    self.sharesMembers = sharesMembers
    self.link = link
    self.patience = patience
    self.mostInMessage = mostInMessage
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

  private func wait(
    for queues: inout [Patience.Queue], next: (Int, Int, inout [Patience.Queue]) -> Void = { _, _, _ in }
  ) throws(DistributedError) {
    let start = ContinuousClock.now
    try patience.wait(for: &queues, link, next: next)
    load.waiting += (ContinuousClock.now - start) / .seconds(1)
  }

  public func exchange(
    _ words: [UInt64], state: UInt64, adding runs: [UnsafeMutableBufferPointer<Float>], _ team: ThreadTeam
  ) throws(DistributedError) -> [[UInt64]] {
    guard processCount > 1 else { return [words] }
    number += 1
    let total = runs.reduce(0) { $0 + $1.count }
    let pieces = (0..<processCount).map { self.pieces(of: runs, chunk($0, of: total)) }
    // They follow the words at once; what arrives is awaited only from those who exchange the same.
    var parts = [[MessageRequest]](repeating: [], count: processCount)
    let all = try collect([number, UInt64(total), state] + load.words + words) {
      for peer in link.others {
        parts[peer] = pieces[peer].prefix(Self.piecesAhead).map { send($0, to: peer, MessageTag.parts) }
      }
    }
    try addUp(pieces, parts, team)
    return all
  }

  /// Receives the others' parts of the own chunk, and sends and receives sums.
  ///
  /// - Parameters:
  ///   - pieces: of each process's chunk.
  ///   - parts: the first pieces of the others' chunks, which are being sent to them.
  private func addUp(_ pieces: [[Run]], _ parts: [[MessageRequest]], _ team: ThreadTeam) throws(DistributedError) {
    let own = pieces[rank]
    let ownCount = own.reduce(0) { $0 + $1.count }
    if received.count < processCount * ownCount { received = FloatBuffer(count: processCount * ownCount) }
    let offsets = own.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    // Of each other process four queues: its parts, the own parts to it, its sums, the own sums to it.
    let others = link.others
    var queues: [Patience.Queue] = []
    for peer in others {
      queues.append(
        Patience.Queue(
          peer: peer,
          requests: own.indices.map { place in
            let start = received.start + peer * ownCount + offsets[place]
            return receive(Run(start: start, count: own[place].count), from: peer, MessageTag.parts)
          }))
      queues.append(Patience.Queue(peer: peer, requests: parts[peer]))
      queues += [Patience.Queue(peer: peer), Patience.Queue(peer: peer)]
    }
    var arrived = [Int](repeating: 0, count: own.count)
    try wait(for: &queues) { queue, place, queues in
      switch queue % 4 {
      case 0:
        arrived[place] += 1
        guard arrived[place] == others.count else { return }
        add(own[place], at: offsets[place], ownCount, team)
        for (index, peer) in others.enumerated() {
          queues[4 * index + 3].requests.append(send(own[place], to: peer, MessageTag.sums))
        }
      case 1:
        // The sums take the place of what has left.
        let peer = others[queue / 4]
        queues[queue + 1].requests.append(receive(pieces[peer][place], from: peer, MessageTag.sums))
      case 2:
        let (peer, following) = (others[queue / 4], place + Self.piecesAhead)
        guard following < pieces[peer].count else { return }
        queues[queue - 1].requests.append(send(pieces[peer][following], to: peer, MessageTag.parts))
      default: break
      }
    }
  }

  /// Tells every process some words and gets theirs.
  ///
  /// The first three of them, the exchange's number, that of the gradients and the state, must be the same everywhere. They
  /// and the loads behind them are left out of what is returned.
  ///
  /// - Parameter andThen: called when the words are on their way.
  private func collect(_ words: [UInt64], andThen: () -> Void) throws(DistributedError) -> [[UInt64]] {
    let buffer = AlignedBuffer<UInt64>(count: words.count * processCount)
    func bytes(_ peer: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(start: buffer.start + peer * words.count, count: words.count * 8)
    }
    for (place, word) in words.enumerated() { buffer.start[rank * words.count + place] = word }
    var queues = link.others.map { peer in
      let receipt = link.receive(bytes(peer), from: peer, tag: MessageTag.words)
      let sending = link.send(UnsafeRawBufferPointer(bytes(rank)), to: peer, tag: MessageTag.words)
      return Patience.Queue(peer: peer, requests: [sending, receipt])
    }
    andThen()
    try wait(for: &queues)
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

  /// Adds the others' parts of a piece of the own chunk to it, as a tree: whichever of two branches has the own part takes
  /// the sum.
  ///
  /// - Parameters:
  ///   - offset: where the piece begins in the chunk.
  ///   - count: of the chunk's numbers.
  private func add(_ piece: Run, at offset: Int, _ count: Int, _ team: ThreadTeam) {
    let (received, rank, processCount) = (received.start + offset, rank, processCount)
    let tasks = (piece.count + Self.numbersPerTask - 1) / Self.numbersPerTask
    team.run(tasks: tasks) { task, _ in
      let first = task * Self.numbersPerTask
      guard let start = piece.baseAddress.map({ $0 + first }) else { return }
      // Where the sum of each branch so far lies.
      var sums = (0..<processCount).map { $0 == rank ? start : received + $0 * count + first }
      while sums.count > 1 {
        sums = stride(from: 0, to: sums.count, by: 2).map { left in
          let (a, b) = (sums[left], sums[left + 1])
          let sum = b == start ? b : a
          mtt_weighted_sum(sum, 1, a, 1, b, min(Self.numbersPerTask, piece.count - first))
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
      for start in stride(from: part.lowerBound, to: part.upperBound, by: mostInMessage) {
        let end = min(start + mostInMessage, part.upperBound)
        pieces.append(Run(rebasing: run[start - first..<end - first]))
      }
      first += run.count
    }
    return pieces
  }

  private func send(_ run: Run, to peer: Int, _ tag: Int) -> MessageRequest {
    link.send(UnsafeRawBufferPointer(run), to: peer, tag: tag)
  }

  private func receive(_ run: Run, from peer: Int, _ tag: Int) -> MessageRequest {
    link.receive(UnsafeMutableRawBufferPointer(run), from: peer, tag: tag)
  }
}
