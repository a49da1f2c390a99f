import Glibc
import Testing

@testable import mtt_tui

/// What waits for a full terminal is sent as soon as there is room, not at the next look.
@MainActor @Suite struct RoomWatchTests {
  @Test func aFullPipeIsWaitedForUntilItHasRoom() async {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    defer { for end in ends { close(end) } }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while write(ends[1], bytes, bytes.count) > 0 {}
    let watch = RoomWatch()
    defer { watch.end() }
    var calls = 0
    await withCheckedContinuation { continuation in
      watch.wait(for: ends[1]) {
        calls += 1
        continuation.resume()
      }
      // Asked again while it waits, it waits once.
      watch.wait(for: ends[1]) { calls += 100 }
      #expect(calls == 0)
      while read(ends[0], &bytes, bytes.count) > 0 {}
    }
    #expect(calls == 1)
    await withCheckedContinuation { continuation in watch.wait(for: ends[1]) { continuation.resume() } }
  }
}
