import Testing
import TrainingEvents

@testable import mtt_tui

@Suite struct FramePacingTests {
  /// Frames drawn in ten seconds in which something changes all the time.
  private func frames(_ change: (inout FramePacing, Double) -> Void) -> Int {
    var pacing = FramePacing()
    var count = 0
    for millisecond in 0..<10_000 {
      let now = Double(millisecond) / 1000
      change(&pacing, now)
      guard pacing.wait(now: now) <= 0 else { continue }
      pacing.lastFrame = now
      count += 1
    }
    return count
  }

  @Test func atMostThirtyFramesASecondAndFourOutOfSight() {
    #expect((280...300).contains(frames { pacing, now in pacing.lastInput = now }))
    #expect((95...101).contains(frames { _, _ in }), "the run alone")
    #expect((38...41).contains(frames { pacing, _ in pacing.isFocused = false }))
  }

  @Test func aStandingScreenHasNoClock() {
    var pacing = FramePacing()
    pacing.lastInput = 100
    #expect(pacing.needsTicks(phase: .running, now: 1000))
    #expect(pacing.needsTicks(phase: .paused, now: 102), "a notice is to go")
    #expect(!pacing.needsTicks(phase: .paused, now: 110))
    #expect(pacing.needsTicks(phase: .paused, isWatched: true, now: 110), "the machine's page is looked at")
    #expect(!pacing.needsTicks(phase: .finished, now: 110))
  }
}
