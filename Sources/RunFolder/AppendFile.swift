internal import Glibc
import Paths

/// A file that only grows, line by line or frame by frame, through a buffer. When the disk takes nothing, what was added
/// waits in memory and the next flush tries again where the last one stopped. For one thread at a time.
package final class AppendFile {
  /// Bytes that may wait for a disk that takes nothing; beyond, what is new is dropped and counted.
  package var largestBacklog = 64 << 20

  private var file: OpenFile
  private var pending: [UInt8] = []
  /// Bytes that the system has.
  package private(set) var written: Int
  /// Lines or frames dropped because the backlog was full.
  package private(set) var dropped = 0

  package var path: String { file.path }

  /// Bytes of everything so far, what waits included.
  package var length: Int { written + pending.count }

  /// Opens a file of which the first `length` bytes stay.
  package init(path: String, keeping length: Int) throws(RunFolderError) {
    file = try OpenFile.writing(path, flags: OpenFile.appending)
    if try file.size() != length { try file.truncate(to: length) }
    written = length
  }

  /// Opens or makes a text file. A last line without its end, torn by a crash, is cut off.
  ///
  /// `limit`: bytes to keep from the start, cut back to a line's end; nil keeps all.
  package init(path: String, limit: Int? = nil) throws(RunFolderError) {
    file = try OpenFile.writing(path, flags: OpenFile.appending)
    let size = try file.size()
    let end = try Self.lineEnd(in: file, before: min(size, max(0, limit ?? size)))
    if end < size { try file.truncate(to: end) }
    written = end
  }

  /// Adds a line; its end is added here.
  package func append(line: some Collection<UInt8>) {
    if append(line) { pending.append(UInt8(ascii: "\n")) }
  }

  /// Adds bytes as they are; returns false where they had to be dropped.
  @discardableResult
  package func append(_ bytes: some Collection<UInt8>) -> Bool {
    guard pending.count < largestBacklog else {
      dropped += 1
      return false
    }
    pending.append(contentsOf: bytes)
    return true
  }

  /// Hands everything to the system.
  package func flush() throws(RunFolderError) {
    var failure: RunFolderError?
    var done = 0
    pending.withUnsafeBytes { bytes in
      while done < bytes.count {
        let count = file.writeSome(UnsafeRawBufferPointer(rebasing: bytes[done...]))
        guard count > 0 else {
          failure = .writing(file.path)
          return
        }
        done += count
      }
    }
    written += done
    pending.removeFirst(done)
    if let failure { throw failure }
  }

  /// Whether the file still lies at its path.
  package var isInPlace: Bool { file.isInPlace }

  /// Makes a file anew that was deleted: the descriptor still has what was in it. One that lies there by now stays.
  package func restore() throws(RunFolderError) {
    let fresh = try OpenFile.writing(path, flags: O_EXCL | O_APPEND)
    do throws(RunFolderError) {
      try FileSystem.copy(0..<written, of: file, to: fresh)
    } catch {
      unlink(path)
      throw error
    }
    file = fresh
  }

  /// Goes on in a file that has the place of this one, after `length` bytes of it. Nothing may wait.
  package func move(to file: OpenFile, length: Int) {
    precondition(pending.isEmpty, "bytes wait for the file that is left")
    self.file = file
    written = length
  }

  /// Hands everything to the disk.
  package func synchronize() throws(RunFolderError) {
    try flush()
    try file.synchronize()
  }

  /// The largest offset at most `limit` that a line's end precedes; 0 if there is none.
  private static func lineEnd(in file: OpenFile, before limit: Int) throws(RunFolderError) -> Int {
    var end = limit
    while end > 0 {
      let start = max(0, end - 65_536)
      let chunk = try bytes(of: file, start..<end)
      if let newline = chunk.lastIndex(of: UInt8(ascii: "\n")) { return start + newline + 1 }
      end = start
    }
    return 0
  }

  private static func bytes(of file: OpenFile, _ range: Range<Int>) throws(RunFolderError) -> [UInt8] {
    var failure: RunFolderError?
    var chunk = [UInt8](repeating: 0, count: range.count)
    chunk.withUnsafeMutableBytes { buffer in
      do throws(RunFolderError) {
        try file.read(into: buffer, at: range.lowerBound)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return chunk
  }
}
