#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// From this size on a file is mapped instead of read: memory stays with the system's page cache.
private let mappingThreshold = 64 << 20

/// Calls `body` with the whole content of a file; the pointer is good until it returns.
///
/// Regular files and pipes only. Throws `.missing` for a file that is not there or may not be read.
func withFileBytes<Result>(
  _ path: String, _ body: (UnsafeBufferPointer<UInt8>) throws(DataError) -> Result
) throws(DataError) -> Result {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw cannotRead(path, errno) }
  defer { close(descriptor) }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw cannotRead(path, errno) }
  let kind = status.st_mode & S_IFMT
  guard kind == S_IFREG || kind == S_IFIFO else {
    throw .missing(path, kind == S_IFDIR ? "is a folder, not a file" : "is not a regular file")
  }
  let size = Int(status.st_size)
  if kind == S_IFREG, size >= mappingThreshold,
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
  {
    defer { munmap(address, size) }
    _ = posix_madvise(address, size, POSIX_MADV_SEQUENTIAL)
    return try body(UnsafeBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: size))
  }
  let bytes = try readAll(descriptor, sizeHint: size, path: path)
  return try bytes.withUnsafeBufferPointer { (buffer) throws(DataError) in try body(buffer) }
}

private func readAll(_ descriptor: Int32, sizeHint: Int, path: String) throws(DataError) -> [UInt8] {
  var bytes: [UInt8] = []
  var wanted = max(sizeHint + 1, 1 << 16)
  while true {
    let old = bytes.count
    var got = 0
    let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      got = read(descriptor, buffer.baseAddress, wanted)
      count = max(got, 0)
    }
    if got < 0 {
      if errno == EINTR { continue }
      throw cannotRead(path, errno)
    }
    if got == 0 { return bytes }
    if old == 0 { bytes = chunk } else { bytes.append(contentsOf: chunk) }
    wanted = 1 << 16
  }
}

private func cannotRead(_ path: String, _ code: Int32) -> DataError {
  code == ENOENT || code == ENOTDIR
    ? .missing(path, "there is no such file")
    : .missing(path, "cannot be read: \(String(cString: strerror(code)))")
}

/// What a path names.
enum PathKind { case nothing, file, folder }

func pathKind(_ path: String) -> PathKind {
  var status = stat()
  guard stat(path, &status) == 0 else { return .nothing }
  return status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
}

/// `folder/name`, without doubling the slash.
func join(_ folder: String, _ name: String) -> String {
  folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// The last part of a path that is not empty.
func lastComponent(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
