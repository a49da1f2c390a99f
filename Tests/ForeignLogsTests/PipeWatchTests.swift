import Glibc
import LoggedRuns
import Testing

@testable import ForeignLogs

struct PipeWatchTests {
  @Test func linesOfAPipeAreReadAsTheyCome() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    defer { close(input) }
    let library = LogLibrary(paths: [], pipe: input)
    let (steps, continuation) = AsyncStream.makeStream(of: Int64.self)
    let reader = Task { await library.follow { for run in $0.runs { continuation.yield(run.lastStep ?? 0) } } }
    var iterator = steps.makeAsyncIterator()
    let start = ContinuousClock.now
    for number in 1...6 {
      let line = Array("step=\(number) loss=0.5\n".utf8)
      #expect(write(output, line, line.count) == line.count)
      while let step = await iterator.next(), step < number {}
    }
    // Looking once a second takes five at least.
    #expect(start.duration(to: .now) < .seconds(4))
    close(output)
    reader.cancel()
  }
}
