/// What one process says to rank 0 at any time.
public enum RankNotice: UInt64, Sendable {
  /// A signal asked it to save and stop.
  case stop = 1
  /// It has ended as it was asked to.
  case left = 2

  /// Says it; the few bytes of a notice leave by themselves.
  public func send(over link: any Transport) {
    // They are needed until they have left, which nobody waits for: a process says a few in all its life.
    let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
    word.initialize(to: rawValue)
    _ = link.send(UnsafeRawBufferPointer(UnsafeBufferPointer(start: word, count: 1)), to: 0, tag: MessageTag.notices)
  }
}

/// What rank 0 does beside training, on a thread of its own: it lets the others know that it lives, whatever its engine
/// waits for, and hears what they notice.
public final class Heartbeat {
  private static let secondsBetweenBeats = 5

  private let link: any Transport
  /// By rank: the notice that is awaited and the beat under way.
  private var notices: [Int: Message] = [:]
  private var beats: [Int: Message] = [:]
  /// The last beats, for those who leave.
  private var farewells: [Int: Message] = [:]
  private var lastBeat: ContinuousClock.Instant?

  /// A word under way.
  private struct Message {
    let word: AlignedWord
    var request: MessageRequest
  }

  public init(_ link: any Transport) {
    self.link = link
    for peer in link.others { listen(to: peer) }
  }

  /// Beats where it is time, and gives what others have said since it was last called.
  public func turn() -> [(rank: Int, notice: RankNotice)] {
    let now = ContinuousClock.now
    if lastBeat.map({ now - $0 > .seconds(Self.secondsBetweenBeats) }) ?? true {
      lastBeat = now
      for peer in link.others { beat(peer) }
    }
    var heard: [(rank: Int, notice: RankNotice)] = []
    for peer in link.others {
      guard var message = notices[peer], link.isDone(&message.request) else { continue }
      let notice = RankNotice(rawValue: message.word.value)
      notices[peer] = nil
      // Nothing comes after the last one, and nobody leaves while anything is under way.
      if notice == .left { farewells[peer] = send(HeartbeatListener.last, to: peer) } else { listen(to: peer) }
      if let notice, notice != .left { heard.append((peer, notice)) }
    }
    for (peer, message) in farewells {
      var request = message.request
      guard link.isDone(&request) else { continue }
      farewells[peer] = nil
      heard.append((peer, .left))
    }
    return heard
  }

  private func listen(to peer: Int) {
    let word = AlignedWord()
    notices[peer] = Message(word: word, request: link.receive(word.bytes, from: peer, tag: MessageTag.notices))
  }

  /// Sends one, unless the one before has not even left.
  private func beat(_ peer: Int) {
    if var last = beats[peer], !link.isDone(&last.request) { return }
    beats[peer] = notices[peer].map { _ in send(0, to: peer) }
  }

  private func send(_ value: UInt64, to peer: Int) -> Message {
    let word = AlignedWord(value)
    let bytes = UnsafeRawBufferPointer(word.bytes)
    return Message(word: word, request: link.send(bytes, to: peer, tag: MessageTag.heartbeats))
  }
}

/// Rank 0's heartbeat as another process hears it.
public final class HeartbeatListener {
  /// What the last beat says.
  static let last: UInt64 = 1

  private let link: any Transport
  private let word = AlignedWord()
  private var request: MessageRequest

  public init(_ link: any Transport) {
    self.link = link
    request = link.receive(word.bytes, from: 0, tag: MessageTag.heartbeats)
  }

  /// Whether there was one since it was last asked.
  public func hasBeaten() -> Bool {
    guard link.isDone(&request) else { return false }
    request = link.receive(word.bytes, from: 0, tag: MessageTag.heartbeats)
    return true
  }

  /// Says that this process leaves, and returns once it has heard the last beat: then nothing is under way any more, as
  /// MPI wants it at its end.
  public func leave(_ patience: Patience) throws(DistributedError) {
    patience.isExcused = { false }
    RankNotice.left.send(over: link)
    while true {
      var queues = [Patience.Queue(peer: 0, requests: [request])]
      try patience.wait(for: &queues, link)
      if word.value == Self.last { return }
      request = link.receive(word.bytes, from: 0, tag: MessageTag.heartbeats)
    }
  }
}

/// Eight bytes for messages.
private final class AlignedWord {
  private let pointer = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

  init(_ value: UInt64 = 0) { pointer.initialize(to: value) }
  deinit { pointer.deallocate() }

  var value: UInt64 { pointer.pointee }
  var bytes: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(start: pointer, count: MemoryLayout<UInt64>.size)
  }
}
