import Foundation
import RunFolder
import RunLog
import RunModel
import RunSources
import Testing
import TrainingEvents

/// A run as its folder describes it.
@Suite struct StoredRunTests {
  private let root = FileManager.default.temporaryDirectory.appendingPathComponent("mtt-\(UUID().uuidString)")

  private func step(_ number: Int) -> StepRecord {
    StepRecord(
      step: number, epoch: 0, batch: number, batches: 100, loss: 1, losses: PerTask(1, nil), counts: MetricCounts(),
      learningRate: 1, gradientNorm: 1, sentences: 1, realTokens: 1, seconds: 1, elapsed: Double(number), applied: true)
  }

  private func folder() throws -> RunFolder {
    let manifest = RunManifest(
      version: "test", name: "run", created: 1, configuration: RunConfiguration(), fingerprints: [:])
    return try RunFolder.create(at: root.path, manifest: manifest)
  }

  /// A process that holds the run and listens nowhere is followed by what it writes, until it ends.
  @Test func aRunThatIsHeldIsFollowed() async throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = try folder()
    let recorder = try RunRecorder(folder: folder.path)
    func train(_ steps: ClosedRange<Int>) throws {
      _ = recorder.record(.stepsCompleted(steps.map(step)), time: 1)
      try recorder.synchronize()
    }
    try train(1...3)
    var state = RunState()
    var seen: [RunStanding] = []
    for await records in try StoredRun(folder: folder.path).records {
      for record in records {
        state.apply(record, now: 1, wall: 1)
        if state.standing != seen.last { seen.append(state.standing) }
      }
      if seen.last == .followed, state.step == 3 { try train(4...7) }
      if state.step == 7, seen.last == .followed {
        #expect(!state.hasEnded && !state.takesCommands)
        recorder.close()
        folder.close()
      }
    }
    #expect(seen == [.live, .followed, .stored("crashed")] && state.step == 7 && state.hasEnded)
  }

  /// However long a run is said to be, its curves take it in.
  @Test(arguments: [0, 1, 1000, 600_000, 10_000_000, Int.max])
  func aLengthThatIsKnownBeforehand(steps: Int) {
    var state = RunState()
    state.apply(.extent(steps: steps), now: 1, wall: 1)
    for number in 1...3 { state.apply(.stepsCompleted([step(number)]), now: 1) }
    #expect(state.step == 3 && state.total.raw.whole.count == 3)
  }

  /// What a kill left half written is reported, with its place.
  @Test func aTornEndIsTold() async throws {
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = try folder()
    let recorder = try RunRecorder(folder: folder.path)
    _ = recorder.record(.stepsCompleted([step(1)]), time: 1)
    try recorder.synchronize()
    let whole = try Data(contentsOf: root.appendingPathComponent("run.log")).count
    _ = recorder.record(.stepsCompleted([step(2)]), time: 1)
    recorder.close()
    folder.close()
    let log = root.appendingPathComponent("run.log")
    try Data(try Data(contentsOf: log).dropLast(3)).write(to: log)
    var state = RunState()
    for await records in try StoredRun(folder: folder.path).records {
      for record in records { state.apply(record, now: 1, wall: 1) }
    }
    #expect(state.step == 1)
    #expect(state.log.map(\.text) == ["\(log.path): ends within an event, at byte \(whole); it is left out."])
  }
}
