internal import Glibc

/// Small files of the system, whose size is not known before they are read.
public enum FileText {
  /// The whole of a file; nil where it cannot be read.
  public static func read(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { chunk in
      while true {
        let count = Glibc.read(descriptor, chunk.baseAddress, chunk.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += UnsafeRawBufferPointer(rebasing: chunk[..<count])
      }
    }
  }

  /// What is between the white space of a file; nothing where it cannot be read.
  static func words(_ path: String) -> [Substring] {
    (read(path) ?? "").split(whereSeparator: \.isWhitespace)
  }
}
