import CZlib
import CZstd
import Glibc
import Synchronization

/// How a file is packed, recognized by its first bytes.
enum Packing {
  case gzip, zstd

  /// nil for a file that is not packed.
  init?(of descriptor: Int32) {
    var start = [UInt8](repeating: 0, count: 4)
    let count = pread(descriptor, &start, 4, 0)
    if count >= 3, start[..<3] == [0x1F, 0x8B, 0x08] {
      self = .gzip
    } else if count == 4, start == [0x28, 0xB5, 0x2F, 0xFD] {
      self = .zstd
    } else {
      return nil
    }
  }
}

/// What packed files hold, each unpacked once and kept in a file without a name for as long as the process lives.
enum PackedContents {
  private struct Identity: Hashable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var seconds: Int64
    var nanoseconds: Int64
  }

  private static let kept = Mutex<[Identity: Int32]>([:])

  /// A descriptor of a packed file's content; the caller closes it and reads by offsets.
  static func descriptor(
    of packed: Int32, _ packing: Packing, _ path: String
  ) throws(DataError) -> (descriptor: Int32, size: Int) {
    var status = stat()
    guard fstat(packed, &status) == 0 else { throw cannotRead(path, errno) }
    let changed = status.st_mtim
    let identity = Identity(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: Int64(changed.tv_sec), nanoseconds: Int64(changed.tv_nsec))
    let known: Int32
    if let descriptor = kept.withLock({ $0[identity] }) {
      known = descriptor
    } else {
      known = try TemporaryFile.make(for: path)
      do throws(DataError) {
        switch packing {
        case .gzip: try unpackGzip(packed, to: known, path)
        case .zstd: try unpackZstd(packed, to: known, path)
        }
      } catch {
        close(known)
        throw error
      }
      kept.withLock { $0[identity] = known }
    }
    let descriptor = fcntl(known, F_DUPFD_CLOEXEC, 0)
    guard descriptor >= 0, fstat(descriptor, &status) == 0 else { throw cannotRead(path, errno) }
    return (descriptor, Int(status.st_size))
  }

  private static let chunkSize = 1 << 17

  /// Calls `body` with one chunk of a file after the other.
  private static func forEachChunk(
    _ file: Int32, _ path: String, _ body: (UnsafeMutableRawBufferPointer) throws(DataError) -> Void
  ) throws(DataError) {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 16)
    defer { chunk.deallocate() }
    var offset: off_t = 0
    while true {
      let got = pread(file, chunk.baseAddress, chunkSize, offset)
      if got < 0 {
        if errno == EINTR { continue }
        throw cannotRead(path, errno)
      }
      if got == 0 { return }
      offset += off_t(got)
      try body(UnsafeMutableRawBufferPointer(rebasing: chunk[..<got]))
    }
  }

  /// Unpacks all members of a gzip file.
  private static func unpackGzip(_ packed: Int32, to file: Int32, _ path: String) throws(DataError) {
    var stream = z_stream()
    guard czlib_begin(&stream) == Z_OK else { throw damaged(path, "gzip") }
    defer { inflateEnd(&stream) }
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkSize, alignment: 16)
    defer { output.deallocate() }
    var isComplete = false
    try forEachChunk(packed, path) { (chunk) throws(DataError) in
      stream.next_in = chunk.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_in = UInt32(chunk.count)
      repeat {
        if isComplete {
          // Another member follows; zeros at the end are padding.
          if stream.next_in.pointee == 0 { return }
          inflateReset(&stream)
          isComplete = false
        }
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = UInt32(output.count)
        let result = inflate(&stream, Z_NO_FLUSH)
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { throw damaged(path, "gzip") }
        let count = output.count - Int(stream.avail_out)
        try TemporaryFile.append(UnsafeRawBufferPointer(rebasing: output[..<count]), to: file, path)
        isComplete = result == Z_STREAM_END
        if result == Z_BUF_ERROR, count == 0 { return }
      } while stream.avail_in > 0 || stream.avail_out == 0
    }
    guard isComplete else { throw damaged(path, "gzip") }
  }

  private static func unpackZstd(_ packed: Int32, to file: Int32, _ path: String) throws(DataError) {
    guard let context = ZSTD_createDCtx() else { throw damaged(path, "zstd") }
    defer { ZSTD_freeDCtx(context) }
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: ZSTD_DStreamOutSize(), alignment: 16)
    defer { output.deallocate() }
    // Bytes that the frame still needs; 0 between two.
    var wanted = 1
    try forEachChunk(packed, path) { (chunk) throws(DataError) in
      var input = ZSTD_inBuffer(src: chunk.baseAddress, size: chunk.count, pos: 0)
      var isFull = false
      while input.pos < input.size || isFull {
        var out = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &out, &input)
        guard ZSTD_isError(result) == 0 else { throw damaged(path, "zstd") }
        wanted = result
        isFull = out.pos == out.size
        try TemporaryFile.append(UnsafeRawBufferPointer(rebasing: output[..<out.pos]), to: file, path)
      }
    }
    guard wanted == 0 else { throw damaged(path, "zstd") }
  }

  private static func damaged(_ path: String, _ packing: String) -> DataError {
    .malformed(path, "the \(packing) file is damaged or ends too early: pack it anew, or name the unpacked file")
  }
}
