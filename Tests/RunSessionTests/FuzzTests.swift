import FuzzSupport
import RunLog
import RunSources
import Testing
import TrainingEvents

@testable import RunSession

/// Mutated streams of frames, as clients and as servers read them: an error or other events, nothing worse.
@Suite struct FuzzTests {
  @Test func frames() {
    let greeting = RunGreeting(program: "x", process: 1, phase: .running, step: 3)
    let frames = [
      Frame(.greeting(greeting)), Frame(LoggedEvent(SampleEvents.alert("text"), index: 1, time: 2)),
      Frame(LoggedEvent(.stepsCompleted((1...3).map(SampleEvents.step)), index: 2, time: 2)),
      Frame(LoggedEvent(SampleEvents.end, index: 3, time: 2)), Frame(.answer(question: 1, .summary(RunSummary()))),
      Frame(ClientMessage.command(.setLearningRate(0.1))), Frame(ClientMessage.ask(question: 2, .summary)),
    ]
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
      var server = FrameDecoder(largest: Frame.largestFromServer)
      server.append(bytes)
      let channel = RecordChannel()
      channel.cancel()
      var follower = Follower(channel: channel)
      while let frame = try server.next() { _ = try follower.take(frame) }
    }
    #expect(taken > 0 && refused > 0)
  }
}
