import Glibc
import Paths
import Synchronization

/// What came through pipes, each kept in a file without a name for as long as the process lives: a pipe can be read
/// once, readers want to go over their data several times.
enum PipeContents {
  /// How long a named pipe may be without anybody who writes to it, in milliseconds.
  static let patience = Atomic<Int>(5_000)

  private struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  /// Descriptors of the kept contents.
  private static let kept = Mutex<[Identity: Int32]>([:])

  /// A descriptor of a pipe's content, all of which has been read; the caller closes it and reads by offsets.
  static func descriptor(of path: String, _ status: stat) throws(DataError) -> (descriptor: Int32, size: Int) {
    let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    let known: Int32
    if let descriptor = kept.withLock({ $0[identity] }) {
      known = descriptor
    } else {
      known = try receive(path)
      kept.withLock { $0[identity] = known }
    }
    let descriptor = fcntl(known, F_DUPFD_CLOEXEC, 0)
    var status = stat()
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw cannotRead(path, errno) }
    return (descriptor, Int(status.st_size))
  }

  private static func receive(_ path: String) throws(DataError) -> Int32 {
    // Without O_NONBLOCK a pipe that nobody writes to would hold up `open` for ever.
    let pipe = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard pipe >= 0 else { throw cannotRead(path, errno) }
    defer { close(pipe) }
    let file = try TemporaryFile.make(for: path)
    do throws(DataError) {
      try copy(pipe, to: file, path)
      return file
    } catch {
      close(file)
      throw error
    }
  }

  private static func copy(_ pipe: Int32, to file: Int32, _ path: String) throws(DataError) {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    var waited = 0
    var hasBegun = false
    while true {
      let got = read(pipe, &chunk, chunk.count)
      if got > 0 {
        hasBegun = true
        try chunk.withUnsafeBufferPointer { (bytes) throws(DataError) in
          try TemporaryFile.append(
            UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[..<got]), to: file, path)
        }
      } else if got == 0 {
        // Nobody writes: the end, or nobody has come yet.
        if hasBegun { return }
        guard waited < patience.load(ordering: .relaxed) else {
          throw .missing(path, "is a pipe that nobody writes to: begin writing to it first, or name a file")
        }
        _ = poll(nil, 0, 20)
        waited += 20
      } else if errno == EAGAIN {
        hasBegun = true
        var wanted = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
        _ = poll(&wanted, 1, -1)
      } else if errno != EINTR {
        throw cannotRead(path, errno)
      }
    }
  }
}
