internal import Glibc
import Paths

/// A Unix socket's descriptors. Each is closed on exec.
public enum Socket {
  /// The socket's name in a run's folder.
  public static let fileName = "socket"

  private static let streamType = Int32(SOCK_STREAM.rawValue)

  /// Two ends that are connected with each other.
  public static func pair() throws(SessionError) -> (Int32, Int32) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, streamType | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SessionError("No socket can be opened: \(SystemMessage.text()).")
    }
    return (ends[0], ends[1])
  }

  /// Listens at `folder/socket`, for this user alone, in place of what an earlier process left there.
  public static func listen(in folder: String) throws(SessionError) -> Int32 {
    let descriptor = try make()
    do throws(SessionError) {
      // Linux gives the file the mode that the socket has, so that it is never open to others.
      guard fchmod(descriptor, 0o600) == 0 else { throw failure("cannot be made", folder) }
      try withAddress(in: folder) { (address, length) throws(SessionError) in
        unlink(folder + "/" + fileName)
        guard bind(descriptor, address, length) == 0, chmod(folder + "/" + fileName, 0o600) == 0,
          Glibc.listen(descriptor, 16) == 0
        else { throw failure("cannot be made", folder) }
      }
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// The next of those that wait to connect; nil where none does any more.
  ///
  /// Throws where the process or the system has no descriptor left.
  public static func accept(_ listener: Int32) throws(SessionError) -> Int32? {
    let descriptor = Glibc.accept(listener, nil, nil)
    guard descriptor < 0 else {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      return descriptor
    }
    switch errno {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: throw SessionError("Nobody can connect: \(SystemMessage.text()).")
    default: return nil
    }
  }

  /// Tells one file from another of the same name.
  struct FileID: Hashable, Sendable {
    var device: UInt
    var number: UInt
  }

  /// Which file lies at `folder/socket`; nil without one.
  static func file(in folder: String) -> FileID? {
    var status = stat()
    guard lstat(folder + "/" + fileName, &status) == 0 else { return nil }
    return FileID(device: UInt(status.st_dev), number: UInt(status.st_ino))
  }

  /// Connects with the process that listens at `folder/socket`.
  public static func connect(in folder: String) throws(SessionError) -> Int32 {
    let descriptor = try make()
    do throws(SessionError) {
      try withAddress(in: folder) { (address, length) throws(SessionError) in
        guard Glibc.connect(descriptor, address, length) == 0 else { throw failure("cannot be reached", folder) }
      }
      return descriptor
    } catch {
      close(descriptor)
      throw error
    }
  }

  /// Sends without waiting: the number of bytes taken, 0 if there is no room now, -1 once nobody is there.
  static func send(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Int {
    bytes.withUnsafeBytes { buffer in
      while true {
        let count = Glibc.send(
          descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        if count >= 0 { return count }
        if errno == EINTR { continue }
        return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -1
      }
    }
  }

  /// Reads what has come into `buffer`: its number of bytes, 0 at the end; waits unless `flags` say otherwise.
  ///
  /// Returns nil if there is nothing now.
  static func receive(from descriptor: Int32, into buffer: inout [UInt8], waits: Bool) -> Int? {
    buffer.withUnsafeMutableBytes { bytes in
      while true {
        let count = recv(descriptor, bytes.baseAddress, bytes.count, waits ? 0 : Int32(MSG_DONTWAIT))
        if count >= 0 { return count }
        if errno == EINTR { continue }
        return errno == EAGAIN || errno == EWOULDBLOCK ? nil : 0
      }
    }
  }

  private static func make() throws(SessionError) -> Int32 {
    let descriptor = socket(AF_UNIX, streamType | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SessionError("No socket can be opened: \(SystemMessage.text()).") }
    return descriptor
  }

  private static func failure(_ what: String, _ folder: String) -> SessionError {
    SessionError("\(folder)/\(fileName): \(what): \(SystemMessage.text())")
  }

  /// Calls `body` with the address of `folder/socket`.
  ///
  /// An address takes about 107 bytes; a longer path is gone through an open descriptor of the folder.
  private static func withAddress(
    in folder: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SessionError) -> Void
  ) throws(SessionError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path) - 1
    var path = PathText.bytes(folder + "/" + fileName)
    var opened: Int32 = -1
    if path.count > room {
      opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
      guard opened >= 0 else { throw failure("cannot be reached", folder) }
      path = Array("/proc/self/fd/\(opened)/\(fileName)".utf8)
    }
    defer { if opened >= 0 { close(opened) } }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
    var failed: SessionError?
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { rebound in
        do throws(SessionError) {
          try body(rebound, socklen_t(MemoryLayout<sockaddr_un>.size))
        } catch {
          failed = error
        }
      }
    }
    if let failed { throw failed }
  }
}
