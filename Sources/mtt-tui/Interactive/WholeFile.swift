import Glibc
import Paths

/// Why a small file could not be written, as a sentence.
struct WholeFileError: Error, CustomStringConvertible {
  var description: String
  /// Whether what the file belongs to is not there any more.
  var isOwnerGone = false
}

/// Small files of the screen's own, written whole or not at all.
enum WholeFile {
  /// Makes a folder and those above it, where they are missing.
  static func makeFolder(_ path: String) throws(WholeFileError) {
    var built = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      built += "/" + part
      if mkdir(built, 0o777) != 0, errno != EEXIST {
        throw WholeFileError(description: "\(built) cannot be made: \(SystemMessage.text()).")
      }
    }
  }

  /// Makes a folder in another one, unless it is there; never that one, which a user may have deleted.
  static func makeFolder(_ name: String, in parent: String) throws(WholeFileError) {
    let path = parent + "/" + name
    guard mkdir(path, 0o777) != 0, errno != EEXIST else { return }
    let isGone = errno == ENOENT
    let reason = isGone ? "\(parent) is gone: it was moved or deleted" : SystemMessage.text()
    throw WholeFileError(description: "\(path) cannot be made: \(reason).", isOwnerGone: isGone)
  }

  /// Writes beside the file and puts it in its place at once.
  static func write(_ text: String, to path: String) throws(WholeFileError) {
    let temporary = "\(path).\(getpid()).new"
    let failure = { (what: String) in
      WholeFileError(description: "\(path) cannot be \(what): \(SystemMessage.text()).")
    }
    guard let file = fopen(temporary, "wb") else { throw failure("written") }
    let bytes = Array(text.utf8)
    let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count && fflush(file) == 0 && fsync(fileno(file)) == 0
    let error = isWritten ? nil : failure("written")
    guard fclose(file) == 0, error == nil, rename(temporary, path) == 0 else {
      let problem = error ?? failure("put in its place")
      unlink(temporary)
      throw problem
    }
  }

  /// The text of a file of at most a megabyte; nil where there is none.
  static func read(_ path: String) throws(WholeFileError) -> String? {
    guard let file = fopen(path, "rb") else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw WholeFileError(description: "\(path) cannot be read: \(SystemMessage.text()).")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else {
      throw WholeFileError(description: "\(path) cannot be read: \(SystemMessage.text()).")
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
