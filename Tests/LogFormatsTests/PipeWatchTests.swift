import Glibc
import LoggedRuns
import Testing

@testable import LogFormats

@Suite(.timeLimit(.minutes(5)))
struct PipeWatchTests {
  /// Nothing else wakes here: without the pipe's own sign this waits until the suite's time is up.
  @Test func eachLineAndTheEndWakeOnceAfterTheyWereAskedFor() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    let (wakes, continuation) = AsyncStream.makeStream(of: FolderWatch.Wake.self)
    var iterator = wakes.makeAsyncIterator()
    let watch = PipeWatch(input)
    for _ in 1...3 {
      watch.arm(continuation)
      watch.arm(continuation)
      try #require(write(output, "line\n", 5) == 5)
      try #require(await iterator.next()?.isPipe == true)
      var line = [UInt8](repeating: 0, count: 5)
      try #require(read(input, &line, 5) == 5)
    }
    close(output)
    watch.arm(continuation)
    #expect(await iterator.next()?.isPipe == true)
    continuation.finish()
    #expect(await iterator.next() == nil, "a sign that nobody asked for")
  }

  /// Somebody may write into it at any time, however long nothing has come.
  @Test func aPipeIsLiveUntilItsWriterCloses() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    var log = OpenedLog(LogLocation(path: "-", format: .pipe, name: "standard input"), descriptor: input)
    #expect(log.run.state(now: 1e10) == .reading)
    log.read(within: ReadBudget(seconds: 1))
    #expect(log.run.state(now: 1e10) == .live && log.isOpenPipe)
    close(output)
    log.read(within: ReadBudget(seconds: 1))
    #expect(log.run.state(now: 1e10) == .ended && !log.isOpenPipe)
  }

  @Test func linesOfAPipeReachTheRun() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    let library = LogLibrary(paths: [], pipe: input)
    let (steps, continuation) = AsyncStream.makeStream(of: Int64.self)
    let reader = Task { await library.follow { for run in $0.runs { continuation.yield(run.lastStep ?? 0) } } }
    var iterator = steps.makeAsyncIterator()
    for number in 1...3 {
      let line = Array("step=\(number) loss=0.5\n".utf8)
      try #require(write(output, line, line.count) == line.count)
      while let step = await iterator.next(), step < number {}
    }
    close(output)
    reader.cancel()
  }
}

extension FolderWatch.Wake {
  fileprivate var isPipe: Bool {
    if case .pipe = self { true } else { false }
  }
}
