internal import Glibc
internal import TrainingEvents

/// The server's thread: takes connections in, sends each client what it does not have yet, hands commands on.
///
/// `@unchecked Sendable`: made by one thread, then used by the server's alone.
final class ServerLoop: @unchecked Sendable {
  private struct Client {
    let descriptor: Int32
    var decoder = FrameDecoder(largest: Frame.largestFromClient)
    /// Sent before anything of the log.
    var outgoing: [UInt8]
    /// The place in the log; nil until the client has asked for it.
    var place: Int?
    var closesWhenSent = false
    var isGone = false
  }

  private static let mostClients = 64

  private let wake: Int32
  private var listener: Int32 = -1
  private var clients: [Client] = []
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

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
    guard let place = client.place else { return false }
    return server.withShared { $0.log.count } == place
  }

  // MARK: - Waiting

  private func sleepUntilSomethingHappens(_ server: RunServer) {
    let end = server.withShared { $0.log.count }
    var waiting = [pollfd(fd: wake, events: Int16(POLLIN), revents: 0)]
    if listener >= 0 { waiting.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0)) }
    for client in clients {
      let hasMore = !client.outgoing.isEmpty || client.place.map { $0 < end } ?? false
      waiting.append(
        pollfd(fd: client.descriptor, events: Int16(hasMore ? POLLIN | POLLOUT : POLLIN), revents: 0))
    }
    poll(&waiting, nfds_t(waiting.count), -1)
    while waiting[0].revents != 0, let count = Socket.receive(from: wake, into: &buffer, waits: false), count > 0 {}
  }

  // MARK: - Connections

  private func acceptAll(_ server: RunServer) {
    guard listener >= 0 else { return }
    while true {
      var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 0) > 0 else { return }
      let descriptor = accept(listener, nil, nil)
      guard descriptor >= 0 else { return }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      add(descriptor, server)
    }
  }

  private func add(_ descriptor: Int32, _ server: RunServer) {
    guard clients.count < Self.mostClients else {
      let message = "\(Self.mostClients) clients follow this run already; leave one of them first."
      _ = Socket.send(Frame(.refused(message)).bytes[...], to: descriptor)
      close(descriptor)
      return
    }
    let greeting = server.withShared {
      RunGreeting(
        protocolVersion: protocolVersion, program: Program.version, process: getpid(), phase: $0.phase, step: $0.step)
    }
    clients.append(Client(descriptor: descriptor, outgoing: Frame(.greeting(greeting)).bytes))
  }

  private func removeGone(_ server: RunServer) {
    let gone = clients.filter(\.isGone)
    guard !gone.isEmpty else { return }
    clients.removeAll(where: \.isGone)
    for client in gone { close(client.descriptor) }
    let followers = clients.count { $0.place != nil }
    for client in gone where client.place != nil {
      let rest = followers == 0 ? "without a screen" : "followed by \(followers) more"
      server.withShared { $0.remarks.append("A terminal that followed this run has left; the run goes on, \(rest).") }
    }
  }

  // MARK: - In and out

  private func sendMore(to index: Int, _ server: RunServer) {
    if !clients[index].outgoing.isEmpty {
      let count = Socket.send(clients[index].outgoing[...], to: clients[index].descriptor)
      if count < 0 { clients[index].isGone = true }
      clients[index].outgoing.removeFirst(max(0, count))
      guard clients[index].outgoing.isEmpty else { return }
    }
    if clients[index].closesWhenSent { clients[index].isGone = true }
    while let place = clients[index].place, !clients[index].isGone {
      // A slice shares the log's memory; were the engine to append meanwhile, the chunk would be copied once.
      let bytes = server.withShared { $0.log.bytes(from: place) }
      guard !bytes.isEmpty else { return }
      let count = Socket.send(bytes, to: clients[index].descriptor)
      guard count > 0 else {
        if count < 0 { clients[index].isGone = true }
        return
      }
      clients[index].place = place + count
    }
  }

  private func readAll(from index: Int, _ server: RunServer) {
    guard let count = Socket.receive(from: clients[index].descriptor, into: &buffer, waits: false) else { return }
    guard count > 0 else {
      clients[index].isGone = true
      return
    }
    clients[index].decoder.append(buffer[..<count])
    do throws(SessionError) {
      while let frame = try clients[index].decoder.next() {
        try handle(try frame.message(as: ClientMessage.self), of: index, server)
      }
    } catch {
      refuse(index, "\(error)")
    }
  }

  private func handle(_ message: ClientMessage, of index: Int, _ server: RunServer) throws(SessionError) {
    switch message {
    case .follow(let version):
      guard version == protocolVersion else {
        throw SessionError(
          "This run is trained by mtt-tui \(Program.version), whose protocol is \(protocolVersion), not \(version); "
            + "attach with the same version.")
      }
      if clients[index].place == nil { clients[index].place = 0 }
    case .command(let command):
      server.withShared { $0.send }?(command)
    }
  }

  /// Says why, where no frame has been begun, and closes.
  private func refuse(_ index: Int, _ sentence: String) {
    guard clients[index].place == nil else {
      clients[index].isGone = true
      return
    }
    clients[index].outgoing += Frame(.refused(sentence)).bytes
    clients[index].closesWhenSent = true
  }
}
