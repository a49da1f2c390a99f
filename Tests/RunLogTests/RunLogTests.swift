import Foundation
import Glibc
import RunFolder
import Testing
import TrainingEvents

@testable import RunLog

@Suite struct RunLogTests {
  private let folder: TemporaryFolder
  private let run: LoggedRun

  init() throws {
    folder = try TemporaryFolder()
    run = LoggedRun(directory: folder.path)
  }

  /// Writes events and gives them back as a reader must: with the times they were written with.
  @discardableResult
  private func write(_ events: [TrainingEvent], to writer: RunLogWriter) throws -> [RunRecord] {
    var records: [RunRecord] = []
    for event in events {
      let index = writer.lastIndex + 1
      writer.append(LoggedEvent(event, index: index, time: Double(index)))
      records.append(.event(event, time: Double(index)))
    }
    try writer.flush()
    return records
  }

  private func read(after index: UInt64 = 0, through last: UInt64 = .max, oneByOne: Bool? = nil) throws -> [RunRecord] {
    let reader = try RunLogReader(folder: folder.path)
    var records: [RunRecord] = []
    reader.read(after: index, through: last, oneByOne: oneByOne) { records += $0 }
    return records
  }

  private func digest(_ records: [RunRecord]) -> [String] { records.map { "\($0)" } }

  private var beginning: [TrainingEvent] {
    LoggedRun.beginning + [.runStarted(run.description), .phaseChanged(PhaseChange(phase: .running, step: 0))]
  }

  @Test func whatWasWrittenIsRead() throws {
    let writer = try RunLogWriter(folder: folder.path)
    var written = try write(beginning, to: writer)
    for epoch in 0..<130 { written += try write(run.events(ofEpoch: epoch), to: writer) }
    written += try write([LoggedRun.log("ä\n"), LoggedRun.end], to: writer)
    #expect(digest(try read()) == digest(written))
    #expect(digest(try read(after: 100)) == digest(Array(written[100...])))
    #expect(digest(try read(after: 100, through: 2000)) == digest(Array(written[100..<2000])))
    let again = try RunLogWriter(folder: folder.path)
    #expect(again.lastIndex == UInt64(written.count))
  }

  @Test func aLogTornAnywhereGoesOnBehindItsLastWholeFrame() throws {
    let writer = try RunLogWriter(folder: folder.path)
    let written = try write(beginning + run.events(ofEpoch: 0), to: writer)
    let whole = try folder.bytes()
    var generator = SystemRandomNumberGenerator()
    for round in 0..<60 {
      let length = round < 20 ? round : Int.random(in: 0..<whole.count, using: &generator)
      // What a power cut leaves: an end that is missing, or zeros.
      try folder.write(whole.prefix(length) + [UInt8](repeating: 0, count: round % 3 * 50))
      let again = try RunLogWriter(folder: folder.path)
      let kept = Int(again.lastIndex)
      #expect(digest(try read()) == digest(Array(written.prefix(kept))), "cut at \(length)")
      try write([LoggedRun.log("more")], to: again)
      #expect(try read().count == kept + 1)
    }
  }

  @Test func damageInTheMiddleCostsWhatItHitAndIsTold() throws {
    let writer = try RunLogWriter(folder: folder.path)
    var written = try write(beginning, to: writer)
    for epoch in 0..<100 { written += try write(run.events(ofEpoch: epoch), to: writer) }
    var bytes = try folder.bytes()
    let place = bytes.count / 2
    for index in place..<place + 3000 { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
    try folder.write(bytes)
    let reader = try RunLogReader(folder: folder.path)
    var records: [RunRecord] = []
    reader.read { records += $0 }
    #expect(records.count < written.count && records.count >= written.count - 12)
    #expect(digest(records).last == digest(written).last)
    #expect(!reader.remarks.isEmpty && reader.remarks.allSatisfy { $0.contains("run.log") })
    #expect(Set(digest(records)).isSubset(of: Set(digest(written))))
  }

  @Test func aResumeTakesLaterStepsBackAndKeepsWhatWasSaid() throws {
    let writer = try RunLogWriter(folder: folder.path)
    var written = try write(beginning, to: writer)
    for epoch in 0..<60 { written += try write(run.events(ofEpoch: epoch).dropLast(), to: writer) }
    let position = RunLogPosition(index: writer.lastIndex, step: 6000)
    let said: [TrainingEvent] = [
      .checkpointWritten(run.checkpoint(6000)), LoggedRun.log("said meanwhile", step: 6100),
    ]
    try write([said[0]] + run.events(ofEpoch: 60) + [said[1], .checkpointWritten(run.checkpoint(6100))], to: writer)
    try write([LoggedRun.end], to: writer)
    let resumed = try RunLogWriter(folder: folder.path, checkpoint: position)
    let kept = try read()
    #expect(digest(Array(kept.prefix(written.count))) == digest(written))
    let rest = kept.dropFirst(written.count).map { record -> TrainingEvent? in
      if case .event(let event, _) = record { event } else { nil }
    }
    let outcome = TrainingEvent.log(
      LogLine(level: .info, text: "done", time: Double(written.count + 21), step: 9))
    #expect(rest.count == 3 && rest[0] == said[0] && rest[1] == said[1])
    #expect(rest[2] == outcome || "\(String(describing: rest[2]))".contains("done"))
    #expect(resumed.lastIndex == position.index + 3)
    // Once more from the same checkpoint, as after a second crash: the words are there once.
    try write(run.events(ofEpoch: 60), to: resumed)
    _ = try RunLogWriter(folder: folder.path, checkpoint: position)
    #expect(try read().count == kept.count + 0)
  }

  @Test func longRunsComeAsSummariesThatHoldEveryExtreme() throws {
    let writer = try RunLogWriter(folder: folder.path)
    try write(beginning, to: writer)
    for epoch in 0..<200 { try write(run.events(ofEpoch: epoch), to: writer) }
    let records = try read(oneByOne: false)
    var covered = 0
    var evaluations = 0
    var single = 0
    for record in records {
      switch record {
      case .summary(let summary, _):
        #expect(summary.steps.lowerBound == covered + 1)
        covered = summary.steps.upperBound
        let steps = summary.steps.map { LoggedRun.step($0) }
        for figure in StepFigure.allCases {
          var whole = Bucket()
          for bucket in summary[figure].buckets { whole.merge(bucket) }
          let values = steps.compactMap(figure.value).filter(\.isFinite)
          #expect(whole.minimum == values.min() && whole.maximum == values.max())
          #expect(whole.count == values.count && whole.broken == steps.count - values.count)
        }
        #expect("\(summary.last)" == "\(steps[steps.count - 1])")
        #expect(summary.brokenSteps == steps.count { $0.isBroken })
        #expect(summary.spikes.map(\.steps.lowerBound) == steps.filter { $0.gradientNorm > 100 }.map(\.step))
        #expect(summary.tokens == steps.reduce(0) { $0 + $1.realTokens })
      case .event(.stepsCompleted(let steps), _):
        #expect(steps[0].step == covered + 1)
        covered += steps.count
        single += steps.count
      case .event(.evaluated(let record), _):
        #expect(record == run.evaluation(evaluations))
        evaluations += 1
      case .event, .extent, .standing: break
      }
    }
    #expect(covered == 20_000 && evaluations == 200)
    #expect(single < Chunk.steps, "only the newest come one by one")
  }

  @Test func oldStepsArePutTogetherWithoutLosingAnEvent() throws {
    let limits = RunLogWriter.Limits(chunk: 512, detailed: 4000, slack: 1000)
    let writer = try RunLogWriter(folder: folder.path, limits: limits)
    var written = try write(beginning, to: writer)
    var largest = 0
    for epoch in 0..<200 {
      written += try write(run.events(ofEpoch: epoch), to: writer)
      guard let compaction = writer.compaction() else { continue }
      // Training goes on meanwhile.
      written += try write([LoggedRun.log("meanwhile")], to: writer)
      let result = try #require(compaction.run())
      written += try write([LoggedRun.log("and still")], to: writer)
      writer.take(result)
      largest = max(largest, try folder.bytes().count)
    }
    #expect(largest > 0)
    let records = try read(oneByOne: true)
    func others(_ records: [RunRecord]) -> [String] {
      records.compactMap { record -> String? in
        guard case .event(let event, let time) = record else { return nil }
        switch event {
        case .stepsCompleted: return nil
        case .evaluated(let record): return "\(record.step) \(record.isBest) \(time)"
        default: return "\(event) \(time)"
        }
      }
    }
    #expect(others(records) == others(written))
    var covered = 0
    var single = 0
    for record in records {
      if case .summary(let summary, _) = record {
        #expect(summary.steps.lowerBound == covered + 1 && summary.span == 64)
        covered = summary.steps.upperBound
      } else if case .event(.stepsCompleted(let steps), _) = record {
        covered += steps.count
        single += steps.count
      }
    }
    #expect(covered == 20_000)
    #expect(single >= 4000 && single < 6100)
    let again = try RunLogWriter(folder: folder.path, limits: limits)
    #expect(again.lastIndex == UInt64(written.count))
  }

  @Test func akillWhilePuttingTogetherLeavesTheLogAsItWas() throws {
    let limits = RunLogWriter.Limits(chunk: 512, detailed: 1000, slack: 1000)
    let writer = try RunLogWriter(folder: folder.path, limits: limits)
    try write(beginning, to: writer)
    for epoch in 0..<40 { try write(run.events(ofEpoch: epoch), to: writer) }
    let before = try folder.bytes()
    let compaction = try #require(writer.compaction())
    _ = try #require(compaction.run())
    #expect(try folder.bytes() == before)
    #expect(FileManager.default.fileExists(atPath: folder.log + ".tmp-\(getpid())"))
    writer.take(nil)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["run.log"])
  }

  @Test func anotherVersionAndOtherFilesAreRefusedWithASentence() throws {
    _ = try RunLogWriter(folder: folder.path)
    var bytes = try folder.bytes()
    bytes[8] = 99
    try folder.write(bytes)
    #expect(throws: RunFolderError.self) { try RunLogReader(folder: folder.path) }
    do { _ = try RunLogReader(folder: folder.path) } catch { #expect("\(error)".contains("format 99")) }
    // A writer goes on with a new one and leaves that one alone.
    _ = try RunLogWriter(folder: folder.path)
    #expect(try read().isEmpty)
    #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder.log + ".unreadable"))) == bytes)
  }
}
