internal import Glibc
import Paths
public import TrainingEvents

/// A run's folder, owned by this process as long as the value lives:
/// `run.json`, `metrics.jsonl`, `log.txt`, `lock` and `checkpoints/`.
///
/// For one thread at a time.
public final class RunFolder {
  /// Absolute.
  public let path: String
  public private(set) var manifest: RunManifest
  public let checkpoints: CheckpointStore

  private var lock: RunLock

  private init(path: String, manifest: RunManifest, lock: RunLock) {
    self.path = path
    self.manifest = manifest
    self.lock = lock
    checkpoints = CheckpointStore(path: path + "/checkpoints")
  }

  /// Throws a sentence if the folder asked for a new run holds one already; returns its absolute path.
  @discardableResult
  public static func check(directory: String) throws(RunFolderError) -> String {
    guard !directory.isEmpty else {
      throw RunFolderError(kind: .cannotWrite, description: "The run's folder has an empty name; name a folder.")
    }
    let path = absolutePath(directory)
    for file in [RunManifest.fileName, "metrics.jsonl", "checkpoints"] where FileSystem.exists(path + "/" + file) {
      throw RunFolderError(
        kind: .cannotWrite,
        description: "\(path): already holds a run; go on with it by --resume \(directory), or name another folder")
    }
    return path
  }

  /// Makes an empty folder for a new run that has no place of its own: `runs/<yyyyMMdd-HHmmss>-<name>` below the current
  /// folder, with a number where that is taken. Runs that start in the same second get a folder each.
  public static func claim(
    name: String, now: Double, in folder: String = "runs"
  ) throws(RunFolderError) -> String {
    let stamp = TimeText.local(now, format: "%Y%m%d-%H%M%S")
    let base = absolutePath("\(folder)/\(stamp)-\(fileName(name))")
    try FileSystem.createFolders(FileSystem.folder(of: base))
    var path = base
    var number = 2
    while mkdir(path, 0o755) != 0 {
      guard errno == EEXIST else { throw .writing(path) }
      path = "\(base)-\(number)"
      number += 1
    }
    return path
  }

  /// Gives a claimed folder back where the run cannot begin after all.
  public static func abandon(claimed path: String) { rmdir(path) }

  /// Makes the folder of a new run, takes its lock and writes `run.json`.
  public static func create(at path: String, manifest: RunManifest) throws(RunFolderError) -> RunFolder {
    try FileSystem.createFolders(path)
    let lock = try RunLock(folder: path)
    // Looked at again under the lock: another process may have been quicker.
    try check(directory: path)
    let folder = RunFolder(path: path, manifest: manifest, lock: lock)
    try folder.write(manifest)
    try FileSystem.createFolders(folder.checkpoints.path)
    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
    return folder
  }

  /// Opens the folder of an old run to go on with it: takes its lock and removes what crashed writes left behind. How the
  /// run ended stays on record until `begin`.
  public static func open(_ directory: String) throws(RunFolderError) -> RunFolder {
    let path = absolutePath(directory)
    guard FileSystem.isFolder(path) else {
      throw RunFolderError(kind: .missing, description: "\(path): there is no such run folder")
    }
    _ = try RunManifest.read(folder: path)
    let lock = try RunLock(folder: path)
    let folder = RunFolder(path: path, manifest: try RunManifest.read(folder: path), lock: lock)
    FileSystem.removeTemporaries(of: [RunManifest.fileName, RunEnd.fileName, "run.log"], in: path)
    folder.checkpoints.cleanUp()
    return folder
  }

  /// The run trains from here on: what an earlier process left as its end is no longer so.
  public func begin() { FileSystem.remove(path + "/" + RunEnd.fileName) }

  /// The checkpoints of a run, to be read while another process may own the folder.
  public static func checkpoints(ofRunIn directory: String) -> CheckpointStore {
    CheckpointStore(path: absolutePath(directory) + "/checkpoints")
  }

  /// Makes sure that the folder is this run's still, before something is written into it. One that was deleted under
  /// way is made anew, with its lock and `run.json`.
  ///
  /// Returns a sentence where something was made anew.
  /// Throws where that cannot be done, or where another run lies there now.
  public func reclaim() throws(RunFolderError) -> String? {
    let manifestPath = path + "/" + RunManifest.fileName
    if lock.isInPlace && FileSystem.exists(manifestPath) { return nil }
    if !lock.isInPlace {
      try FileSystem.createFolders(path)
      let taken = try RunLock(folder: path)
      if FileSystem.exists(manifestPath), (try? RunManifest.read(folder: path)) != manifest {
        throw RunFolderError(
          kind: .cannotWrite,
          description: "\(path): this run's folder was deleted under way, and another run lies there now")
      }
      lock = taken
    }
    if !FileSystem.exists(manifestPath) { try write(manifest) }
    try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
    return "\(path): was deleted or moved under way; it is made anew, without the checkpoints that were in it."
  }

  /// Writes how the run ended; where that fails, the run looks like one that has crashed.
  public func end(_ outcome: RunOutcome, step: Int, time: Double) throws(RunFolderError) {
    guard lock.isInPlace else { return }
    let end = RunEnd(outcome: outcome, step: step, time: time)
    try FileSystem.writeAtomically(RunJSON.encode(end, pretty: true), to: path + "/" + RunEnd.fileName)
  }

  /// Gives the folder up, so that another owner may have it at once. Nothing may be written after.
  public func close() { lock.release() }

  /// Replaces `run.json` as a whole.
  public func write(_ manifest: RunManifest) throws(RunFolderError) {
    try FileSystem.writeAtomically(RunJSON.encode(manifest, pretty: true), to: path + "/" + RunManifest.fileName)
    self.manifest = manifest
  }

  /// A name as part of a folder's name: letters, digits, `.`, `_` and `-` stay, runs of anything else become one `-`.
  static func fileName(_ name: String) -> String {
    let kept = name.map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : " " }
    let joined = String(kept).split(separator: " ").joined(separator: "-").drop { $0 == "." }
    return joined.isEmpty ? "run" : String(joined.prefix(64))
  }
}
