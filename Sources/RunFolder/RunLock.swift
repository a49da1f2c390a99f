internal import Glibc

/// The right to write a run folder: held by at most one owner, on this machine, and gone with its process however
/// that ends. A lock file left by a dead process therefore binds nobody.
public final class RunLock {
  private let file: OpenFile

  /// Takes the lock or throws a sentence that names the process holding it.
  init(folder: String) throws(RunFolderError) {
    let path = folder + "/lock"
    let file = try OpenFile.writing(path, flags: 0)
    guard flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 else {
      guard errno == EWOULDBLOCK else { throw .writing(path) }
      let owner = (try? readFile(path, limit: 64)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      let digits = owner.prefix { $0.isNumber }
      throw RunFolderError(
        kind: .cannotWrite,
        description: "\(folder): another process\(digits.isEmpty ? "" : " (\(digits))") is writing this run;"
          + " wait for its end or stop it")
    }
    guard file.isInPlace else {
      throw RunFolderError(
        kind: .cannotWrite, description: "\(folder): somebody is deleting this folder; try again once that is done")
    }
    try file.truncate(to: 0)
    try FileSystem.writeAll(Array("\(getpid())\n".utf8), to: file)
    self.file = file
  }

  /// Whether the lock still lies in its folder; where the folder was deleted, it keeps nobody out of a new one.
  var isInPlace: Bool { file.isInPlace }

  /// Gives the lock back before the value's end.
  func release() { flock(file.descriptor, LOCK_UN) }

  /// Whether some process is writing the run in this folder now.
  public static func isHeld(folder: String) -> Bool {
    let descriptor = open(folder + "/lock", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
