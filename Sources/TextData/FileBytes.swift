import Glibc
import Paths

/// From this size on a file is mapped instead of read: memory stays with the system's page cache.
private let mappingThreshold = 64 << 20

/// Calls `body` with the whole content of a file; the pointer is good until it returns.
///
/// Regular files and pipes only; what came through a pipe is kept, so that it can be read again, and what is packed by
/// gzip or zstd is unpacked.
/// Throws `.missing` for a file that is not there or may not be read.
func withFileBytes<Result>(
  _ path: String, _ body: (UnsafeBufferPointer<UInt8>) throws(DataError) -> Result
) throws(DataError) -> Result {
  let (descriptor, size) = try openForReading(path)
  defer { close(descriptor) }
  if size >= mappingThreshold,
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
  {
    defer { munmap(address, size) }
    _ = posix_madvise(address, size, POSIX_MADV_SEQUENTIAL)
    return try body(UnsafeBufferPointer(start: address.assumingMemoryBound(to: UInt8.self), count: size))
  }
  let bytes = try readAll(descriptor, sizeHint: size, limit: .max, path: path)
  return try bytes.withUnsafeBufferPointer { (buffer) throws(DataError) in try body(buffer) }
}

/// Calls `body` with at most `count` bytes from the beginning of a file.
func withFileStart<Result>(
  _ path: String, count: Int, _ body: (UnsafeBufferPointer<UInt8>) throws(DataError) -> Result
) throws(DataError) -> Result {
  let (descriptor, size) = try openForReading(path)
  defer { close(descriptor) }
  let bytes = try readAll(descriptor, sizeHint: min(size, count), limit: count, path: path)
  return try bytes.withUnsafeBufferPointer { (buffer) throws(DataError) in try body(buffer) }
}

/// Opens a file at its beginning; the caller closes the descriptor.
private func openForReading(_ path: String) throws(DataError) -> (descriptor: Int32, size: Int) {
  var status = stat()
  guard stat(path, &status) == 0 else { throw cannotRead(path, errno) }
  let file = try openAsItIs(path, &status)
  guard let packing = Packing(of: file.descriptor) else { return file }
  defer { close(file.descriptor) }
  return try PackedContents.descriptor(of: file.descriptor, packing, path)
}

private func openAsItIs(_ path: String, _ status: inout stat) throws(DataError) -> (descriptor: Int32, size: Int) {
  if status.st_mode & S_IFMT == S_IFIFO { return try PipeContents.descriptor(of: path, status) }
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw cannotRead(path, errno) }
  guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
    close(descriptor)
    throw .missing(path, status.st_mode & S_IFMT == S_IFDIR ? "is a folder, not a file" : "is not a regular file")
  }
  return (descriptor, Int(status.st_size))
}

private func readAll(_ descriptor: Int32, sizeHint: Int, limit: Int, path: String) throws(DataError) -> [UInt8] {
  var bytes: [UInt8] = []
  var wanted = min(max(sizeHint + 1, 1 << 16), limit)
  while wanted > 0 {
    let old = bytes.count
    var got = 0
    let offset = off_t(old)
    let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
      got = pread(descriptor, buffer.baseAddress, wanted, offset)
      count = max(got, 0)
    }
    if got < 0 {
      if errno == EINTR { continue }
      throw cannotRead(path, errno)
    }
    if got == 0 { break }
    if old == 0 { bytes = chunk } else { bytes.append(contentsOf: chunk) }
    wanted = min(1 << 16, limit - bytes.count)
  }
  return bytes
}

func cannotRead(_ path: String, _ code: Int32) -> DataError {
  code == ENOENT || code == ENOTDIR
    ? .missing(path, "there is no such file")
    : .missing(path, "cannot be read: \(SystemMessage.text(code))")
}

/// `folder/name`, without doubling the slash.
func join(_ folder: String, _ name: String) -> String {
  folder.hasSuffix("/") ? folder + name : folder + "/" + name
}

/// The last part of a path that is not empty.
func lastComponent(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
