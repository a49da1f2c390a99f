internal import Glibc
import Paths

/// The right to write a run folder: held by at most one owner, on this machine, and gone with its process however
/// that ends. A lock file left by a dead process therefore binds nobody.
public final class RunLock {
  /// Looks at a lock that somebody holds before it is believed: who only asks whether it is held holds it for an instant.
  private static let looks = 10

  private let file: OpenFile

  /// Takes the lock or throws a sentence that names the process holding it.
  ///
  /// - Parameter pause: passes the time between two looks.
  init(folder: String, pause: () -> Void = { usleep(20_000) }) throws(RunFolderError) {
    let path = folder + "/lock"
    let file = try OpenFile.writing(path, flags: 0)
    guard try Self.lock(file, pause) else {
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

  /// False where another process holds it, at every one of some looks.
  private static func lock(_ file: OpenFile, _ pause: () -> Void) throws(RunFolderError) -> Bool {
    for look in 1...looks {
      if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK else { throw .writing(file.path) }
      if look < looks { pause() }
    }
    return false
  }

  /// Whether the lock still lies in its folder; where the folder was deleted, it keeps nobody out of a new one.
  var isInPlace: Bool { file.isInPlace }

  /// Gives the lock back before the value's end.
  func release() { flock(file.descriptor, LOCK_UN) }

  /// What the process that writes the run in this folder now says of itself; nil where none writes.
  public static func owner(folder: String) -> String? {
    guard isHeld(folder: folder) else { return nil }
    return (try? readFile(folder + "/lock", limit: 64)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Whether some process is writing the run in this folder now.
  public static func isHeld(folder: String) -> Bool {
    let descriptor = open(folder + "/lock", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
