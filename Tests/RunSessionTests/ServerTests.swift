import Foundation
import Glibc
import Synchronization
import Testing
import TrainingEvents

@testable import RunSession

@Suite("A run's socket", .timeLimit(.minutes(10)))
struct ServerTests {
  private static let loss = RunLoss(message: "it died", lastWords: ["fatal"])

  /// Clients that come and go; as many as MTT_ATTACH says.
  private static let rounds = ProcessInfo.processInfo.environment["MTT_ATTACH"].flatMap(Int.init) ?? 20

  @Test("A client from the start and one that comes late get every event")
  func everyEvent() async throws {
    let folder = try TemporaryFolder()
    let (near, far) = try Socket.pair()
    let server = RunServer(clients: [far])
    let first = RemoteSession(descriptor: near) { _ in Self.loss }
    var told: [TrainingEvent] = [.runStarted(SampleEvents.description(directory: folder.path))]
    for event in told { #expect(server.take(event) == nil) }
    for start in stride(from: 1, to: 40_000, by: 8) {
      let event = TrainingEvent.stepsCompleted((start..<start + 8).map(SampleEvents.step))
      told.append(event)
      #expect(server.take(event) == nil)
      if start % 1000 == 1 {
        told.append(SampleEvents.alert("at \(start)"))
        _ = server.take(SampleEvents.alert("at \(start)"))
      }
    }
    let late = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
    server.prepareToEnd()
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/socket"))
    told.append(SampleEvents.end)
    _ = server.take(SampleEvents.end)
    for session in [first, late] {
      var heard: [TrainingEvent] = []
      for await event in session.events { heard.append(event) }
      #expect(SampleEvents.merged(heard) == SampleEvents.merged(told))
    }
    server.drain(seconds: 10)
  }

  @Test("Clients that come and go get every step so far, under full speed")
  func comeAndGo() async throws {
    let folder = try TemporaryFolder()
    let server = RunServer()
    _ = server.take(.runStarted(SampleEvents.description(directory: folder.path)))
    let isDone = Atomic(false)
    let producer = Thread {
      var step = 1
      while !isDone.load(ordering: .acquiring) {
        _ = server.take(.stepsCompleted([SampleEvents.step(step)]))
        step += 1
        // Some thousand steps a second, more than any training: every client is sent all of them from the first.
        if step % 5 == 0 { usleep(1000) }
      }
      server.prepareToEnd()
      _ = server.take(SampleEvents.end)
    }
    producer.start()
    for round in 0..<Self.rounds {
      let session = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
      var expected = 1
      events: for await event in session.events {
        guard case .stepsCompleted(let steps) = event else { continue }
        // One expectation for all: there are thousands, and each costs more than a step's way through the socket.
        #expect(steps.elementsEqual((expected..<expected + steps.count).lazy.map(SampleEvents.step)))
        expected += steps.count
        if expected > round * 10 { break events }
      }
      session.leave()
    }
    let last = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
    isDone.store(true, ordering: .releasing)
    var end: TrainingEvent?
    for await event in last.events { end = event }
    #expect(end == SampleEvents.end)
    server.drain(seconds: 10)
  }

  @Test("Commands reach the engine; the socket is its owner's alone; the greeting tells where the run stands")
  func commands() async throws {
    let folder = try TemporaryFolder()
    let server = RunServer()
    let (commands, feed) = AsyncStream.makeStream(of: TrainingCommand.self)
    server.begin { feed.yield($0) }
    _ = server.take(.runStarted(SampleEvents.description(directory: folder.path)))
    _ = server.take(.phaseChanged(PhaseChange(phase: .running, step: 0)))
    _ = server.take(.stepsCompleted([SampleEvents.step(41)]))
    var status = stat()
    #expect(stat(folder.path + "/socket", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let greeting = try RemoteSession.greeting(folder: folder.path)
    #expect(greeting.phase == .running && greeting.step == 41 && greeting.process == getpid())
    let session = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
    session.send(.setLearningRate(0.25))
    session.send(.stop(.finishEpoch))
    var iterator = commands.makeAsyncIterator()
    #expect(await iterator.next() == .setLearningRate(0.25))
    #expect(await iterator.next() == .stop(.finishEpoch))
    session.leave()
    server.prepareToEnd()
    _ = server.take(SampleEvents.end)
    server.drain(seconds: 10)
  }

  @Test("The log is told once of a terminal that leaves, not of one that only asks how the run stands")
  func leaving() async throws {
    let folder = try TemporaryFolder()
    let server = RunServer()
    _ = server.take(.runStarted(SampleEvents.description(directory: folder.path)))
    _ = try RemoteSession.greeting(folder: folder.path)
    let session = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
    for await _ in session.events { break }
    session.leave()
    var remarks: [String] = []
    while remarks.isEmpty {
      remarks = server.takeRemarks()
      await Task.yield()
    }
    #expect(remarks.count == 1 && remarks[0].contains("goes on, without a screen"))
    #expect(server.takeRemarks().isEmpty)
    server.prepareToEnd()
    _ = server.take(SampleEvents.end)
  }

  @Test("A socket that another run has put in place of one's own stays")
  func anothersSocket() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (RunServer(), RunServer())
    _ = first.take(.runStarted(SampleEvents.description(directory: folder.path)))
    _ = second.take(.runStarted(SampleEvents.description(directory: folder.path)))
    first.prepareToEnd()
    _ = first.take(SampleEvents.end)
    #expect(try RemoteSession.greeting(folder: folder.path).phase == .loading)
    second.prepareToEnd()
    _ = second.take(SampleEvents.end)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/socket"))
  }

  @Test("A path too long for a socket's address is reached all the same")
  func longPath() async throws {
    let folder = try TemporaryFolder(below: (0..<4).map { String(repeating: "\($0)", count: 60) })
    let server = RunServer()
    #expect(server.take(.runStarted(SampleEvents.description(directory: folder.path))) == nil)
    #expect(try RemoteSession.greeting(folder: folder.path).phase == .loading)
    server.prepareToEnd()
    _ = server.take(SampleEvents.end)
  }

  @Test("A folder without a socket, and one that cannot have one, give sentences")
  func noSocket() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SessionError.self) { try RemoteSession(folder: folder.path, loss: { _ in Self.loss }) }
    let server = RunServer()
    let problem = server.take(.runStarted(SampleEvents.description(directory: folder.path + "/gone")))
    #expect(problem?.contains("cannot be attached") == true)
    _ = server.take(SampleEvents.end)
  }

  @Test("Garbage and another version are refused with a sentence, and nobody else notices")
  func garbage() async throws {
    let folder = try TemporaryFolder()
    let server = RunServer()
    _ = server.take(.runStarted(SampleEvents.description(directory: folder.path)))
    let watcher = try RemoteSession(folder: folder.path, loss: { _ in Self.loss })
    for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), Frame(.follow(protocolVersion: 99)).bytes] {
      let descriptor = try Socket.connect(in: folder.path)
      _ = Socket.send(bytes[...], to: descriptor)
      var answer: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while let count = Socket.receive(from: descriptor, into: &buffer, waits: true), count > 0 {
        answer += buffer[..<count]
      }
      close(descriptor)
      var reader = EventReader(isGreeted: false)
      #expect(throws: SessionError.self) { try reader.events(in: answer) }
    }
    server.prepareToEnd()
    _ = server.take(SampleEvents.end)
    var heard: [TrainingEvent] = []
    for await event in watcher.events { heard.append(event) }
    #expect(heard.last == SampleEvents.end)
  }

  @Test("A process that dies without a word is told of")
  func loss() async throws {
    let (near, far) = try Socket.pair()
    let session = RemoteSession(descriptor: near) { _ in Self.loss }
    let greeting = RunGreeting(
      protocolVersion: protocolVersion, program: "x", process: 1, phase: .running, step: 0)
    let bytes = Frame(.greeting(greeting)).bytes + Frame.frames(of: .stepsCompleted([SampleEvents.step(5)]))[0].bytes
    _ = Socket.send(bytes[...], to: far)
    close(far)
    var heard: [TrainingEvent] = []
    for await event in session.events { heard.append(event) }
    let outcome = RunOutcome(exitCode: 70, message: "it died")
    #expect(
      heard == [
        .stepsCompleted([SampleEvents.step(5)]),
        .log(LogLine(level: .error, text: "fatal", time: 0, step: 5)),
        .phaseChanged(PhaseChange(phase: .failed, step: 5, outcome: outcome)),
      ])
  }
}
