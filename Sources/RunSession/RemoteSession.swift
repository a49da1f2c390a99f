internal import Dispatch
internal import Glibc
internal import Synchronization
public import TrainingEvents

/// What is said of a run whose process is gone without a last word.
public struct RunLoss: Hashable, Sendable {
  /// A sentence: what happened and how to go on.
  public var message: String
  /// The end of what the process printed.
  public var lastWords: [String]

  public init(message: String, lastWords: [String] = []) {
    self.message = message
    self.lastWords = lastWords
  }
}

/// A run in another process, followed and steered over a socket.
///
/// Its events begin with the run's first, however late it joins. Where the other process dies without a last word, the
/// session's last events say so.
public final class RemoteSession: TrainingSession {
  public let events: AsyncStream<TrainingEvent>
  private let feed: AsyncStream<TrainingEvent>.Continuation
  /// The socket; nil once it is closed.
  private let descriptor: Locked<Int32?>

  /// The process that trains the run; nil until it has greeted.
  public var process: Int32? {
    let id = processID.load(ordering: .acquiring)
    return id == 0 ? nil : id
  }

  private let processID: Atomic<Int32>

  /// Follows the run of the process that listens in a run's folder.
  public convenience init(
    folder: String, loss: @escaping @Sendable (RunDescription?) -> RunLoss
  ) throws(SessionError) {
    let (descriptor, greeting) = try Self.open(folder: folder)
    self.init(descriptor: descriptor, greeting: greeting, loss: loss)
  }

  /// Follows the run of the process at the other end of a socket, which it takes over.
  ///
  /// `loss`: what to say when the process is gone without a last word; gets the run, if it had begun. Called once, on a
  ///   thread that may wait.
  public convenience init(descriptor: Int32, loss: @escaping @Sendable (RunDescription?) -> RunLoss) {
    self.init(descriptor: descriptor, greeting: nil, loss: loss)
  }

  private init(descriptor: Int32, greeting: RunGreeting?, loss: @escaping @Sendable (RunDescription?) -> RunLoss) {
    (events, feed) = AsyncStream.makeStream(of: TrainingEvent.self)
    self.descriptor = Locked(descriptor)
    processID = Atomic(greeting?.process ?? 0)
    transmit(.follow(protocolVersion: protocolVersion))
    DispatchQueue(label: "run client").async { @Sendable [self] in
      var reader = EventReader(isGreeted: greeting != nil)
      let problem = read(descriptor, &reader)
      self.descriptor.withLock { open in
        if open != nil { close(descriptor) }
        open = nil
      }
      if let problem, !reader.hasEnded, !isLeaving.load(ordering: .acquiring) {
        for event in reader.lossEvents(problem.isEmpty ? loss(reader.run) : RunLoss(message: problem)) {
          feed.yield(event)
        }
      }
      feed.finish()
    }
  }

  private let isLeaving = Atomic(false)

  public func send(_ command: TrainingCommand) { transmit(.command(command)) }

  /// Leaves the run alone: its events end here.
  public func leave() {
    isLeaving.store(true, ordering: .releasing)
    descriptor.withLock { if let descriptor = $0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
  }

  /// A process that takes nothing misses the message: it has taken none for thousands before.
  private func transmit(_ message: ClientMessage) {
    let bytes = Frame(message).bytes
    descriptor.withLock { if let descriptor = $0 { _ = Socket.send(bytes[...], to: descriptor) } }
  }

  /// Hands events on until the connection ends; returns why, empty where it was simply closed.
  private func read(_ descriptor: Int32, _ reader: inout EventReader) -> String? {
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    while let count = Socket.receive(from: descriptor, into: &buffer, waits: true), count > 0 {
      do throws(SessionError) {
        let events = try reader.events(in: buffer[..<count])
        if let process = reader.process { processID.store(process, ordering: .releasing) }
        for event in events { feed.yield(event) }
      } catch {
        return "\(error)"
      }
    }
    return ""
  }

  // MARK: - Before following

  /// What the process that trains the run in a folder says of itself.
  ///
  /// Throws a sentence if none listens there.
  public static func greeting(folder: String) throws(SessionError) -> RunGreeting {
    let (descriptor, greeting) = try open(folder: folder)
    close(descriptor)
    return greeting
  }

  /// Connects and takes the greeting, for which it waits two seconds.
  private static func open(folder: String) throws(SessionError) -> (descriptor: Int32, greeting: RunGreeting) {
    let descriptor = try Socket.connect(in: folder)
    do throws(SessionError) {
      var decoder = FrameDecoder(largest: Frame.largestFromServer)
      var byte: [UInt8] = [0]
      while true {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 2000) > 0 else {
          throw SessionError("The process that trains \(folder) does not answer; it may have been stopped.")
        }
        // One at a time, so that nothing of what follows is taken.
        guard let count = Socket.receive(from: descriptor, into: &byte, waits: true), count > 0 else {
          throw SessionError("The process that trains \(folder) has closed the connection.")
        }
        decoder.append(byte)
        guard let frame = try decoder.next() else { continue }
        switch try frame.message(as: ServerMessage.self) {
        case .greeting(let greeting):
          try check(greeting)
          return (descriptor, greeting)
        case .refused(let sentence): throw SessionError(sentence)
        case .event: throw SessionError("The process that trains \(folder) did not greet.")
        }
      }
    } catch {
      close(descriptor)
      throw error
    }
  }

  static func check(_ greeting: RunGreeting) throws(SessionError) {
    guard greeting.protocolVersion == protocolVersion else {
      throw SessionError(
        "The run is trained by mtt-tui \(greeting.program), whose protocol is \(greeting.protocolVersion), not "
          + "\(protocolVersion); attach with that version.")
    }
  }
}
