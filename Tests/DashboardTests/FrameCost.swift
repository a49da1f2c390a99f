import Dispatch
import Foundation
import Glibc
import NcursesTerminal
import RunModel
import TerminalCanvas
import Testing
import Themes
import TrainingEvents

@testable import Dashboard

/// `FRAME_COST=1 swift test -c release -Xswiftc -enable-testing --filter FrameCost` prints the CPU time of a frame by
/// size: drawing it, and handing it to a terminal with exact colours that is read at once.
@MainActor
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["FRAME_COST"] != nil, "set FRAME_COST"))
struct FrameCost {
  @Test(arguments: [[80, 24], [120, 40], [160, 50], [200, 60], [300, 100]])
  func frame(_ size: [Int]) throws {
    let person = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var (number, unlocked): (Int32, Int32) = (0, 0)
    try #require(
      person >= 0 && ioctl(person, 0x4004_5431, &unlocked) == 0  // TIOCSPTLCK
        && ioctl(person, 0x8004_5430, &number) == 0)  // TIOCGPTN
    let program = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    var window = winsize(ws_row: UInt16(size[1]), ws_col: UInt16(size[0]), ws_xpixel: 0, ws_ypixel: 0)
    _ = ioctl(program, UInt(TIOCSWINSZ), &window)
    let reader = DispatchQueue(label: "reader")
    reader.async { @Sendable in
      var chunk = [UInt8](repeating: 0, count: 65536)
      while read(person, &chunk, chunk.count) > 0 {}  // an error once the other side is closed
    }
    let terminal = try Terminal(
      input: program, output: program, environment: TerminalEnvironment(type: "xterm-256color", colorTerm: "truecolor"),
      capturesStandardError: false)
    var model = DashboardModel(theme: try ThemeCatalog.theme(named: ThemeCatalog.defaultName), glyphs: .braille)
    var run = SampleRun()
    for event in run.events(through: 4000) { model.apply(event, now: 1) }
    var canvas = Canvas(width: size[0], height: size[1])
    var times: [(draw: Double, show: Double)] = []
    for step in 4001...4300 {
      model.apply(.stepsCompleted([run.step(step)]), now: 1)
      let start = Self.processorTime
      model.draw(into: &canvas, now: 1)
      let middle = Self.processorTime
      terminal.draw(canvas)
      times.append((middle - start, Self.processorTime - middle))
    }
    terminal.close()
    close(program)
    reader.sync {}
    close(person)
    func microseconds(_ share: Double, _ part: ((draw: Double, show: Double)) -> Double) -> Int {
      Int(times.map(part).sorted()[Int(share * 299)] * 1e6)
    }
    print(
      "\(size[0])x\(size[1]): median \(microseconds(0.5) { $0.draw + $0.show }) µs",
      "(draw \(microseconds(0.5, \.draw)), show \(microseconds(0.5, \.show))),",
      "95 % within \(microseconds(0.95) { $0.draw + $0.show }) µs")
    #expect(times.count == 300)
  }

  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
