internal import Glibc
public import LoggedRuns
internal import Machine
internal import Paths
internal import RunFolder
internal import SwiftProtobuf

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// Writes a TensorBoard event file: one a process, as the format wants it. For one thread at a time.
///
/// Events wait at most a second: call `flush` when nothing more is to come for a while. While the disk takes nothing they
/// wait in memory, up to a limit; a file that somebody deletes is made anew with all that was in it.
public final class EventFileWriter {
  private static let flushSeconds = 1.0
  /// Bytes after which nothing waits for the second.
  private static let flushSize = 1 << 20

  public let path: String
  private let file: AppendFile
  private var lastFlush: Double
  private var isFailing = false
  private var hasHParams = false
  /// Whether the file was deleted and made anew.
  public internal(set) var isRestored = false

  /// Events that were left out because too much was waiting for the disk.
  public var dropped: Int { file.dropped }

  /// Makes a new file in a folder, which is made too where it is missing.
  ///
  /// - Parameters:
  ///   - time: seconds since 1970, part of the name.
  ///   - firstStep: the first step to come of a run that goes on, from which readers drop what an earlier process wrote.
  ///   - backlog: bytes that may wait for the disk.
  public init(folder: String, time: Double, firstStep: Int64?, backlog: Int = 16 << 20) throws(LogError) {
    let host = hostName
    let seconds = String(Int64(time))
    let stamp = String(repeating: "0", count: max(0, 10 - seconds.count)) + seconds
    path = folder + "/events.out.tfevents.\(stamp).\(host.isEmpty ? "localhost" : host).\(getpid()).0"
    lastFlush = time
    do throws(RunFolderError) {
      try FileSystem.createFolders(folder)
      file = try AppendFile(path: path, keeping: 0)
    } catch {
      throw LogError(description: error.description)
    }
    file.largestBacklog = backlog
    var version = MttTui_Tfevents_Event()
    version.wallTime = time
    version.fileVersion = "brain.Event:2"
    version.sourceMetadata.writer = "mtt-tui"
    append(version)
    if let firstStep {
      var start = MttTui_Tfevents_Event()
      start.wallTime = time
      start.step = firstStep
      start.sessionLog.status = .start
      append(start)
    }
    try flush()
  }

  deinit { try? flush() }

  /// Adds a step's values; a value that is not finite is a legal one.
  public func write(_ values: [(name: String, value: Double)], step: Int64, time: Double) throws(LogError) {
    var event = MttTui_Tfevents_Event()
    event.wallTime = time
    event.step = step
    event.summary.value = values.map { pair in
      var value = MttTui_Tfevents_Summary.Value()
      value.tag = pair.name
      value.simpleValue = Float(pair.value)
      return value
    }
    append(event)
    let isMuch = !isFailing && file.length - file.written > Self.flushSize
    if isMuch || time - lastFlush >= Self.flushSeconds { try flush(time: time) }
  }

  /// Says once what the run's hyperparameters are, and which metrics belong to them.
  public func begin(_ hparams: [String: ConfigurationValue], metrics: [String], time: Double) throws(LogError) {
    guard !hasHParams else { return }
    hasHParams = true
    var experiment = MttTui_Tfevents_HParamsPluginData()
    experiment.experiment.hparamInfos = hparams.keys.sorted().map { name in
      var info = MttTui_Tfevents_Experiment.HParamInfo()
      info.name = name
      info.type =
        switch hparams[name] {
        case .text: 1
        case .flag: 2
        default: 3
        }
      return info
    }
    experiment.experiment.metricInfos = metrics.map { tag in
      var info = MttTui_Tfevents_Experiment.MetricInfo()
      info.name.tag = tag
      return info
    }
    append("_hparams_/experiment", experiment, time)
    var start = MttTui_Tfevents_HParamsPluginData()
    start.sessionStartInfo.startTimeSecs = time
    start.sessionStartInfo.hparams = hparams.mapValues { value in
      switch value {
      case .number(let number): Google_Protobuf_Value(numberValue: number)
      case .flag(let flag): Google_Protobuf_Value(boolValue: flag)
      case .text(let text): Google_Protobuf_Value(stringValue: text)
      }
    }
    append("_hparams_/session_start_info", start, time)
    try flush(time: time)
  }

  /// Says how the run ended.
  public func end(isSuccess: Bool, time: Double) throws(LogError) {
    if hasHParams {
      var end = MttTui_Tfevents_HParamsPluginData()
      end.sessionEndInfo.status = isSuccess ? .success : .failure
      end.sessionEndInfo.endTimeSecs = time
      append("_hparams_/session_end_info", end, time)
    }
    try flush(time: time)
  }

  private func append(_ tag: String, _ data: MttTui_Tfevents_HParamsPluginData, _ time: Double) {
    guard let content: [UInt8] = try? data.serializedBytes() else { return }
    var value = MttTui_Tfevents_Summary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "hparams"
    value.metadata.pluginData.content = Data(content)
    var event = MttTui_Tfevents_Event()
    event.wallTime = time
    event.summary.value = [value]
    append(event)
  }

  private func append(_ event: MttTui_Tfevents_Event) {
    guard let data: [UInt8] = try? event.serializedBytes() else { return }
    var record: [UInt8] = []
    TFRecordBuffer.append(data, to: &record)
    file.append(record)
  }

  /// Hands everything to the file.
  public func flush() throws(LogError) { try flush(time: lastFlush) }

  private func flush(time: Double) throws(LogError) {
    lastFlush = time
    do throws(RunFolderError) {
      if !file.isInPlace {
        try file.restore()
        isRestored = true
      }
      try file.flush()
      isFailing = false
    } catch {
      isFailing = true
      throw LogError(description: error.description)
    }
  }
}
