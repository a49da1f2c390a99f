internal import Glibc
import Paths
internal import Storage

/// The checkpoints of one run: `checkpoints/step-0000400/` and so on, with the links `last` and `best`.
///
/// A checkpoint is written into a hidden folder, made durable, then renamed: it appears whole or not at all. For the
/// owner of the run's lock, which changes it on one thread at a time.
public struct CheckpointStore: Sendable {
  public enum Link: String, Sendable, CaseIterable { case last, best }

  /// Absolute.
  public let path: String

  private static let temporaryPrefix = ".tmp-"
  private static let replacedPrefix = ".old-"
  private static let damagedPrefix = "damaged-"

  init(path: String) { self.path = path }

  /// Steps of the checkpoint folders, ascending, whole or not.
  public var steps: [Int] { FileSystem.names(in: path).compactMap { Checkpoint.step(name: $0) }.sorted() }

  /// Whether a step has no checkpoint here; false where that cannot be seen now.
  public func lacks(step: Int) -> Bool {
    FileSystem.isFolder(path) && !FileSystem.exists(path + "/" + Checkpoint.name(step: step))
  }

  /// Removes what crashed writes left behind, and brings back a checkpoint whose replacement never came.
  func cleanUp() {
    for name in FileSystem.names(in: path) {
      let full = path + "/" + name
      if name.hasPrefix(Self.replacedPrefix) {
        let original = path + "/" + name.dropFirst(Self.replacedPrefix.count)
        if FileSystem.exists(original) || Paths.rename(full, original) != 0 { FileSystem.remove(full) }
      } else if name.hasPrefix(Self.temporaryPrefix), Checkpoint.step(name: name.dropFirst(5)) != nil {
        FileSystem.remove(full)
      }
    }
    FileSystem.removeTemporaries(of: Link.allCases.map(\.rawValue), in: path)
  }

  /// Writes a checkpoint, durable when this returns, and lets `last` point at it. One of the same step is replaced.
  ///
  /// Returns the folder's absolute path and its bytes.
  public func write(step: Int, files: [CheckpointFile]) throws(RunFolderError) -> (path: String, bytes: Int) {
    let name = Checkpoint.name(step: step)
    let final = path + "/" + name
    let temporary = path + "/" + Self.temporaryPrefix + name
    // Never more than this one: where the run's own folder is gone, its owner makes it anew, with what belongs in it.
    try FileSystem.createFolder(path)
    FileSystem.remove(temporary)
    guard mkdir(temporary, 0o755) == 0 else { throw .writing(temporary) }
    let bytes: Int
    do throws(RunFolderError) {
      bytes = try fill(temporary, step: step, files: files)
      try moveIntoPlace(temporary, final: final, name: name)
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
    try point(.last, at: step)
    return (final, bytes)
  }

  private func fill(_ folder: String, step: Int, files: [CheckpointFile]) throws(RunFolderError) -> Int {
    var manifest = CheckpointManifest(step: step, files: [])
    for file in files { manifest.files.append(try Self.write(file, into: folder)) }
    let content = RunJSON.encode(manifest, pretty: true)
    _ = try Self.write(CheckpointFile(name: CheckpointManifest.fileName, content: .bytes(content)), into: folder)
    try FileSystem.synchronizeFolder(folder)
    return manifest.files.reduce(content.count) { $0 + $1.bytes }
  }

  private static func write(
    _ file: CheckpointFile, into folder: String
  ) throws(RunFolderError) -> CheckpointManifest.File {
    let output = try OpenFile.writing(folder + "/" + file.name, flags: OpenFile.replacing)
    var checksum = Checksum()
    var count = 0
    switch file.content {
    case .bytes(let bytes):
      try FileSystem.writeAll(bytes, to: output)
      bytes.withUnsafeBytes { checksum.add($0) }
      count = bytes.count
    case .tensors(let tensors, let metadata):
      try SafetensorsWriter.write(tensors, metadata: metadata) { (bytes) throws(RunFolderError) in
        try output.write(bytes)
        checksum.add(bytes)
        count += bytes.count
      }
    }
    try output.synchronize()
    return CheckpointManifest.File(name: file.name, bytes: count, crc32c: checksum.hexadecimal)
  }

  private func moveIntoPlace(_ temporary: String, final: String, name: String) throws(RunFolderError) {
    let replaced = path + "/" + Self.replacedPrefix + name
    let replaces = FileSystem.exists(final)
    if replaces {
      FileSystem.remove(replaced)
      try FileSystem.rename(final, to: replaced)
    }
    do throws(RunFolderError) {
      try FileSystem.rename(temporary, to: final)
    } catch {
      if replaces { try FileSystem.rename(replaced, to: final) }
      throw error
    }
    try FileSystem.synchronizeFolder(path)
    if replaces { FileSystem.remove(replaced) }
  }

  /// Lets a link point at a checkpoint of this store.
  public func point(_ link: Link, at step: Int) throws(RunFolderError) {
    let target = Checkpoint.name(step: step)
    if linkTarget(path + "/" + link.rawValue) == target { return }
    try FileSystem.link(path + "/" + link.rawValue, to: target)
  }

  /// The step a link points at; nil without the link, or where it leads elsewhere than to a checkpoint beside it.
  public func step(of link: Link) -> Int? {
    linkTarget(path + "/" + link.rawValue).flatMap { Checkpoint.step(name: $0) }
  }

  /// Absolute path of the folder a link points at; nil as for `step(of:)`, or where it is gone.
  public func path(of link: Link) -> String? {
    guard let step = step(of: link) else { return nil }
    let target = path + "/" + Checkpoint.name(step: step)
    return FileSystem.isFolder(target) ? target : nil
  }

  /// Opens a checkpoint and verifies its files, or only those that will be read.
  public func open(step: Int, verifying verified: [String]? = nil) throws(RunFolderError) -> Checkpoint {
    let checkpoint = try Checkpoint(path: path + "/" + Checkpoint.name(step: step), verifying: verified)
    guard checkpoint.step == step else {
      throw .malformed(checkpoint.path, "says it is of step \(checkpoint.step)")
    }
    return checkpoint
  }

  /// The newest checkpoint that is whole. Newer ones that are not are set aside under another name, so that they are
  /// neither counted nor written over.
  ///
  /// - Returns: nil where there is no checkpoint at all, and a sentence for each one set aside.
  /// - Throws: where there are checkpoints and none of them is whole; nothing is changed then.
  public func openNewest() throws(RunFolderError) -> (checkpoint: Checkpoint?, remarks: [String]) {
    var damaged: [(step: Int, error: RunFolderError)] = []
    for step in steps.reversed() {
      do throws(RunFolderError) {
        let checkpoint = try open(step: step)
        return (checkpoint, damaged.map { setAside($0.step, $0.error) })
      } catch {
        damaged.append((step, error))
      }
    }
    guard let newest = damaged.first else { return (nil, []) }
    throw RunFolderError(
      kind: newest.error.kind,
      description: "\(newest.error); no checkpoint in \(path) is whole: take that folder away to begin the run again")
  }

  private func setAside(_ step: Int, _ error: RunFolderError) -> String {
    let name = Checkpoint.name(step: step)
    let aside = path + "/" + Self.damagedPrefix + name
    FileSystem.remove(aside)
    let moved = Paths.rename(path + "/" + name, aside) == 0
    return "\(error)\(moved ? "; set aside as \(Self.damagedPrefix)\(name)" : "")"
  }

  /// Removes all but the newest `count` checkpoints and those that `last` and `best` point at; one is always kept.
  public func keepNewest(_ count: Int) {
    let all = steps
    let kept = Set(all.suffix(max(1, count))).union(Link.allCases.compactMap { step(of: $0) })
    for step in all where !kept.contains(step) {
      let name = Checkpoint.name(step: step)
      // Renamed first, so that a half-removed checkpoint never looks like one.
      let doomed = path + "/" + Self.temporaryPrefix + name
      if Paths.rename(path + "/" + name, doomed) == 0 { FileSystem.remove(doomed) }
    }
  }
}
