import Glibc
import Paths

/// A file of the folder form before it is written: its lines, in memory up to a size, then in a file without a name.
final class FolderColumn {
  /// Most bytes held in memory.
  private static let buffered = 1 << 20

  private var buffer: [UInt8] = []
  /// Where what came before the buffer is; -1 where nothing did.
  private var file: Int32 = -1

  deinit { if file >= 0 { close(file) } }

  /// Appends a line of words or tags: `_` for an empty one, and for all of them where there are none.
  func append(_ strings: ByteStrings, count: Int) throws(DataError) {
    for index in 0..<count {
      if index > 0 { buffer.append(0x20) }
      let range = strings.isEmpty ? 0..<0 : strings.range(of: index)
      if range.isEmpty { buffer.append(UInt8(ascii: "_")) } else { buffer += strings.bytes[range] }
    }
    try endLine()
  }

  func append(_ line: [UInt8]) throws(DataError) {
    buffer += line
    try endLine()
  }

  private func endLine() throws(DataError) {
    buffer.append(0x0A)
    guard buffer.count >= Self.buffered else { return }
    if file < 0 { file = try TemporaryFile.make(for: "The import") }
    try buffer.withUnsafeBufferPointer { (bytes) throws(DataError) in
      try TemporaryFile.append(UnsafeRawBufferPointer(bytes), to: file, "The import")
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes the file beside its place and moves it there, so that it appears whole or not at all.
  func store(at path: String) throws(DataError) {
    let draft = path + ".partial"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw cannotWrite(path) }
    let isWritten = copyFile(to: descriptor) && send(buffer, to: descriptor) && fsync(descriptor) == 0
    guard isWritten else {
      let error = cannotWrite(path)
      close(descriptor)
      unlink(draft)
      throw error
    }
    close(descriptor)
    guard rename(draft, path) == 0 else { throw cannotWrite(path) }
  }

  /// Writes what is in the file without a name.
  private func copyFile(to descriptor: Int32) -> Bool {
    guard file >= 0 else { return true }
    var chunk = [UInt8](repeating: 0, count: Self.buffered)
    var offset: off_t = 0
    while true {
      let got = pread(file, &chunk, chunk.count, offset)
      if got == 0 { return true }
      if got < 0 {
        if errno == EINTR { continue }
        return false
      }
      guard send(Array(chunk.prefix(got)), to: descriptor) else { return false }
      offset += off_t(got)
    }
  }

  private func send(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    bytes.withUnsafeBytes { rest in
      var done = 0
      while done < rest.count {
        let wrote = write(descriptor, rest.baseAddress.map { $0 + done }, rest.count - done)
        if wrote >= 0 { done += wrote } else if errno != EINTR { return false }
      }
      return true
    }
  }
}

func cannotWrite(_ path: String) -> DataError {
  DataError(kind: .unwritable, description: SystemMessage.writing(path))
}
