public import RunFolder
public import TrainingEvents

/// Runs of earlier versions, which had no log: what `metrics.jsonl` and `log.txt` say of them.
public enum EarlierRun {
  /// Most steps of one record.
  private static let groupSize = 4096

  /// Hands on everything that the files hold, in groups, in order.
  public static func read(folder: String, _ take: ([RunRecord]) -> Void) {
    var words = LogLines(folder: folder)
    var steps: [StepRecord] = []
    var records: [RunRecord] = []
    var isDescribed = false
    func flush() {
      if !steps.isEmpty { records.append(.event(.stepsCompleted(steps), time: words.time)) }
      steps = []
      if records.count >= groupSize / 16 {
        take(records)
        records = []
      }
    }
    let path = folder + "/metrics.jsonl"
    try? LineFile.read(path) { line in
      guard let metric = metric(line, path: path) else { return }
      if !isDescribed, let description = EarlierDescription.read(folder: folder, firstLine: metric) {
        records.append(.event(.runStarted(description), time: words.time))
      }
      isDescribed = true
      for logged in words.take(through: metric.step) {
        flush()
        records.append(logged)
      }
      if case .step(let step) = metric {
        steps.append(step)
        if steps.count >= groupSize { flush() }
        return
      }
      flush()
      if let event = metric.event { records.append(.event(event, time: words.time)) }
    }
    flush()
    records += words.take(through: .max)
    if !records.isEmpty { take(records) }
  }

  /// What a line of `metrics.jsonl` says; nil where it cannot be read.
  public static func metric(_ line: ArraySlice<UInt8>, path: String) -> MetricLine? {
    StepLine.metric(line) ?? (try? MetricLine(json: line, path: path))
  }

  /// Writes the log that such a run would have, in place of any.
  static func writeLog(folder: String) throws(RunFolderError) {
    let path = folder + "/" + RunLog.fileName
    FileSystem.remove(path)
    let writer = try RunLogWriter(folder: folder)
    read(folder: folder) { records in
      for case .event(let event, let time) in records {
        writer.append(LoggedEvent(event, index: writer.lastIndex + 1, time: time))
      }
      try? writer.flush()
    }
    try writer.synchronize()
  }
}

extension MetricLine {
  /// The last step before what the line says.
  var step: Int {
    switch self {
    case .step(let record): record.step - 1
    case .epoch(let record): record.step
    case .evaluation(let record): record.step
    case .parameter(let change): change.step
    case .gradients(let sample): sample.step
    }
  }

  /// The event that leaves such a line; nil for a step, of which an event has several.
  var event: TrainingEvent? {
    switch self {
    case .step: nil
    case .epoch(let record): .epochCompleted(record)
    case .evaluation(let record): .evaluated(record)
    case .parameter(let change): .parameterChanged(change)
    case .gradients(let sample): .gradientsSampled(sample)
    }
  }
}
