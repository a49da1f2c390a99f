import Glibc

/// A folder for one test, removed with its owner.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() {
    var template = Array("/tmp/mtt-test-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { preconditionFailure("no temporary folder to be had") }
    path = String(cString: made)
  }

  deinit { Self.remove(path) }

  public func write(_ bytes: [UInt8], to name: String) {
    guard let file = fopen(path + "/" + name, "w") else { preconditionFailure("cannot write \(name)") }
    bytes.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
  }

  public func read(_ name: String) -> [UInt8]? {
    guard let file = fopen(path + "/" + name, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  public func text(_ name: String) -> String? { read(name).map { String(decoding: $0, as: UTF8.self) } }

  public func rename(_ old: String, to new: String) { _ = Glibc.rename(path + "/" + old, path + "/" + new) }

  public func remove(_ name: String) { unlink(path + "/" + name) }

  /// Says that a file was written to at a time, in seconds since 1970.
  public func touch(_ name: String, _ seconds: Int) {
    let times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 0)]
    utimensat(AT_FDCWD, path + "/" + name, times, 0)
  }

  public func makeFolder(_ name: String) { mkdir(path + "/" + name, 0o755) }

  public func exists(_ name: String) -> Bool { access(path + "/" + name, F_OK) == 0 }

  public static func remove(_ path: String) {
    if let stream = opendir(path) {
      while let entry = readdir(stream) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != "." && name != ".." {
          let full = path + "/" + name
          var status = stat()
          if lstat(full, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR { remove(full) } else { unlink(full) }
        }
      }
      closedir(stream)
    }
    rmdir(path)
  }
}
