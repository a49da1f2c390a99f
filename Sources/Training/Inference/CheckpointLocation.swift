import Paths
internal import RunFolder
internal import TrainingEvents

/// A checkpoint that was asked for, found and verified.
struct CheckpointLocation {
  var checkpoint: Checkpoint
  /// The run it belongs to; nil for a folder outside any run.
  var run: RunFacts?
  /// Why it is this one of its run's; nil for a folder outside any run.
  var choice: Choice?
  /// Name of its folder.
  var name: String
  /// Which one it is, in words.
  var description: String

  /// Why a checkpoint was taken.
  enum Choice {
    /// The best on dev, asked for or not.
    case best
    /// The newest, for want of a best one.
    case lastWithoutBest
    case last
    /// Named by its step.
    case named

    fileprivate var note: String {
      switch self {
      case .best: " (best)"
      case .lastWithoutBest: " (last; no best was chosen)"
      case .last: " (last)"
      case .named: ""
      }
    }
  }

  /// Finds a checkpoint in a run's folder, or takes `path` itself if it is a checkpoint's.
  static func find(_ path: String, named name: String?) throws(RunFolderError) -> CheckpointLocation {
    let folder = absolutePath(path)
    if let run = try RunFacts.read(folder: folder) {
      let store = RunFolder.checkpoints(ofRunIn: folder)
      let (step, choice) = try Self.step(in: store, named: name, run: path)
      let checkpoint = try store.open(step: step, verifying: ModelFolder.files)
      return CheckpointLocation(
        checkpoint: checkpoint, run: run, choice: choice, name: checkpoint.name,
        description: "checkpoint \(checkpoint.name)\(choice.note) of \(path)")
    }
    if !Checkpoint.isModelFolder(folder), isThere(folder + "/" + ONNXExport.modelFile) {
      throw RunFolderError(
        kind: .malformed,
        description: "\(path): is an exported graph, for ONNX runtimes; name the run, or export it with --format hf")
    }
    guard Checkpoint.isModelFolder(folder) else {
      throw RunFolderError(
        kind: .missing,
        description: "\(path): is neither a run (run.json) nor a checkpoint (config.json and model.safetensors)")
    }
    guard name == nil else {
      throw RunFolderError(
        kind: .missing, description: "\(path): is a checkpoint itself; leave out --checkpoint, or name its run")
    }
    return CheckpointLocation(
      checkpoint: try Checkpoint.standing(alone: folder, verifying: ModelFolder.files), run: nil,
      name: folder.split(separator: "/").last.map(String.init) ?? folder, description: "checkpoint \(path)")
  }

  /// The step of the checkpoint asked for, and why it is that one.
  private static func step(
    in store: CheckpointStore, named name: String?, run: String
  ) throws(RunFolderError) -> (step: Int, choice: Choice) {
    let steps = store.steps
    func missing(_ what: String) -> RunFolderError {
      let there = steps.map(String.init).joined(separator: ", ")
      return RunFolderError(
        kind: .missing,
        description: "\(run): \(what); \(there.isEmpty ? "there is none yet" : "there are those of steps \(there)")")
    }
    switch name {
    case nil:
      if let best = store.step(of: .best) { return (best, .best) }
      if let last = store.step(of: .last) ?? steps.last { return (last, .lastWithoutBest) }
      throw missing("has no checkpoint")
    case "best":
      guard let best = store.step(of: .best) else { throw missing("no checkpoint was chosen as the best") }
      return (best, .best)
    case "last":
      guard let last = store.step(of: .last) ?? steps.last else { throw missing("has no checkpoint") }
      return (last, .last)
    case let name?:
      let digits = name.hasPrefix("step-") ? String(name.dropFirst(5)) : name
      guard let step = Int(digits), steps.contains(step) else { throw missing("has no checkpoint \"\(name)\"") }
      return (step, .named)
    }
  }
}

/// What inference needs to know of `run.json`; keys that it does not need may be missing.
struct RunFacts: Decodable {
  struct Configuration: Decodable {
    var precision: String?
    var source: RunConfiguration.Source?
    var reading: RunConfiguration.Reading?

    var data: TrainedModel.RunData? {
      switch source {
      case .demo: .demo
      case .folder(let path): .folder(path)
      case .files(let train, let dev, let test): .files(train: train, dev: dev, test: test)
      case nil: nil
      }
    }
  }

  var name: String
  var configuration: Configuration

  /// nil where there is no `run.json`.
  static func read(folder: String) throws(RunFolderError) -> RunFacts? {
    do throws(RunFolderError) {
      return try RunJSON.decode(
        RunFacts.self, from: try RunManifest.bytes(folder: folder), path: folder + "/" + RunManifest.fileName)
    } catch {
      if error.kind == .missing { return nil }
      throw error
    }
  }
}
