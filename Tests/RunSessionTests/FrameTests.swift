import RunLog
import Testing
import TrainingEvents

@testable import RunSession

@Suite("Frames")
struct FrameTests {
  @Test("A stream cut anywhere gives the same frames")
  func cuts() throws {
    let frames =
      [
        Frame(LoggedEvent(.stepsCompleted((1...5).map(SampleEvents.step)), index: 1, time: 2)),
        Frame(LoggedEvent(SampleEvents.alert("å"), index: 2, time: 3)), Frame(.follow(after: 1)),
      ]
    let bytes = frames.flatMap(\.bytes)
    for length in [1, 2, 3, 5, 7, 64, bytes.count] {
      var decoder = FrameDecoder(largest: 1 << 20)
      var found: [Frame] = []
      for start in stride(from: 0, to: bytes.count, by: length) {
        decoder.append(bytes[start..<min(start + length, bytes.count)])
        while let frame = try decoder.next() { found.append(frame) }
      }
      #expect(found == frames)
    }
  }

  @Test("A length beyond the limit, of nothing, or of an unknown kind is an error")
  func lengths() {
    for bytes: [UInt8] in [[0xFF, 0xFF, 0xFF, 0xFF, 1], [0, 0, 0, 0, 1], [1, 0, 0, 0, 9]] {
      var decoder = FrameDecoder(largest: 1000)
      decoder.append(bytes)
      #expect(throws: SessionError.self) { try decoder.next() }
    }
  }

  @Test("Memory of the newest events gives them back from any place, and lets go what the log has")
  func recent() {
    let folder = "/nowhere"
    var recent = RecentEvents()
    recent.begin(OpenRunLog(folder: folder, past: 5, beginning: [], written: { 20_000 }))
    let events = (6...30_000).map { LoggedEvent(SampleEvents.alert("\($0)"), index: UInt64($0), time: 1) }
    for event in events { recent.append(event) }
    #expect(recent.last == 30_000)
    #expect(recent.first > 6 && recent.first <= 20_001, "what is not on disk stays")
    for start in [recent.first, recent.first + 1, 25_000, 30_000] {
      var next = start
      var found: [UInt8] = []
      while next <= recent.last {
        let part = recent.bytes(from: next, length: 1000)
        found += part.bytes
        next = part.next
      }
      #expect(found == events[(Int(start) - 6)...].flatMap { Frame($0).bytes })
    }
  }

  @Test("The hello has its form for ever, and says whose version it is")
  func hello() throws {
    var hello = Hello()
    hello.version = 0x0102_0304
    hello.program = "12.5"
    let bytes: [UInt8] =
      Array("MTTRUN\r\n".utf8) + [4, 3, 2, 1, 0, 0, 0, 0] + Array("12.5".utf8) + [UInt8](repeating: 0, count: 12)
    #expect(hello.bytes == bytes && Hello(bytes) == hello)
    let sentence = #expect(throws: SessionError.self) { try Hello.check(hello) }
    #expect(sentence?.description.contains("mtt-tui 12.5") == true)
    #expect(throws: SessionError.self) { try Hello.check(Hello(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n......".utf8))) }
    try Hello.check(Hello())
  }
}
