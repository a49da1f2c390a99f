import Glibc
import Paths

/// Files without a name in TMPDIR, or in /tmp: what can be read once is kept in them, to be read again.
enum TemporaryFile {
  /// A descriptor of a new one; the caller closes it.
  ///
  /// - Parameter path: whose content is to be kept, for messages.
  static func make(for path: String) throws(DataError) -> Int32 {
    let file = makeUnnamedFile()
    guard file >= 0 else { throw cannotKeep(path) }
    return file
  }

  static func append(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws(DataError) {
    var done = 0
    while done < bytes.count {
      let wrote = write(file, bytes.baseAddress.map { $0 + done }, bytes.count - done)
      if wrote >= 0 {
        done += wrote
      } else if errno != EINTR {
        throw cannotKeep(path)
      }
    }
  }

  private static func cannotKeep(_ path: String) -> DataError {
    DataError(
      kind: .unwritable,
      description: "\(path): its content cannot be kept in a temporary file: "
        + "\(SystemMessage.text()); name a plain file, or another folder by TMPDIR")
  }
}
