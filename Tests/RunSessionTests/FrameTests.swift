import Foundation
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

  /// As many as MTT_FUZZ says; a few thousand without.
  @Test("Changed bytes are an error or other events, never a crash")
  func fuzz() throws {
    let rounds = ProcessInfo.processInfo.environment["MTT_FUZZ"].flatMap(Int.init) ?? 4000
    let greeting = RunGreeting(protocolVersion: 1, program: "x", process: 1, phase: .running, step: 3)
    let frames =
      [Frame(.greeting(greeting)), Frame(ServerMessage.event(SampleEvents.alert("text")))]
      + Frame.frames(of: .stepsCompleted((1...3).map(SampleEvents.step)))
      + [Frame(ServerMessage.event(SampleEvents.end)), Frame(ClientMessage.command(.setLearningRate(0.1)))]
    let whole = frames.flatMap(\.bytes)
    var random = SeededGenerator(state: 11)
    var refused = 0
    for _ in 0..<rounds {
      var bytes = whole
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        default: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
      }
      var reader = EventReader(isGreeted: false)
      do { _ = try reader.events(in: bytes) } catch { refused += 1 }
      var decoder = FrameDecoder(largest: Frame.largestFromClient)
      decoder.append(bytes.shuffled(using: &random))
      while let frame = try? decoder.next() { _ = try? frame.message(as: ClientMessage.self) }
    }
    #expect(refused > rounds / 2)
  }
}

/// SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
