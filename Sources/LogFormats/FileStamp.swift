internal import Glibc
internal import Paths

/// What distinguishes a file that is unchanged from any other.
struct FileStamp: Hashable, Sendable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  /// When it was written to last, and when anything of it changed, in nanoseconds since 1970.
  var modified: Int64
  var changed: Int64

  /// The file's stamp now; nil where there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Self.nanoseconds(status.st_mtim)
    changed = Self.nanoseconds(status.st_ctim)
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue &+ Int64(time.tv_nsec)
  }

  /// Seconds since anything of the file changed; `now` in seconds since 1970.
  func age(now: Double) -> Double { now - Double(max(modified, changed)) / 1e9 }
}
