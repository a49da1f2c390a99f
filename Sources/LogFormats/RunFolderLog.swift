internal import LoggedRuns
internal import Paths
internal import RunFolder
internal import RunLog
internal import TrainingEvents

/// A run folder of this program, as a log among others: `run.json`, `run.log`, `outcome.json`.
///
/// Runs of earlier versions have no `run.log`; their curves are in `metrics.jsonl`.
struct RunFolderLog: LogReader {
  private static let smallFile = 16 << 20

  private let folder: String
  /// Looked at to see whether there is more to read.
  private var log: GrowingFile
  private var tail: RunLogTail
  private var isCaughtUp = false
  private var lines: GrowingLines
  /// Whether what was read comes from `run.log`.
  private var readsLog = true
  /// That of the manifest which was read last.
  private var manifest: FileStamp?
  /// Why the log could not be read the last time.
  private var trouble: String?
  private var places = Places()

  /// The run's metrics by where they come from: looking names up takes longer than all else.
  private struct Places {
    var steps = [Int?](repeating: nil, count: CurvePoints.stepNames.count)

    mutating func step(_ number: Int, _ sink: inout LogSink) -> Int {
      if let place = steps[number] { return place }
      let place = sink.run.place(of: CurvePoints.stepNames[number])
      steps[number] = place
      return place
    }
  }

  init(folder: String) {
    self.folder = folder
    log = GrowingFile(path: folder + "/" + RunLog.fileName)
    tail = RunLogTail(folder: folder)
    lines = GrowingLines(path: folder + "/metrics.jsonl")
  }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    readManifest(&sink)
    // Where there is neither, the log is what is missed.
    let hasLog = RunLogReader.exists(in: folder) || !isRegularFile(lines.path)
    if hasLog != readsLog {
      // A run of an earlier version that was resumed has a log from then on.
      forget(&sink)
      readsLog = hasLog
    }
    let hasMore = hasLog ? readLog(&sink, budget) : readLines(&sink, budget)
    if !hasMore {
      readState(&sink)
      noteTornEnd(&sink)
    }
    return hasMore
  }

  /// Begins anew with whatever holds the curves.
  private mutating func forget(_ sink: inout LogSink) {
    sink.run.remove(file: 0, path: log.path)
    sink.run.remove(file: 0, path: lines.path)
    tail = RunLogTail(folder: folder)
    lines = GrowingLines(path: lines.path)
    isCaughtUp = false
  }

  private mutating func readManifest(_ sink: inout LogSink) {
    let path = folder + "/" + RunManifest.fileName
    let stamp = FileStamp(path)
    guard stamp == nil || stamp != manifest else { return }
    manifest = nil
    guard let stamp, let bytes = GrowingFile.contents(path, limit: Self.smallFile) else {
      return sink.run.noteOnce(LogProblem(file: path, finding: "cannot be read"))
    }
    manifest = stamp
    sink.run.withdrawAll(in: path)
    (sink.run.created, sink.run.totalEpochs, sink.run.configuration) = (nil, nil, [:])
    do throws(JSONProblem) {
      try JSONFields.read(bytes) { name, value in
        if name == "created" { sink.run.created = value.number }
        guard name.hasPrefix("configuration/"), let value = value.configuration else { return }
        let key = String(name.dropFirst("configuration/".count))
        sink.run.configuration[key] = value
        if key == "epochs" { sink.run.totalEpochs = value.number }
      }
    } catch {
      sink.run.noteOnce(LogProblem(file: path, finding: "is no JSON: it \(error.finding)"))
    }
  }

  private func readState(_ sink: inout LogSink) {
    guard !RunLock.isHeld(folder: folder) else { return sink.run.declaredState = .live }
    switch RunOverview.declaredState(folder: folder) {
    case .finished: sink.run.declaredState = .finished
    case .stopped: sink.run.declaredState = .stopped
    case .failed: sink.run.declaredState = .failed
    case .crashed, nil:
      // Runs of earlier versions do not say how they ended.
      let done = sink.run.metric("epoch")?.summary.last?.value ?? 0
      sink.run.declaredState = sink.run.totalEpochs.map { done >= $0 } == true ? .finished : .crashed
    }
  }

  /// An event that nobody goes on writing was torn by its writer's end.
  private func noteTornEnd(_ sink: inout LogSink) {
    guard let offset = tail.tornEnd, sink.run.declaredState != .live else {
      return sink.run.withdraw(LogProblem.tornEnd, in: log.path)
    }
    sink.run.noteOnce(LogProblem(file: log.path, place: .byte(offset), finding: LogProblem.tornEnd))
  }

  // MARK: - run.log

  private mutating func readLog(_ sink: inout LogSink, _ budget: ReadBudget) -> Bool {
    let change = log.look()
    log.report(&sink)
    switch change {
    case .unchanged: if isCaughtUp { return false }
    // Whether it goes on from what was read is for the log itself to say.
    case .grown, .replaced: isCaughtUp = false
    case .gone: return false
    }
    defer { log.rest() }
    sink.run.bytes = log.size
    sink.run.lastWrite = log.modified
    let path = log.path
    var places = places
    defer { self.places = places }
    if let trouble { sink.run.withdraw(trouble, in: path) }
    trouble = nil
    do throws(RunFolderError) {
      let reading = try tail.read(isEnough: { budget.isSpent }) { damage in
        sink.run.note(LogProblem(file: path, place: .byte(damage.offset), finding: damage.finding))
      } _: { record in
        Self.take(record, &places, &sink)
      }
      switch reading {
      case .records(let hasMore): isCaughtUp = !hasMore
      case .replaced: sink.run.remove(file: 0, path: path)
      }
    } catch {
      let start = path + ": "
      let finding = error.description.hasPrefix(start) ? error.description.dropFirst(start.count) : "cannot be read"
      sink.run.noteOnce(LogProblem(file: path, finding: String(finding)))
      trouble = String(finding)
      isCaughtUp = true
    }
    return !isCaughtUp
  }

  private static func take(_ record: RunRecord, _ places: inout Places, _ sink: inout LogSink) {
    switch record {
    case .event(.runStarted(let run), _): sink.run.totalSteps = Int64(run.totalSteps)
    case .event(.stepsCompleted(let steps), let time):
      guard let end = steps.last?.elapsed else { return }
      for step in steps {
        let time = CurvePoints.time(ofStepAt: step.elapsed, before: end, loggedAt: time)
        take(step, time: time, &places, &sink)
      }
    case .event(.evaluated(let evaluation), let time): take(evaluation, time: time, &sink)
    case .summary(let summary, let time): take(summary, time: time, &places, &sink)
    case .event, .extent, .standing: break
    }
  }

  private static func take(_ step: StepRecord, time: Double, _ places: inout Places, _ sink: inout LogSink) {
    CurvePoints.figures(of: step) { number, value in
      sink.add(places.step(number, &sink), step: Int64(step.step), time: time, value: value)
    }
  }

  private static func take(_ evaluation: EvaluationRecord, time: Double, _ sink: inout LogSink) {
    for (name, value) in CurvePoints.points(of: evaluation) {
      sink.add(sink.run.place(of: name), step: Int64(evaluation.step), time: time, value: value)
    }
  }

  /// Steps that the log has no more: rows of a few for what is a curve there, and the last step for the rest.
  private static func take(_ summary: StepSummary, time: Double, _ places: inout Places, _ sink: inout LogSink) {
    let end = summary.last.elapsed
    for row in summary.elapsed.indices {
      let (first, elapsed) = (max(summary.firstStep(ofRow: row), summary.steps.lowerBound), summary.elapsed[row])
      let last = min(summary.firstStep(ofRow: row) + summary.span - 1, summary.steps.upperBound)
      let time = CurvePoints.time(ofStepAt: elapsed, before: end, loggedAt: time)
      for figure in StepFigure.allCases {
        let (bucket, value) = (summary[figure].buckets[row], summary[figure].last[row])
        guard !bucket.isEmpty else { continue }
        let values = (bucket.minimum, bucket.maximum, bucket.mean, value.isFinite ? value : bucket.mean)
        let points = SeriesBucket(
          step: Int64(last), time: time, values: bucket.count > 0 ? values : nil, count: bucket.count,
          broken: bucket.broken)
        sink.add(places.step(CurvePoints.place(of: figure), &sink), points, from: Int64(first))
      }
      sink.add(places.step(CurvePoints.elapsedPlace, &sink), step: Int64(last), time: time, value: elapsed)
    }
    CurvePoints.figures(of: summary.last) { number, value in
      guard number > StepFigure.allCases.count - 1, number != CurvePoints.elapsedPlace else { return }
      sink.add(places.step(number, &sink), step: Int64(summary.last.step), time: time, value: value)
    }
  }

  // MARK: - metrics.jsonl

  private mutating func readLines(_ sink: inout LogSink, _ budget: ReadBudget) -> Bool {
    let path = lines.path
    var places = places
    let created = sink.run.created ?? 0
    // An evaluation's line has no time of its own.
    var elapsed = sink.run.metric(CurvePoints.stepNames[CurvePoints.elapsedPlace])?.summary.last?.value ?? 0
    let reading = lines.read(within: budget) { line, number in
      guard !line.isEmpty else { return }
      switch EarlierRun.metric(Array(line)[...], path: path) {
      case .step(let step):
        elapsed = step.elapsed
        Self.take(step, time: created + elapsed, &places, &sink)
      case .evaluation(let evaluation): Self.take(evaluation, time: created + elapsed, &sink)
      case .epoch, .parameter, .gradients: break
      case nil:
        let finding = "a line cannot be read and is left out"
        sink.run.note(LogProblem(file: path, place: .line(number), finding: finding))
      }
    }
    self.places = places
    lines.report(&sink)
    sink.run.bytes = lines.size
    sink.run.lastWrite = lines.modified ?? sink.run.created
    switch reading {
    case .lines(let hasMore): return hasMore
    case .replaced:
      // A resumed run begins at its checkpoint: later lines were cut off.
      sink.run.remove(file: 0, path: path)
      return true
    case .nothing: return false
    }
  }
}
