internal import Glibc

/// A text file that only grows, line by line, through a buffer. When the disk takes nothing, lines wait in memory and
/// the next flush tries again where the last one stopped. For one thread at a time.
final class AppendFile {
  /// Bytes that may wait for a disk that takes nothing; beyond, new lines are dropped and counted.
  static let largestBacklog = 64 << 20

  private var file: OpenFile
  private var pending: [UInt8] = []
  private var written: Int
  /// Lines dropped because the backlog was full.
  private(set) var droppedLines = 0

  var path: String { file.path }

  /// Bytes of all lines so far, those that wait included.
  var length: Int { written + pending.count }

  /// Opens or makes a file. A last line without its end, torn by a crash, is cut off.
  ///
  /// `limit`: bytes to keep from the start, cut back to a line's end; nil keeps all.
  init(path: String, limit: Int? = nil) throws(RunFolderError) {
    file = try OpenFile.writing(path, flags: OpenFile.appending)
    let size = try file.size()
    let end = try Self.lineEnd(in: file, before: min(size, max(0, limit ?? size)))
    if end < size { try file.truncate(to: end) }
    written = end
  }

  /// Adds a line; its end is added here.
  func append(_ line: some Collection<UInt8>) {
    guard pending.count < Self.largestBacklog else {
      droppedLines += 1
      return
    }
    pending.append(contentsOf: line)
    pending.append(UInt8(ascii: "\n"))
  }

  /// Hands everything to the system.
  func flush() throws(RunFolderError) {
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
  var isInPlace: Bool { file.isInPlace }

  /// Makes a file anew that was deleted: the descriptor still has what was in it. One that lies there by now stays.
  func restore() throws(RunFolderError) {
    let fresh = try OpenFile.writing(path, flags: O_EXCL | O_APPEND)
    do throws(RunFolderError) {
      var start = 0
      while start < written {
        let end = min(written, start + 65_536)
        try FileSystem.writeAll(try Self.bytes(of: file, start..<end), to: fresh)
        start = end
      }
    } catch {
      unlink(path)
      throw error
    }
    file = fresh
  }

  /// Hands everything to the disk.
  func synchronize() throws(RunFolderError) {
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
