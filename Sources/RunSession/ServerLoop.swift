internal import Glibc
internal import RunLog
internal import RunSources
internal import TrainingEvents

/// The server's thread: takes connections in, sends each client what it does not have yet, hands commands on.
///
/// `@unchecked Sendable`: made by one thread, then used by the server's alone.
final class ServerLoop: @unchecked Sendable {
  private struct Client {
    let descriptor: Int32
    /// What it has sent of its hello.
    var hello: [UInt8] = []
    var isGreeted = false
    var decoder = FrameDecoder(largest: Frame.largestFromClient)
    /// What is being sent: a few events at a time, so that a client that takes nothing holds no more than its place.
    var outgoing: [UInt8]
    /// The next event to send; nil until the client has asked for it.
    var next: UInt64?
    var closesWhenSent = false
    var isGone = false
  }

  private static let mostClients = 64
  /// Bytes that are made ready for a client at once, and that may wait for it where it asks without listening.
  private static let portion = 64 << 10
  private static let largestBacklog = 1 << 20

  private let wake: Int32
  private var listener: Int32 = -1
  private var clients: [Client] = []
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  /// Until when nobody is let in: without a descriptor left, trying again at once would be in vain.
  private var restsUntil = ContinuousClock.now

  init(wake: Int32) { self.wake = wake }

  /// Runs until the run has ended and every client has all of it.
  func run(_ server: RunServer) {
    while true {
      let hasEnded = takeOver(server)
      for index in clients.indices { sendMore(to: index, server) }
      removeGone(server)
      if hasEnded, clients.allSatisfy({ isDone($0, server) }) { break }
      sleepUntilSomethingHappens(server)
      acceptAll(server)
      for index in clients.indices { readAll(from: index, server) }
      removeGone(server)
    }
    for client in clients { close(client.descriptor) }
    if listener >= 0 { close(listener) }
  }

  /// Takes what other threads have left here; returns whether the run has ended.
  private func takeOver(_ server: RunServer) -> Bool {
    let (opened, adopted, closes, hasEnded) = server.withShared { shared in
      defer {
        shared.listener = nil
        shared.adopted = []
      }
      return (shared.listener, shared.adopted, shared.closesListener, shared.hasEnded)
    }
    if let opened { listener = opened }
    for descriptor in adopted { add(descriptor, server) }
    if closes, listener >= 0 {
      close(listener)
      listener = -1
    }
    return hasEnded
  }

  private func isDone(_ client: Client, _ server: RunServer) -> Bool {
    guard client.outgoing.isEmpty else { return false }
    // One that has not asked yet may have just come.
    guard let next = client.next else { return false }
    return server.withShared { $0.recent.last } < next
  }

  // MARK: - Waiting

  private func sleepUntilSomethingHappens(_ server: RunServer) {
    let last = server.withShared { $0.recent.last }
    let rest = restsUntil - .now
    let isResting = rest > .zero
    var waiting = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
    if listener >= 0, !isResting { waiting.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
    for client in clients {
      let hasMore = !client.outgoing.isEmpty || client.next.map { $0 <= last } ?? false
      waiting.append(
        pollfd(fd: client.descriptor, events: Int16(hasMore ? POLLIN | POLLOUT : POLLIN), revents: 0))
    }
    poll(&waiting, nfds_t(waiting.count), isResting ? 1000 : -1)
    while waiting[0].revents != 0, let count = Socket.receive(from: wake, into: &buffer, waits: false), count > 0 {}
  }

  // MARK: - Connections

  private func acceptAll(_ server: RunServer) {
    guard listener >= 0, restsUntil <= .now else { return }
    while true {
      var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 0) > 0 else { return }
      do throws(SessionError) {
        guard let descriptor = try Socket.accept(listener) else { return }
        add(descriptor, server)
      } catch {
        // Whoever waits is let in once descriptors are there again.
        restsUntil = .now + .seconds(1)
        return
      }
    }
  }

  private func add(_ descriptor: Int32, _ server: RunServer) {
    guard clients.count < Self.mostClients else {
      let message = "\(Self.mostClients) clients follow this run already; leave one of them first."
      _ = Socket.send((Hello().bytes + Frame(.refused(message)).bytes)[...], to: descriptor)
      close(descriptor)
      return
    }
    let greeting = server.withShared {
      RunGreeting(program: Program.version, process: getpid(), phase: $0.summary.phase, step: $0.summary.step)
    }
    clients.append(Client(descriptor: descriptor, outgoing: Hello().bytes + Frame(.greeting(greeting)).bytes))
  }

  private func removeGone(_ server: RunServer) {
    let gone = clients.filter(\.isGone)
    guard !gone.isEmpty else { return }
    clients.removeAll(where: \.isGone)
    for client in gone { close(client.descriptor) }
    let followers = clients.count { $0.next != nil }
    for client in gone where client.next != nil {
      let rest = followers == 0 ? "without a screen" : "followed by \(followers) more"
      server.remark("A terminal that followed this run has left; the run goes on, \(rest).")
    }
  }

  // MARK: - In and out

  private func sendMore(to index: Int, _ server: RunServer) {
    repeat {
      if !clients[index].outgoing.isEmpty {
        let count = Socket.send(clients[index].outgoing[...], to: clients[index].descriptor)
        if count < 0 { clients[index].isGone = true }
        clients[index].outgoing.removeFirst(max(0, count))
        guard clients[index].outgoing.isEmpty else { return }
      }
      if clients[index].closesWhenSent { clients[index].isGone = true }
      if !clients[index].isGone { prepareMore(for: index, server) }
    } while !clients[index].outgoing.isEmpty
  }

  /// Makes the next events ready; one that has fallen behind the memory is sent to the log first.
  private func prepareMore(for index: Int, _ server: RunServer) {
    guard let next = clients[index].next else { return }
    let (bytes, after) = server.withShared { shared -> ([UInt8], UInt64) in
      let first = shared.recent.first
      guard next < first, let folder = shared.folder else {
        return shared.recent.bytes(from: max(next, first), length: Self.portion)
      }
      return (Frame(.past(folder: folder, through: first - 1)).bytes, first)
    }
    clients[index].outgoing = bytes
    clients[index].next = after
  }

  private func readAll(from index: Int, _ server: RunServer) {
    guard let count = Socket.receive(from: clients[index].descriptor, into: &buffer, waits: false) else { return }
    guard count > 0 else {
      clients[index].isGone = true
      return
    }
    var bytes = buffer[..<count]
    do throws(SessionError) {
      if !clients[index].isGreeted {
        let part = bytes.prefix(Hello.length - clients[index].hello.count)
        clients[index].hello += part
        bytes = bytes.dropFirst(part.count)
        guard clients[index].hello.count == Hello.length else { return }
        try check(Hello(clients[index].hello))
        clients[index].isGreeted = true
      }
      clients[index].decoder.append(bytes)
      while let frame = try clients[index].decoder.next() {
        try handle(try frame.message(as: ClientMessage.self), of: index, server)
      }
    } catch {
      refuse(index, "\(error)")
    }
  }

  private func check(_ hello: Hello?) throws(SessionError) {
    guard let hello else {
      throw SessionError("This is a run of mtt-tui \(Program.version); what came is no client of this version.")
    }
    guard hello.version == RunLog.version else {
      throw SessionError(
        "This run is trained by mtt-tui \(Program.version), whose protocol is \(RunLog.version), not \(hello.version); "
          + "attach with the same version.")
    }
  }

  private func handle(_ message: ClientMessage, of index: Int, _ server: RunServer) throws(SessionError) {
    switch message {
    case .follow(let after):
      if clients[index].next == nil { clients[index].next = after == .max ? .max : after + 1 }
    case .command(let command):
      server.withShared { $0.send }?(command)
    case .ask(let question, let what):
      let answer: RunAnswer =
        switch what {
        case .summary: .summary(server.withShared { $0.summary })
        }
      clients[index].outgoing += Frame(.answer(question: question, answer)).bytes
      if clients[index].outgoing.count > Self.largestBacklog { clients[index].isGone = true }
    }
  }

  /// Says why, where no frame has been begun, and closes.
  private func refuse(_ index: Int, _ sentence: String) {
    guard clients[index].next == nil else {
      clients[index].isGone = true
      return
    }
    clients[index].outgoing += Frame(.refused(sentence)).bytes
    clients[index].closesWhenSent = true
  }
}
