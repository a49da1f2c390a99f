import FuzzSupport
import Testing
import TrainingEvents

@testable import RunSession

/// Mutated streams of frames, as clients and as servers read them: an error or other events, nothing worse.
@Suite struct FuzzTests {
  @Test func frames() {
    let greeting = RunGreeting(protocolVersion: 1, program: "x", process: 1, phase: .running, step: 3)
    let frames =
      [Frame(.greeting(greeting)), Frame(ServerMessage.event(SampleEvents.alert("text")))]
      + Frame.frames(of: .stepsCompleted((1...3).map(SampleEvents.step)))
      + [Frame(ServerMessage.event(SampleEvents.end)), Frame(ClientMessage.command(.setLearningRate(0.1)))]
    var mutator = Mutator(
      seed: 11, spice: ["{", "}", "\"", ":", "\"event\"", "\"refused\"", "\u{1}\u{0}\u{0}\u{0}\u{2}"])
    let (taken, refused) = mutator.feed(
      "frames", rounds: Mutator.rounds(2000), inputs: [frames.flatMap(\.bytes)] + frames.map(\.bytes)
    ) { bytes in
      var decoder = FrameDecoder(largest: Frame.largestFromClient)
      decoder.append(bytes)
      while let frame = try? decoder.next() {
        #expect(frame.payload.count <= bytes.count)
        _ = try? frame.message(as: ClientMessage.self)
      }
      var reader = EventReader(isGreeted: bytes.count % 2 == 0)
      _ = try reader.events(in: bytes)
    }
    #expect(taken > 0 && refused > 0)
  }
}
