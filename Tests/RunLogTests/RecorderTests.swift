import Foundation
import Glibc
import RunFolder
import Testing
import TrainingEvents

@testable import RunLog

@Suite struct RecorderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: folder.path + "/" + name, encoding: .utf8)
  }

  /// /dev/full takes nothing, as a full disk.
  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
  func aFullDiskIsToldOnce() throws {
    #expect(symlink("/dev/full", folder.path + "/metrics.jsonl") == 0)
    let recorder = try RunRecorder(folder: folder.path)
    for number in 1...3 {
      _ = recorder.record(.stepsCompleted([LoggedRun.step(number)]), time: 1)
      #expect(throws: RunFolderError.self) { try recorder.synchronize() }
    }
    let problems = recorder.takeProblems()
    #expect(problems.count == 1 && problems[0].contains("metrics.jsonl"))
    #expect(recorder.takeProblems().isEmpty)
  }

  @Test(.enabled(if: access("/dev/full", W_OK) == 0, "needs /dev/full"))
  func otherFilesAreWrittenBesideOneThatCannotBe() throws {
    #expect(symlink("/dev/full", folder.path + "/metrics.jsonl") == 0)
    let recorder = try RunRecorder(folder: folder.path)
    _ = recorder.record(.stepsCompleted([LoggedRun.step(1)]), time: 1)
    _ = recorder.record(.alert(LogLine(level: .warning, text: "something happened", time: 1, step: 1)), time: 1)
    #expect(throws: RunFolderError.self) { try recorder.synchronize() }
    #expect(try text("log.txt").contains("something happened"))
  }

  /// As long as a process holds it, a deleted file still has its lines.
  @Test(arguments: ["metrics.jsonl", "run.log", "log.txt"])
  func aDeletedFileIsWrittenAnew(name: String) throws {
    let recorder = try RunRecorder(folder: folder.path)
    let path = folder.path + "/" + name
    _ = recorder.record(.stepsCompleted((1...900).map { LoggedRun.step($0) }), time: 1)
    _ = recorder.record(LoggedRun.log("words"), time: 1)
    try recorder.synchronize()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    unlink(path)
    #expect(recorder.restore()?.contains(name) == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    #expect(recorder.restore() == nil)
    _ = recorder.record(.stepsCompleted([LoggedRun.step(901)]), time: 1)
    _ = recorder.record(LoggedRun.log("more"), time: 1)
    try recorder.synchronize()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)).starts(with: before))
    #expect(try text("metrics.jsonl").utf8.count == recorder.metricsLength)
    // Another's file in its place stays.
    unlink(path)
    try Data([1]).write(to: URL(fileURLWithPath: path))
    #expect(recorder.restore() == nil)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1]))
  }

  @Test func eventsBecomeLines() throws {
    let recorder = try RunRecorder(folder: folder.path)
    _ = recorder.record(.stepsCompleted([LoggedRun.step(1), LoggedRun.step(2)]), time: 0)
    _ = recorder.record(.alert(LogLine(level: .error, text: "two\nlines", time: 0, step: 2)), time: 0)
    _ = recorder.record(.phaseChanged(PhaseChange(phase: .paused, step: 2)), time: 0)
    try recorder.synchronize()
    #expect(try text("metrics.jsonl").split(separator: "\n").count == 2)
    let log = try text("log.txt").split(separator: "\n")
    #expect(log.count == 2 && log[0].hasSuffix("error step 2: two lines") && log[1].hasSuffix("paused"))
  }

  @Test func metricsGetAsManyLinesInEachPowerOfTen() {
    func kept(_ thinning: MetricsThinning, _ steps: ClosedRange<Int>) -> Int { steps.count { thinning.keeps($0) } }
    #expect(kept(MetricsThinning(), 1...10_000) == 10_000)
    #expect(kept(MetricsThinning(), 10_001...100_000) == 9000)
    #expect(kept(MetricsThinning(), 100_001...1_000_000) == 9000)
    #expect(kept(MetricsThinning(every: 1), 99_000...99_999) == 1000)
    #expect(kept(MetricsThinning(every: 50), 1...1000) == 20)
  }

  @Test func aResumeGoesOnWhereTheCheckpointSays() throws {
    let run = LoggedRun(directory: folder.path)
    let recorder = try RunRecorder(folder: folder.path)
    for event in run.events(ofEpoch: 0) { _ = recorder.record(event, time: 3) }
    try recorder.synchronize()
    let position = RecordPosition(metricsLength: recorder.metricsLength, logIndex: recorder.lastIndex, step: 100)
    let metrics = try text("metrics.jsonl")
    for event in run.events(ofEpoch: 1) { _ = recorder.record(event, time: 4) }
    recorder.close()
    let resumed = try RunRecorder(folder: folder.path, position: position)
    #expect(resumed.lastIndex == position.logIndex && resumed.metricsLength == position.metricsLength)
    #expect(try text("metrics.jsonl") == metrics)
    for event in run.events(ofEpoch: 1) { _ = resumed.record(event, time: 5) }
    resumed.close()
    var steps: [Int] = []
    try RunLogReader(folder: folder.path).read { records in
      for case .event(.stepsCompleted(let more), _) in records { steps += more.map(\.step) }
    }
    #expect(steps == Array(1...200))
  }
}
