import Foundation
import Glibc
import RunLog
import RunSources
import Synchronization
import Testing
import TrainingEvents

@testable import RunSession

@Suite("A run's socket", .timeLimit(.minutes(10)))
struct ServerTests {
  private static let loss = RunLoss(message: "it died", lastWords: ["fatal"])

  /// Clients that come and go; as many as MTT_ATTACH says.
  private static let rounds = ProcessInfo.processInfo.environment["MTT_ATTACH"].flatMap(Int.init) ?? 20

  private func attach(_ run: ServedRun) throws -> RemoteSession {
    try RemoteSession(folder: run.folder.path, loss: { _ in Self.loss })
  }

  private func steps(_ range: ClosedRange<Int>) -> TrainingEvent { .stepsCompleted(range.map(SampleEvents.step)) }

  @Test("A client from the start and one that comes late get every event")
  func everyEvent() async throws {
    let (near, far) = try Socket.pair()
    let run = try ServedRun(clients: [far])
    let first = RemoteSession(descriptor: near) { _ in Self.loss }
    async let heardFirst = first.heard()
    run.tell(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
    #expect(try run.begin() == nil)
    // Far more than the server keeps.
    for start in stride(from: 1, to: 60_000, by: 8) {
      run.tell(steps(start...start + 7))
      if start % 1000 == 1 { run.tell(SampleEvents.alert("at \(start)")) }
    }
    let late = try attach(run)
    async let heardLate = late.heard()
    run.end()
    #expect(!FileManager.default.fileExists(atPath: run.folder.path + "/socket"))
    let told = run.told.merged
    #expect(await heardFirst == told)
    #expect(await heardLate == told)
    run.server.drain(seconds: 10)
  }

  @Test("Clients that come and go get every step so far, under full speed")
  func comeAndGo() async throws {
    let run = try ServedRun()
    try run.begin()
    let isDone = Atomic(false)
    let producer = Thread { [run = Unchecked(run)] in
      var step = 1
      while !isDone.load(ordering: .acquiring) {
        run.value.tell(.stepsCompleted([SampleEvents.step(step)]))
        step += 1
        // Some thousand steps a second, more than any training: every client is sent all of them from the first.
        if step % 5 == 0 { usleep(1000) }
      }
      run.value.end()
    }
    producer.start()
    for round in 0..<Self.rounds {
      let session = try attach(run)
      var expected = 1
      events: for await records in session.records {
        for case .stepsCompleted(let steps) in records.events {
          // One expectation for all: there are thousands, and each costs more than a step's way through the socket.
          #expect(steps.elementsEqual((expected..<expected + steps.count).lazy.map(SampleEvents.step)))
          expected += steps.count
          if expected > round * 10 { break events }
        }
      }
      session.leave()
    }
    let last = try attach(run)
    isDone.store(true, ordering: .releasing)
    #expect(await last.heard().last == SampleEvents.end)
    run.server.drain(seconds: 10)
  }

  @Test("A resumed run's first client is shown what came before, once")
  func pastOfAResumedRun() async throws {
    let folder = try TemporaryFolder()
    let before = try ServedRun(in: folder)
    try before.begin()
    before.tell(steps(1...100))
    let position = before.position
    before.tell(steps(101...120))
    before.end()
    let (near, far) = try Socket.pair()
    let run = try ServedRun(clients: [far], in: folder)
    let session = RemoteSession(descriptor: near) { _ in Self.loss }
    async let heard = session.heard()
    run.tell(.phaseChanged(PhaseChange(phase: .loading, step: 0)))
    try run.begin(position: position)
    run.tell(steps(101...130))
    run.end()
    let numbers = await heard.flatMap { event -> [Int] in
      if case .stepsCompleted(let steps) = event { steps.map(\.step) } else { [] }
    }
    #expect(numbers == Array(1...130))
    #expect(await heard.last == SampleEvents.end)
  }

  @Test("A client that takes nothing holds its place alone, and misses nothing")
  func stalled() async throws {
    let run = try ServedRun()
    try run.begin()
    let session = try attach(run)
    var iterator = session.records.makeAsyncIterator()
    _ = await iterator.next()
    for start in stride(from: 1, to: 100_000, by: 100) {
      run.tell(steps(start...start + 99))
      // Only what the log has may leave the memory, and the disk may lag.
      if start % 10_000 == 1 { try run.synchronize() }
    }
    let (kept, last) = run.server.withShared { ($0.recent.last - $0.recent.first, $0.recent.last) }
    #expect(kept < last / 2, "the memory does not wait for it")
    run.end()
    var numbers: [Int] = []
    while let records = await iterator.next() {
      for case .stepsCompleted(let steps) in records.events { numbers += steps.map(\.step) }
    }
    #expect(numbers == Array(1...100_000))
  }

  @Test("Commands reach the engine; the socket is its owner's alone; the greeting tells where the run stands")
  func commands() async throws {
    let run = try ServedRun()
    let (commands, feed) = AsyncStream.makeStream(of: TrainingCommand.self)
    run.server.begin { feed.yield($0) }
    try run.begin()
    run.tell(.phaseChanged(PhaseChange(phase: .running, step: 0)))
    run.tell(.stepsCompleted([SampleEvents.step(41)]))
    var status = stat()
    #expect(stat(run.folder.path + "/socket", &status) == 0)
    #expect(status.st_mode & 0o777 == 0o600)
    let greeting = try RemoteSession.greeting(folder: run.folder.path)
    #expect(greeting.phase == .running && greeting.step == 41 && greeting.process == getpid())
    let session = try attach(run)
    session.send(.setLearningRate(0.25))
    session.send(.stop(.finishEpoch))
    var iterator = commands.makeAsyncIterator()
    #expect(await iterator.next() == .setLearningRate(0.25))
    #expect(await iterator.next() == .stop(.finishEpoch))
    session.leave()
    run.end()
    run.server.drain(seconds: 10)
  }

  @Test("Questions are answered one by one, beside the events, and are in no log")
  func questions() async throws {
    let run = try ServedRun()
    try run.begin()
    run.tell(.stepsCompleted([SampleEvents.step(41)]))
    run.tell(.phaseChanged(PhaseChange(phase: .paused, step: 41)))
    let session = try attach(run)
    async let first = session.ask(.summary)
    async let second = session.ask(.summary)
    for answer in await [first, second] {
      guard case .summary(let summary) = answer else {
        Issue.record("no summary but \(answer)")
        continue
      }
      #expect(summary.phase == .paused && summary.step == 41 && summary.totalSteps == 1000)
      #expect(abs(Date().timeIntervalSince1970 - summary.phaseBegan) < 60)
    }
    #expect(try RemoteSession.summary(folder: run.folder.path).summary.step == 41)
    run.end()
    let heard = await session.heard()
    #expect(heard == run.told)
    guard case .refused = await session.ask(.summary) else {
      Issue.record("an ended run has answered")
      return
    }
  }

  @Test("The log names at once a terminal that leaves, not one that only asks how the run stands")
  func leaving() async throws {
    let run = try ServedRun()
    let (commands, feed) = AsyncStream.makeStream(of: TrainingCommand.self)
    run.server.begin { feed.yield($0) }
    try run.begin()
    _ = try RemoteSession.greeting(folder: run.folder.path)
    _ = try RemoteSession.summary(folder: run.folder.path)
    let session = try attach(run)
    for await _ in session.records { break }
    session.leave()
    var iterator = commands.makeAsyncIterator()
    guard case .remark(let line) = await iterator.next() else {
      Issue.record("no remark came")
      return
    }
    #expect(line.text.contains("goes on, without a screen"))
    #expect(abs(Date().timeIntervalSince1970 - line.time) < 60)
    run.end()
    feed.finish()
    #expect(await iterator.next() == nil)
  }

  @Test("A socket that another run has put in place of one's own stays")
  func anothersSocket() throws {
    let folder = try TemporaryFolder()
    let (first, second) = (try ServedRun(in: folder), try ServedRun(in: folder))
    try first.begin()
    try second.begin()
    first.end()
    #expect(try RemoteSession.greeting(folder: folder.path).phase == .loading)
    second.end()
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/socket"))
  }

  @Test("A path too long for a socket's address is reached all the same")
  func longPath() async throws {
    let folder = try TemporaryFolder(below: (0..<4).map { String(repeating: "\($0)", count: 60) })
    let run = try ServedRun(in: folder)
    #expect(try run.begin() == nil)
    #expect(try RemoteSession.greeting(folder: folder.path).phase == .loading)
    run.end()
  }

  @Test("A folder without a socket, and one that cannot have one, give sentences")
  func noSocket() throws {
    let folder = try TemporaryFolder()
    #expect(throws: SessionError.self) { try RemoteSession(folder: folder.path, loss: { _ in Self.loss }) }
    let server = RunServer()
    let problem = server.open(OpenRunLog(folder: folder.path + "/gone", past: 0, beginning: [], written: { 0 }))
    #expect(problem?.contains("cannot be attached") == true)
    server.take(LoggedEvent(SampleEvents.end, index: 1, time: 1))
  }

  @Test("Garbage and another version are refused with a sentence, and nobody else notices")
  func garbage() async throws {
    let run = try ServedRun()
    try run.begin()
    let watcher = try attach(run)
    var other = Hello()
    other.version = 99
    for bytes in [Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), other.bytes] {
      let descriptor = try Socket.connect(in: run.folder.path)
      _ = Socket.send(bytes[...], to: descriptor)
      var answer: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while let count = Socket.receive(from: descriptor, into: &buffer, waits: true), count > 0 {
        answer += buffer[..<count]
      }
      close(descriptor)
      var decoder = FrameDecoder(largest: Frame.largestFromServer)
      decoder.append(answer.dropFirst(Hello.length))
      _ = try decoder.next()
      let refusal = try #require(try decoder.next()).message(as: ServerMessage.self)
      guard case .refused(let sentence) = refusal else {
        Issue.record("not refused but \(refusal)")
        continue
      }
      #expect(sentence.contains("version"))
    }
    run.end()
    #expect(await watcher.heard().last == SampleEvents.end)
  }

  @Test("A process of another version is recognized by its first bytes, and its run is not taken for failed")
  func otherServers() throws {
    var later = Hello()
    later.version = 99
    later.program = "9.9"
    // What earlier versions begin with: the length of a frame of JSON.
    let earlier = [UInt8]([90, 0, 0, 0, 1]) + Array("{\"greeting\":{}}".utf8)
    for (bytes, words) in [(later.bytes, "mtt-tui 9.9"), (earlier, "earlier version")] {
      let (near, far) = try Socket.pair()
      _ = Socket.send(bytes[...], to: far)
      let connection = Connection(descriptor: near, name: "x")
      let error = #expect(throws: SessionError.self) { try connection.greeting(within: 2) }
      #expect(error?.description.contains(words) == true)
      connection.close()
      close(far)
    }
  }

  @Test("A process that dies without a word is reported")
  func loss() async throws {
    let session = try stranger(sending: [], closing: true)
    let outcome = RunOutcome(exitCode: 70, message: "it died")
    #expect(
      await session.heard() == [
        .stepsCompleted([SampleEvents.step(5)]),
        .log(LogLine(level: .error, text: "fatal", time: 0, step: 5)),
        .phaseChanged(PhaseChange(phase: .failed, step: 5, outcome: outcome)),
      ])
  }

  @Test("A process that is not understood is lost, not failed; what came before is kept")
  func lostContact() async throws {
    let session = try stranger(sending: [200, 0, 0, 0, 9], closing: false)
    var records: [RunRecord] = []
    for await group in session.records { records += group }
    #expect(records.first == .event(.stepsCompleted([SampleEvents.step(5)]), time: 2))
    guard records.count == 2, case .standing(.lost(let reason)) = records[1] else {
      Issue.record("not lost but \(records)")
      return
    }
    #expect(reason.contains("may go on"))
  }

  /// A session with a process that greets, sends a step and then other bytes.
  private func stranger(sending bytes: [UInt8], closing: Bool) throws -> RemoteSession {
    let (near, far) = try Socket.pair()
    let session = RemoteSession(descriptor: near) { _ in Self.loss }
    let greeting = RunGreeting(program: "x", process: 1, phase: .running, step: 0)
    let step = LoggedEvent(.stepsCompleted([SampleEvents.step(5)]), index: 1, time: 2)
    let all = Hello().bytes + Frame(.greeting(greeting)).bytes + Frame(step).bytes + bytes
    _ = Socket.send(all[...], to: far)
    if closing { close(far) }
    return session
  }
}

/// A value that a test hands to one other thread, and leaves alone until that is done.
private struct Unchecked<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
