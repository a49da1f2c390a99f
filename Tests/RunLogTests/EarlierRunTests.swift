import Foundation
import RunFolder
import Testing
import TrainingEvents

@testable import RunLog

/// Folders as the version before wrote them: `run.json`, `metrics.jsonl` and `log.txt`, and no log.
@Suite struct EarlierRunTests {
  private let folder: TemporaryFolder
  private let run: LoggedRun

  init() throws {
    folder = try TemporaryFolder()
    run = LoggedRun(directory: folder.path)
    var configuration = RunConfiguration()
    configuration.epochs = 1000
    let manifest = RunManifest(
      version: "0", name: "earlier", created: 0, configuration: configuration, fingerprints: [:])
    try Data(RunJSON.encode(manifest)).write(to: URL(fileURLWithPath: folder.path + "/run.json"))
    let recorder = try RunRecorder(folder: folder.path)
    let beginning: [TrainingEvent] = [
      .phaseChanged(PhaseChange(phase: .running, step: 0)),
      .log(
        LogLine(
          level: .info, text: "3200 sentences of my data, 4711 parameters, 100000 steps, 3 threads", time: 1e9, step: 0)
      ),
    ]
    for event in beginning { _ = recorder.record(event, time: 1e9) }
    for epoch in 0..<9 {
      for event in run.events(ofEpoch: epoch) { _ = recorder.record(event, time: 1e9 + Double(epoch)) }
    }
    _ = recorder.record(.alert(LogLine(level: .error, text: "watch: this", time: 1e9 + 9, step: 900)), time: 1e9 + 9)
    recorder.close()
    try FileManager.default.removeItem(atPath: folder.log)
  }

  @Test func tellWhatTheirFilesTell() throws {
    var events: [TrainingEvent] = []
    var last = 0.0
    EarlierRun.read(folder: folder.path) { records in
      for case .event(let event, let time) in records {
        events.append(event)
        last = time
      }
    }
    let steps = events.flatMap { event -> [StepRecord] in
      if case .stepsCompleted(let steps) = event { steps } else { [] }
    }
    #expect(steps.map(\.step) == Array(1...900))
    #expect(steps[41] == LoggedRun.step(42))
    let evaluations = events.compactMap { if case .evaluated(let record) = $0 { record } else { nil } }
    #expect(evaluations == (0..<9).map(run.evaluation))
    let checkpoints = events.compactMap { if case .checkpointWritten(let record) = $0 { record } else { nil } }
    #expect(checkpoints == (0..<9).map { run.checkpoint(($0 + 1) * 100, $0 == 6) })
    let description = events.compactMap { if case .runStarted(let description) = $0 { description } else { nil } }
    #expect(description.count == 1 && description[0].name == "earlier" && description[0].stepsPerEpoch == 100)
    #expect(description[0].dataName == "my data" && description[0].parameterCount == 4711)
    #expect(description[0].totalSteps == 100_000 && description[0].threads == 3)
    let logs = events.compactMap { if case .log(let line) = $0 { line } else { nil } }
    #expect(logs.last == LogLine(level: .error, text: "watch: this", time: 1e9 + 9, step: 900))
    #expect(last == 1e9 + 9)
  }

  @Test func goOnWithALogThatHasTheirPast() throws {
    let length = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/metrics.jsonl")).count
    let resumed = try RunRecorder(
      folder: folder.path, position: RecordPosition(metricsLength: length, logIndex: nil, step: 900))
    for event in run.events(ofEpoch: 9) { _ = resumed.record(event, time: 2e9) }
    resumed.close()
    var steps: [Int] = []
    try RunLogReader(folder: folder.path).read { records in
      for case .event(.stepsCompleted(let more), _) in records { steps += more.map(\.step) }
    }
    #expect(steps == Array(1...1000))
  }

  @Test func aStepsLineIsReadAsAnyJSONReaderWould() throws {
    for number in [1, 9000, 7000, 123_456_789] {
      let json = MetricLine.step(LoggedRun.step(number)).json
      let fast = try #require(StepLine.metric(json[...]))
      #expect("\(fast)" == "\(try MetricLine(json: json, path: "m"))")
      #expect(StepLine.metric(json.dropLast()) == nil)
      #expect(StepLine.metric((json + [0x20])[...]) == nil)
    }
  }
}
