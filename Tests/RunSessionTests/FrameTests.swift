import Testing
import TrainingEvents

@testable import RunSession

@Suite("Frames")
struct FrameTests {
  @Test("Steps come back exactly, not-a-number and infinity among them")
  func steps() throws {
    var steps = (1...300).map(SampleEvents.step)
    steps[7].step = -3
    steps[8].counts.totalB = .max
    steps[9].counts.correctA = .min
    let bytes = StepCodec.encode(steps)
    #expect(try StepCodec.decode(bytes) == steps)
    #expect(bytes.count < steps.count * 90)
    steps[3].loss = .nan
    #expect(try StepCodec.decode(StepCodec.encode(steps))[3].loss.isNaN)
    #expect(throws: SessionError.self) { try StepCodec.decode(Array(bytes.dropLast())) }
  }

  @Test("A stream cut anywhere gives the same frames")
  func cuts() throws {
    let frames =
      Frame.frames(of: .stepsCompleted((1...5).map(SampleEvents.step))) + [
        Frame(ServerMessage.event(SampleEvents.alert("å"))), Frame(.follow(protocolVersion: 1)),
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

  @Test("The log gives back what was appended, from any place")
  func log() {
    var log = FrameLog()
    var all: [UInt8] = []
    for number in 0..<300 {
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number * 17 % 4001)
      log.append(bytes)
      all += bytes
    }
    #expect(log.count == all.count)
    for start in [0, 1, 262_143, 262_144, 262_145, all.count - 1, all.count] {
      var found: [UInt8] = []
      while true {
        let part = log.bytes(from: start + found.count)
        if part.isEmpty { break }
        found += part
      }
      #expect(found == Array(all[start...]))
    }
  }
}
