internal import Glibc
internal import RunLog

/// A client's end of a socket: frames in, messages out.
///
/// Reading is for one thread at a time; sending for any.
///
/// `@unchecked Sendable`: `decoder` and `buffer` are touched by the one thread that reads alone; the descriptor has a
/// lock, and all else is immutable.
final class Connection: @unchecked Sendable {
  /// The socket; nil once it is closed.
  private let descriptor: Locked<Int32?>
  private let socket: Int32
  private let name: String
  private var decoder = FrameDecoder(largest: Frame.largestFromServer)
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  /// Bytes that came behind the hello.
  private var hello: [UInt8] = []

  /// `name`: of the run, for sentences.
  init(descriptor: Int32, name: String) {
    self.descriptor = Locked(descriptor)
    socket = descriptor
    self.name = name
    transmit(Hello().bytes)
  }

  convenience init(folder: String) throws(SessionError) {
    self.init(descriptor: try Socket.connect(in: folder), name: folder)
  }

  func close() {
    descriptor.withLock { open in
      if open != nil { Glibc.close(socket) }
      open = nil
    }
  }

  /// Lets the thread that reads come to its end.
  func shutDown() {
    descriptor.withLock { if $0 != nil { _ = shutdown(socket, Int32(SHUT_RDWR)) } }
  }

  /// A process that takes nothing misses the message: it has taken none for thousands before. Returns false once the
  /// connection is closed.
  @discardableResult
  func transmit(_ message: ClientMessage) -> Bool { transmit(Frame(message).bytes) }

  @discardableResult
  private func transmit(_ bytes: [UInt8]) -> Bool {
    descriptor.withLock { $0.map { Socket.send(bytes[...], to: $0) > 0 } ?? false }
  }

  /// The other end's first words.
  ///
  /// `seconds`: how long to wait for each part; nil for as long as it takes.
  func greeting(within seconds: Double?) throws(SessionError) -> RunGreeting {
    while hello.count < Hello.length {
      guard let bytes = try receive(within: seconds) else { throw closed }
      hello += bytes
      // One that speaks otherwise is recognized by its first bytes: it may never send as many.
      guard Hello().bytes.starts(with: hello.prefix(8)) else { try Hello.check(nil); break }
    }
    try Hello.check(Hello(hello.prefix(Hello.length)))
    decoder.append(hello.dropFirst(Hello.length))
    guard let frame = try next(within: seconds) else { throw closed }
    switch try frame.message(as: ServerMessage.self) {
    case .greeting(let greeting): return greeting
    case .refused(let sentence): throw SessionError(sentence)
    case .past, .answer: throw SessionError("The process that trains \(name) did not greet.")
    }
  }

  /// The next whole frame; nil once the other end has closed.
  func next(within seconds: Double? = nil) throws(SessionError) -> Frame? {
    while true {
      if let frame = try decoder.next() { return frame }
      guard let bytes = try receive(within: seconds) else { return nil }
      decoder.append(bytes)
    }
  }

  private func receive(within seconds: Double?) throws(SessionError) -> ArraySlice<UInt8>? {
    if let seconds {
      var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, Int32(seconds * 1000)) > 0 else {
        throw SessionError("The process that trains \(name) does not answer; it may have been stopped.")
      }
    }
    guard let count = Socket.receive(from: socket, into: &buffer, waits: true), count > 0 else { return nil }
    return buffer[..<count]
  }

  private var closed: SessionError { SessionError("The process that trains \(name) has closed the connection.") }
}
