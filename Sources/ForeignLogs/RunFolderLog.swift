internal import Glibc
internal import LoggedRuns

/// A run folder of this program, as a log among others: `run.json`, `metrics.jsonl`, `outcome.json`.
struct RunFolderLog: LogReader {
  private static let smallFile = 16 << 20

  private let folder: String
  private var metrics: GrowingLines
  private var hasManifest = false
  private var outcome: GrowingFile
  private var places: [String: Int] = [:]
  /// Seconds of training up to the last step that was read.
  private var elapsed = Double.nan

  init(folder: String) {
    self.folder = folder
    metrics = GrowingLines(path: folder + "/metrics.jsonl")
    outcome = GrowingFile(path: folder + "/outcome.json")
  }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    if !hasManifest { readManifest(&sink) }
    var (places, elapsed) = (places, elapsed)
    let path = metrics.path
    let reading = metrics.read(within: budget) { line, number in
      if !Self.take(line, &places, &elapsed, &sink) {
        let finding = "a line cannot be read and is left out"
        sink.run.note(LogProblem(file: path, place: .line(number), finding: finding))
      }
    }
    (self.places, self.elapsed) = (places, elapsed)
    sink.run.bytes = metrics.size
    sink.run.lastWrite = metrics.modified ?? sink.run.created
    switch reading {
    case .lines(let more) where more: return true
    case .replaced:
      // A resumed run begins at its checkpoint: later lines were cut off.
      sink.run.remove(file: 0, path: path)
      return true
    default:
      readState(&sink)
      return false
    }
  }

  private mutating func readManifest(_ sink: inout LogSink) {
    let path = folder + "/run.json"
    guard let bytes = GrowingFile.contents(path, limit: Self.smallFile) else {
      return sink.run.noteOnce(LogProblem(file: path, finding: "cannot be read"))
    }
    hasManifest = true
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

  private mutating func readState(_ sink: inout LogSink) {
    if Self.isLocked(folder + "/lock") {
      sink.run.declaredState = .live
      return
    }
    var code: Double?
    if let bytes = GrowingFile.contents(outcome.path, limit: Self.smallFile) {
      try? JSONFields.read(bytes) { name, value in
        if name == "outcome/exitCode" { code = value.number }
      }
    }
    switch code {
    case 0: sink.run.declaredState = .finished
    case 75: sink.run.declaredState = .stopped
    case .some: sink.run.declaredState = .failed
    case nil:
      // Runs of earlier versions do not say how they ended.
      let done = sink.run.metric("epoch")?.summary.last?.value ?? 0
      sink.run.declaredState = sink.run.totalEpochs.map { done >= $0 } == true ? .finished : .crashed
    }
  }

  /// Whether a process holds the run's lock.
  private static func isLocked(_ path: String) -> Bool {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else { return errno == EWOULDBLOCK }
    flock(descriptor, LOCK_UN)
    return false
  }

  // MARK: - Lines

  /// Metrics of a step's line, and of an evaluation's, by the names of their fields.
  private static let stepNames = [
    "loss": "train/loss", "lossA": "train/loss_a", "lossB": "train/loss_b", "learningRate": "learning_rate",
    "gradientNorm": "gradient_norm",
  ]
  private static let evaluationNames = [
    "loss": "loss", "lossA": "loss_a", "lossB": "loss_b", "exactMatch": "exact_match", "entityF1": "entity_f1",
    "entityPrecision": "entity_precision", "entityRecall": "entity_recall",
  ]

  private struct Line {
    var type = ""
    var split = ""
    var step: Double?
    var values: [(String, Double)] = []
    var counts: [String: Double] = [:]
    var epoch: Double?
    var elapsed: Double?
    var batch: (at: Double, of: Double) = (0, 0)
  }

  private static func take(
    _ bytes: UnsafeRawBufferPointer, _ places: inout [String: Int], _ elapsed: inout Double, _ sink: inout LogSink
  ) -> Bool {
    var line = Line()
    do throws(JSONProblem) {
      try JSONFields.read(bytes) { name, value in field(String(decoding: name, as: UTF8.self), value, &line) }
    } catch {
      return false
    }
    guard let step = line.step, abs(step) < 9e18 else { return true }
    if let seconds = line.elapsed { elapsed = seconds }
    // Pauses are left out: how long a run was trained, from when it began.
    let time = (sink.run.created ?? 0) + elapsed
    func add(_ name: String, _ value: Double) {
      let place = places[name] ?? sink.run.place(of: name)
      places[name] = place
      sink.add(place, step: Int64(step), time: time, value: value)
    }
    switch line.type {
    case "step":
      for (name, value) in line.values { if let metric = stepNames[name] { add(metric, value) } }
      for task in ["A", "B"] {
        if let accuracy = accuracy(line, task) { add("train/accuracy_" + task.lowercased(), accuracy) }
      }
      if let epoch = line.epoch, line.batch.of > 0 { add("epoch", epoch + line.batch.at / line.batch.of) }
    case "evaluation":
      for (name, value) in line.values {
        if let metric = evaluationNames[name] { add(line.split + "/" + metric, value) }
      }
      for task in ["A", "B"] {
        if let accuracy = accuracy(line, task) { add(line.split + "/accuracy_" + task.lowercased(), accuracy) }
      }
    default: break
    }
    return true
  }

  private static func accuracy(_ line: Line, _ task: String) -> Double? {
    guard let total = line.counts["total" + task], total > 0, let correct = line.counts["correct" + task] else {
      return nil
    }
    return correct / total
  }

  private static func field(_ name: String, _ value: JSONScalar, _ line: inout Line) {
    if name == "type", case .text(let text) = value { line.type = text }
    if name == "split", case .text(let text) = value { line.split = text }
    guard let number = value.number else { return }
    switch name {
    case "step": line.step = number
    case "epoch": line.epoch = number
    case "elapsed": line.elapsed = number
    case "batch": line.batch.at = number
    case "batches": line.batch.of = number
    case _ where name.hasPrefix("counts/"): line.counts[String(name.dropFirst("counts/".count))] = number
    default: line.values.append((name, number))
    }
  }
}
