internal import LoggedRuns
internal import Paths

/// Hugging Face's `trainer_state.json`: of a run's folder, or of its newest checkpoint, which holds all before it. The file
/// is written anew each time.
struct TrainerStateLog: LogReader {
  private static let fileName = "trainer_state.json"
  private static let limit = 256 << 20
  private static let absence = "has no trainer_state.json any more"

  private let folder: String
  private var file: GrowingFile?
  /// The step of the folder's own state, as long as that has this stamp.
  private var ownEnd: (stamp: FileStamp, step: Int?)?

  /// `folder`: the trainer's output folder, or a checkpoint's.
  init(folder: String) { self.folder = folder }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    guard let path = newest() else {
      sink.run.noteOnce(LogProblem(file: folder, finding: Self.absence))
      return false
    }
    sink.run.withdraw(Self.absence, in: folder)
    if file?.path != path {
      if let old = file { sink.run.remove(file: 0, path: old.path) }
      file = GrowingFile(path: path)
    }
    guard var file else { return false }
    let change = file.look()
    defer {
      file.report(&sink)
      file.rest()
      self.file = file
    }
    sink.run.bytes = file.size
    sink.run.lastWrite = file.modified
    switch change {
    case .unchanged, .gone: return false
    case .grown, .replaced: break
    }
    guard let bytes = Self.whole(&file) else {
      sink.run.noteOnce(LogProblem(file: path, finding: "is larger than \(Self.limit >> 20) MB"))
      return false
    }
    sink.run.remove(file: 0, path: path)
    sink.run.declaredState = nil
    guard !bytes.isEmpty else { return false }
    Self.take(bytes, path, &sink)
    return false
  }

  /// Whether a folder, or a checkpoint in it, has a `trainer_state.json`.
  static func isThere(in folder: String) -> Bool {
    isRegularFile(folder + "/" + fileName) || newestCheckpoint(in: folder) != nil
  }

  /// The checkpoint's state with the highest step.
  private static func newestCheckpoint(in folder: String) -> (step: Int, path: String)? {
    let checkpoints = FolderEntry.all(in: folder).compactMap { entry -> (step: Int, path: String)? in
      guard entry.isFolder(in: folder), let step = checkpointStep(entry.name) else { return nil }
      return (step, folder + "/" + entry.name + "/" + fileName)
    }
    return checkpoints.sorted { $0.step > $1.step }.first { isRegularFile($0.path) }
  }

  /// The `trainer_state.json` that knows most: the folder's own, which is written at the end, or that of the newest
  /// checkpoint, where there is no own one or the run has gone on after its first end.
  private mutating func newest() -> String? {
    let checkpoint = Self.newestCheckpoint(in: folder)
    let own = folder + "/" + Self.fileName
    guard isRegularFile(own), let ownStamp = FileStamp(own) else { return checkpoint?.path }
    // A folder's copy may have any times, so the step decides too.
    guard let checkpoint, let stamp = FileStamp(checkpoint.path), stamp.modified > ownStamp.modified else { return own }
    if ownEnd?.stamp != ownStamp { ownEnd = (ownStamp, Self.globalStep(own)) }
    guard let ownStep = ownEnd?.step, checkpoint.step > ownStep else { return own }
    return checkpoint.path
  }

  /// The step at which a state was written; nil where it does not say.
  private static func globalStep(_ path: String) -> Int? {
    var file = GrowingFile(path: path)
    guard case .grown = file.look(), let bytes = whole(&file) else { return nil }
    var step: Int?
    try? JSONFields.read(bytes) { name, value in
      if name == "global_step" { step = value.number.flatMap { Int(exactly: $0) } }
    }
    return step
  }

  /// All of a file that was looked at; nil where that is too much.
  private static func whole(_ file: inout GrowingFile) -> [UInt8]? {
    guard file.size <= limit else { return nil }
    var bytes: [UInt8] = []
    while file.read(into: &bytes, from: bytes.count, count: 1 << 20) > 0 {}
    return bytes
  }

  /// The step that a checkpoint's folder is named by.
  static func checkpointStep(_ name: String) -> Int? {
    name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil
  }

  private static func take(_ bytes: [UInt8], _ path: String, _ sink: inout LogSink) {
    var entry = -1
    var isAtEnd = false
    var lastStep: Double?
    var fields = PointFields()
    fields.begin()
    do throws(JSONProblem) {
      try JSONFields.read(bytes) { name, value in
        let parts = name.split(separator: "/", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[0] == "log_history", let index = Int(parts[1]) else {
          if name == "global_step" { lastStep = value.number }
          return takeField(name, value, &sink)
        }
        if index != entry {
          if entry >= 0 { fields.end(number: entry, &sink) }
          fields.begin()
          entry = index
        }
        guard let number = value.number else { return }
        // Only the figures at the trainer's end have it.
        if parts[2] == "train_runtime" { isAtEnd = true }
        var metric = metricName(parts[2])
        metric.withUTF8 { fields.take(UnsafeRawBufferPointer($0), number, &sink) }
      }
      if entry >= 0 { fields.end(number: entry, &sink) }
      if let lastStep, let total = sink.run.totalSteps, total > 0, lastStep >= Double(total) { isAtEnd = true }
      if isAtEnd { sink.run.declaredState = .finished }
    } catch {
      sink.run.noteOnce(LogProblem(file: path, finding: "is not whole, or no JSON: it \(error.finding)"))
    }
  }

  /// The name that Hugging Face's own TensorBoard writer would give.
  static func metricName(_ name: String) -> String {
    if PointFields.namesStep([name]) { return name }
    for split in ["eval", "test"] where name.hasPrefix(split + "_") { return split + "/" + name.dropFirst(5) }
    return "train/" + name
  }

  private static func takeField(_ name: String, _ value: JSONScalar, _ sink: inout LogSink) {
    switch name {
    case "max_steps": sink.run.totalSteps = value.number.flatMap { Int64(exactly: $0.rounded()) }
    case "num_train_epochs": sink.run.totalEpochs = value.number
    default: break
    }
    if name.hasPrefix("trial_params/"), let value = value.configuration {
      sink.run.configuration[String(name.dropFirst("trial_params/".count))] = value
    } else if name == "train_batch_size" || name == "num_train_epochs", let value = value.configuration {
      sink.run.configuration[name] = value
    }
  }
}
