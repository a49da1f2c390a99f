internal import Glibc
import Paths

/// Folders, links and whole files, each operation durable when it returns.
package enum FileSystem {
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  package static func isFolder(_ path: String) -> Bool { pathKind(path) == .folder }

  /// Whether the path itself is a link, wherever it points.
  package static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  /// Makes a folder and every missing one above it.
  package static func createFolders(_ path: String) throws(RunFolderError) {
    if isFolder(path) { return }
    let parent = folder(of: path)
    if parent != path { try createFolders(parent) }
    guard mkdir(path, 0o755) == 0 || (errno == EEXIST && isFolder(path)) else { throw .writing(path) }
  }

  /// Makes a folder, but none above it.
  package static func createFolder(_ path: String) throws(RunFolderError) {
    guard mkdir(path, 0o755) == 0 || isFolder(path) else { throw .writing(path) }
  }

  /// Makes the changed entries of a folder durable.
  package static func synchronizeFolder(_ path: String) throws(RunFolderError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .writing(path) }
    defer { close(descriptor) }
    // Some file systems do not take fsync on folders, and say so by EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw .writing(path) }
  }

  /// Where a file or link is written before it takes its place.
  package static func temporary(of path: String) -> String { "\(path).tmp-\(getpid())" }

  /// Removes what crashed processes left of files that they were about to replace; nobody else's files.
  static func removeTemporaries(of files: [String], in folder: String) {
    for name in names(in: folder) {
      for file in files where name.hasPrefix(file + ".tmp-") {
        let owner = name.dropFirst(file.count + 5)
        if !owner.isEmpty, owner.utf8.allSatisfy({ 48...57 ~= $0 }) { remove(folder + "/" + name) }
      }
    }
  }

  /// A file's bytes; nil where there is none.
  static func size(_ path: String) -> Int? {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : nil
  }

  /// Replaces a file as a whole: a reader sees the old content or the new, never a part.
  ///
  /// - Parameter isDurable: whether to wait until the disk has it; what is lost with the power may else be cut.
  package static func writeAtomically(
    _ bytes: [UInt8], to path: String, isDurable: Bool = true
  ) throws(RunFolderError) {
    let temporary = temporary(of: path)
    do throws(RunFolderError) {
      let file = try OpenFile.writing(temporary, flags: O_TRUNC)
      try writeAll(bytes, to: file)
      if isDurable { try file.synchronize() }
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    if isDurable { try synchronizeFolder(folder(of: path)) }
  }

  package static func writeAll(_ bytes: [UInt8], to file: OpenFile) throws(RunFolderError) {
    var failure: RunFolderError?
    bytes.withUnsafeBytes { buffer in
      do throws(RunFolderError) {
        try file.write(buffer)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Appends bytes of one file to another.
  package static func copy(_ range: Range<Int>, of old: OpenFile, to new: OpenFile) throws(RunFolderError) {
    var buffer = [UInt8](repeating: 0, count: min(max(1, range.count), 1 << 20))
    var start = range.lowerBound
    while start < range.upperBound {
      let count = min(buffer.count, range.upperBound - start)
      var failure: RunFolderError?
      buffer.withUnsafeMutableBytes { bytes in
        let part = UnsafeMutableRawBufferPointer(rebasing: bytes[..<count])
        do throws(RunFolderError) {
          try old.read(into: part, at: start)
          try new.write(UnsafeRawBufferPointer(part))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      start += count
    }
  }

  package static func rename(_ old: String, to new: String) throws(RunFolderError) {
    guard Paths.rename(old, new) == 0 else { throw .writing(new) }
  }

  /// Lets `path` be a symbolic link to `target`, replacing an older link as a whole.
  package static func link(_ path: String, to target: String) throws(RunFolderError) {
    let temporary = temporary(of: path)
    unlink(temporary)
    guard symlink(target, temporary) == 0 else { throw .writing(path) }
    do throws(RunFolderError) {
      try rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronizeFolder(folder(of: path))
  }

  /// Names in a folder, sorted, without `.` and `..`; none where it cannot be read.
  package static func names(in path: String) -> [String] { FolderEntry.all(in: path).map(\.name) }

  /// Removes a file, a link, or a folder with all in it (links are removed, never followed). What is gone already
  /// is no error, what cannot be removed stays.
  package static func remove(_ path: String) {
    if isFolder(path) && !isLink(path) {
      for name in names(in: path) { remove(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// The folder a path lies in.
  package static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
