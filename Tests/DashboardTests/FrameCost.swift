import Foundation
import Glibc
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// `FRAME_COST=1 swift test -c release --filter FrameCost` prints the CPU time of a frame by size.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["FRAME_COST"] != nil, "set FRAME_COST"))
struct FrameCost {
  @Test(arguments: [[80, 24], [120, 40], [160, 50], [200, 60], [300, 100]])
  func frame(_ size: [Int]) throws {
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: 4000) { model.apply(event, now: 1) }
    var canvas = Canvas(width: size[0], height: size[1])
    var times: [Double] = []
    for step in 4001...4300 {
      model.apply(.stepsCompleted([run.step(step)]), now: 1)
      let start = Self.processorTime
      model.draw(into: &canvas, now: 1)
      times.append(Self.processorTime - start)
    }
    times.sort()
    print("\(size[0])x\(size[1]): median \(Int(times[150] * 1e6)) µs, 95 % within \(Int(times[285] * 1e6)) µs")
    #expect(times[150] < 1)
  }

  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
