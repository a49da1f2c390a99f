internal import Glibc
import Paths

/// An open file descriptor, closed with its owner. Nothing in it changes; what is in the file is for one thread at a time.
package final class OpenFile: Sendable {
  /// Flag for `writing`: begin with an empty file.
  package static let replacing = O_TRUNC
  /// Flag for `writing`: every write goes to the end.
  package static let appending = O_APPEND

  package let descriptor: Int32
  package let path: String

  private init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  deinit { close(descriptor) }

  package static func reading(_ path: String) throws(RunFolderError) -> OpenFile {
    // Without waiting: a pipe that nobody writes to would never open.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .reading(path) }
    let file = OpenFile(descriptor: descriptor, path: path)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .reading(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .malformed(path, "is not a regular file") }
    return file
  }

  /// Opens for writing; `flags` are added to O_RDWR, O_CREAT and O_CLOEXEC.
  package static func writing(_ path: String, flags: Int32) throws(RunFolderError) -> OpenFile {
    let descriptor = open(path, O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC | flags, 0o644)
    guard descriptor >= 0 else { throw .writing(path) }
    return OpenFile(descriptor: descriptor, path: path)
  }

  /// The same open file under the path that it was renamed to.
  package func renamed(to path: String) throws(RunFolderError) -> OpenFile {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw .writing(path) }
    return OpenFile(descriptor: copy, path: path)
  }

  /// Whether the file still lies at its path: neither deleted, nor put away, nor replaced by another.
  package var isInPlace: Bool {
    var (held, lying) = (stat(), stat())
    return fstat(descriptor, &held) == 0 && stat(path, &lying) == 0
      && (held.st_dev, held.st_ino) == (lying.st_dev, lying.st_ino)
  }

  package func size() throws(RunFolderError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .reading(path) }
    return Int(status.st_size)
  }

  /// Writes all bytes or throws.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(RunFolderError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = writeSome(UnsafeRawBufferPointer(rebasing: rest))
      guard count > 0 else { throw .writing(path) }
      rest = rest.dropFirst(count)
    }
  }

  /// Writes what fits: the number of bytes written, or -1 with `errno` set.
  package func writeSome(_ bytes: UnsafeRawBufferPointer) -> Int {
    while true {
      let count = Glibc.write(descriptor, bytes.baseAddress, bytes.count)
      if count < 0 && errno == EINTR { continue }
      return count
    }
  }

  /// Fills `buffer` from `offset` on, or throws: a file that ends earlier is malformed.
  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(RunFolderError) {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .reading(path) }
      guard count > 0 else { throw .malformed(path, "ends after \(offset + done) bytes, \(rest.count) too early") }
      done += count
    }
  }

  /// `count` bytes from `offset` on; a file that ends earlier is malformed.
  package func bytes(at offset: Int, count: Int) throws(RunFolderError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var failure: RunFolderError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(RunFolderError) {
        try read(into: buffer, at: offset)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  package func synchronize() throws(RunFolderError) {
    guard fsync(descriptor) == 0 else { throw .writing(path) }
  }

  package func truncate(to size: Int) throws(RunFolderError) {
    guard ftruncate(descriptor, off_t(size)) == 0 else { throw .writing(path) }
  }
}

/// Brings what was written to a file by whomever to the disk.
public func synchronizeFile(_ path: String) throws(RunFolderError) {
  try OpenFile.reading(path).synchronize()
}

/// The whole content of a file; `limit` is the largest size accepted.
public func readFile(_ path: String, limit: Int) throws(RunFolderError) -> [UInt8] {
  let file = try OpenFile.reading(path)
  let size = try file.size()
  guard size <= limit else { throw .malformed(path, "has \(size) bytes; at most \(limit) are expected") }
  return try file.bytes(at: 0, count: size)
}
