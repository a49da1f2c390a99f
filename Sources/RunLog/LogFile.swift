internal import Glibc
internal import RunFolder
internal import Storage

/// A run's log, to be read: frames at offsets, through a window so that memory does not follow the file's size.
///
/// For one thread at a time.
final class LogFile {
  /// "MTTRUNLG", the version (4 bytes), four bytes of 0.
  static let headerLength = 16
  private static let magic = Array("MTTRUNLG".utf8)
  private static let windowLength = 256 << 10
  /// What is read where the next place is not behind the last.
  private static let glanceLength = 8 << 10

  let file: OpenFile
  /// Bytes that are looked at; what is appended later is not.
  private(set) var size: Int
  private var window: [UInt8] = []
  private var windowStart = 0

  static func header(version: UInt32) -> [UInt8] {
    var writer = ByteWriter()
    writer.put(fixed: version)
    writer.put(fixed: UInt32(0))
    return magic + writer.bytes
  }

  init(_ file: OpenFile) throws(RunFolderError) {
    self.file = file
    size = try file.size()
  }

  /// Opens the log in a run's folder. Throws where it is none, or of another version.
  static func reading(folder: String) throws(RunFolderError) -> LogFile {
    let path = folder + "/" + RunLog.fileName
    let file = try LogFile(try OpenFile.reading(path))
    guard let version = file.version else { throw .malformed(path, "is not a run's log") }
    guard version == RunLog.version else {
      throw .malformed(path, "is of format \(version); this version of mtt-tui reads format \(RunLog.version)")
    }
    return file
  }

  /// Looks at what has been appended meanwhile.
  func refresh() throws(RunFolderError) {
    size = try file.size()
    window = []
  }

  /// The version that the file says it is of; nil where it is no log, or not even its beginning was written.
  var version: UInt32? {
    let start = withBytes(at: 0, count: Self.headerLength) { bytes -> UInt32? in
      guard bytes[0..<8].elementsEqual(Self.magic) else { return nil }
      return bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian
    }
    return start ?? nil
  }

  /// Calls `body` with bytes of the file; nil where it ends before them or cannot be read.
  func withBytes<Result>(at offset: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result? {
    guard offset >= 0, count >= 0, offset + count <= size else { return nil }
    if offset < windowStart || offset + count > windowStart + window.count { load(offset, count) }
    guard offset >= windowStart, offset + count <= windowStart + window.count else { return nil }
    let start = offset - windowStart
    return window.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
  }

  private func load(_ offset: Int, _ count: Int) {
    let isInSequence = offset >= windowStart && offset <= windowStart + window.count
    let wanted = min(size - offset, max(count, isInSequence ? Self.windowLength : Self.glanceLength))
    // A frame larger than the window is read whole; the next one makes it small again.
    if window.count != wanted { window = [UInt8](repeating: 0, count: wanted) }
    var isRead = false
    window.withUnsafeMutableBytes { isRead = (try? file.read(into: $0, at: offset)) != nil }
    windowStart = offset
    if !isRead { window = [] }
  }

  /// The header at an offset; nil where there is none, or a damaged one.
  func header(at offset: Int) -> FrameHeader? {
    withBytes(at: offset, count: FrameHeader.length) { FrameHeader($0) } ?? nil
  }

  /// Calls `body` with a frame's payload.
  ///
  /// Throws where it is damaged.
  func payload<Result>(
    of header: FrameHeader, at offset: Int, _ body: (UnsafeRawBufferPointer) throws(CodingFault) -> Result
  ) throws(CodingFault) -> Result {
    var fault = CodingFault("ends within a frame")
    let result = withBytes(at: offset + FrameHeader.length, count: header.payloadLength) { bytes -> Result? in
      do throws(CodingFault) {
        guard header.accepts(bytes) else { throw CodingFault("has a frame with another checksum than it says") }
        return try body(bytes)
      } catch {
        fault = error
        return nil
      }
    }
    guard let result = result ?? nil else { throw fault }
    return result
  }

  /// Whether a whole, sound frame lies at an offset.
  func isSound(at offset: Int) -> FrameHeader? {
    guard let header = header(at: offset), (try? payload(of: header, at: offset, { _ in })) != nil else { return nil }
    return header
  }

  /// The next place from `offset` on where a sound header lies; nil up to the end.
  func nextHeader(from offset: Int) -> Int? {
    var start = offset
    while start + FrameHeader.length <= size {
      let count = min(Self.windowLength, size - start)
      let found = withBytes(at: start, count: count) { bytes -> Int? in
        var place = 0
        while place + FrameHeader.length <= count {
          if bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self).littleEndian == FrameHeader.magic,
            FrameHeader(UnsafeRawBufferPointer(rebasing: bytes[place...])) != nil
          {
            return place
          }
          place += 1
        }
        return nil
      }
      if let place = found ?? nil { return start + place }
      if count < Self.windowLength { return nil }
      start += count - FrameHeader.length + 1
    }
    return nil
  }

  /// Goes through a range frame by frame until `body` returns false; what is damaged is passed over up to the next sound
  /// header. Returns where it ended.
  ///
  /// Behind the last whole frame stands what a writer is writing, or was when it died.
  @discardableResult
  func walk(_ range: Range<Int>, damaged: (Range<Int>) -> Void, _ body: (FrameHeader, Int) -> Bool) -> Int {
    var place = range.lowerBound
    while place + FrameHeader.length <= range.upperBound {
      if let header = header(at: place), place + header.frameLength <= range.upperBound {
        let goesOn = body(header, place)
        place += header.frameLength
        guard goesOn else { return place }
      } else {
        guard let next = nextHeader(from: place + 1), next < range.upperBound else { return place }
        damaged(place..<next)
        place = next
      }
    }
    return place
  }

  // MARK: - Chunks

  /// Every chunk, in order, found from behind; and where the last one ends.
  ///
  /// Where the chain is broken the file is gone through from the front.
  func chunks() -> [Chunk] {
    var chunks: [Chunk] = []
    guard var next = lastChunk() else { return [] }
    while true {
      chunks.append(next)
      if next.start == Self.headerLength { return chunks.reversed() }
      guard let before = chunk(endingAt: next.start) else { return chunksFromTheFront() }
      next = before
    }
  }

  private func chunk(endingAt end: Int) -> Chunk? {
    let length = withBytes(at: end - 8, count: 8) { $0.loadUnaligned(as: UInt64.self).littleEndian } ?? 0
    guard length > 8, length <= UInt64(FrameHeader.largestPayload + FrameHeader.length), Int(length) <= end else {
      return nil
    }
    guard let chunk = Chunk(summaryAt: end - Int(length), in: self), chunk.end == end else { return nil }
    return chunk
  }

  /// The last chunk that has ended.
  private func lastChunk() -> Chunk? {
    var end = size
    while end > Self.headerLength {
      let start = max(Self.headerLength, end - Self.windowLength)
      var last: Chunk?
      var place = start
      while let found = nextHeader(from: place), found < end {
        if let chunk = Chunk(summaryAt: found, in: self), isSound(at: found) != nil { last = chunk }
        place = found + FrameHeader.length
      }
      if let last { return last }
      end = start
    }
    return nil
  }

  private func chunksFromTheFront() -> [Chunk] {
    var chunks: [Chunk] = []
    var place = Self.headerLength
    while let found = nextHeader(from: place) {
      place = found + FrameHeader.length
      guard let header = isSound(at: found) else { continue }
      place = found + header.frameLength
      if header.kind.isSummary, let chunk = Chunk(summaryAt: found, in: self), chunk.start >= chunks.last?.end ?? 0 {
        chunks.append(chunk)
      }
    }
    return chunks
  }
}
