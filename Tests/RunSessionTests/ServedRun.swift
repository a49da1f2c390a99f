import Foundation
import RunLog
import RunSources
import TrainingEvents

@testable import RunSession

/// A made-up run with a real recorder and a real server: what an engine does with its events.
final class ServedRun {
  let folder: TemporaryFolder
  let server: RunServer
  private var recorder: RunRecorder?
  private var early: [TrainingEvent] = []
  private(set) var told: [TrainingEvent] = []

  /// `clients`: sockets that are connected before the run begins.
  init(clients: [Int32] = [], in folder: TemporaryFolder? = nil) throws {
    self.folder = try folder ?? TemporaryFolder()
    server = RunServer(clients: clients)
  }

  /// Opens the records, as an engine does once its run has a folder; returns what is amiss.
  @discardableResult
  func begin(position: RecordPosition? = nil) throws -> String? {
    let recorder = try RunRecorder(folder: folder.path, position: position)
    self.recorder = recorder
    let past = recorder.lastIndex
    let beginning = early.map { recorder.record($0, time: 1) }
    let problem = server.open(
      OpenRunLog(folder: folder.path, past: past, beginning: beginning, written: recorder.written))
    tell(.runStarted(SampleEvents.description(directory: folder.path)))
    return problem
  }

  func tell(_ event: TrainingEvent) {
    told.append(event)
    guard let recorder else {
      early.append(event)
      return server.take(LoggedEvent(event, index: UInt64(early.count), time: 1))
    }
    server.take(recorder.record(event, time: Date().timeIntervalSince1970))
  }

  var position: RecordPosition {
    RecordPosition(metricsLength: recorder?.metricsLength ?? 0, logIndex: recorder?.lastIndex ?? 0, step: 0)
  }

  func synchronize() throws { try recorder?.synchronize() }

  func end() {
    recorder?.close()
    server.prepareToEnd()
    tell(SampleEvents.end)
  }
}

extension RunSource {
  /// Every event up to the end, steps that follow each other in one.
  func heard() async -> [TrainingEvent] {
    var events: [TrainingEvent] = []
    for await records in records { events += records.events }
    return events.merged
  }
}

extension [RunRecord] {
  var events: [TrainingEvent] { compactMap { if case .event(let event, _) = $0 { event } else { nil } } }
}

extension [TrainingEvent] {
  /// The events with steps that follow each other put together, as a client may get them.
  var merged: [TrainingEvent] {
    reduce(into: []) { merged, event in
      if case .stepsCompleted(let more) = event, case .stepsCompleted(let steps) = merged.last {
        merged[merged.count - 1] = .stepsCompleted(steps + more)
      } else {
        merged.append(event)
      }
    }
  }
}
