internal import RunFolder
internal import TrainingEvents

/// Writes a run's log anew with the oldest steps put together, beside the one that is being appended to.
struct RunLogCompaction: Sendable {
  /// The new file, which has everything up to `end` of the old one.
  struct Result: Sendable {
    let file: OpenFile
    let length: Int
    let end: Int
    /// Chunks whose steps were put together.
    let count: Int

    /// Copies what the old file has got meanwhile, and puts the new one in its place. Returns its length.
    func finish(_ path: String, upTo last: Int) throws(RunFolderError) -> Int {
      try FileSystem.copy(end..<last, of: try OpenFile.reading(path), to: file)
      try file.synchronize()
      try FileSystem.rename(FileSystem.temporary(of: path), to: path)
      try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
      return length + last - end
    }
  }

  let path: String
  /// Bytes that are as short as they get.
  let prefix: Int
  let chunks: [Chunk]
  /// Bytes to take in.
  let end: Int

  static func discard(_ path: String) { FileSystem.remove(FileSystem.temporary(of: path)) }

  /// Nil where the disk or the file does not allow it.
  func run() -> Result? {
    do {
      let old = try LogFile(try OpenFile.reading(path))
      FileSystem.remove(FileSystem.temporary(of: path))
      let new = try OpenFile.writing(FileSystem.temporary(of: path), flags: OpenFile.appending)
      try FileSystem.copy(0..<prefix, of: old.file, to: new)
      var length = prefix
      for chunk in chunks {
        let bytes = try compacted(chunk, old)
        try FileSystem.writeAll(bytes, to: new)
        length += bytes.count
      }
      let rest = chunks.last?.end ?? prefix
      try FileSystem.copy(rest..<end, of: old.file, to: new)
      return Result(file: new, length: length + end - rest, end: end, count: chunks.count)
    } catch {
      Self.discard(path)
      return nil
    }
  }

  /// A chunk's events, then its steps in rows of more.
  private func compacted(_ chunk: Chunk, _ old: LogFile) throws -> [UInt8] {
    let (events, summary) = try chunk.contents(in: old)
    var bytes: [UInt8] = []
    var places: [Int] = []
    for offset in events {
      guard let header = old.header(at: offset),
        let event = try? old.payload(of: header, at: offset, EventCodec.decode)
      else { continue }
      places.append(bytes.count)
      bytes += LoggedEvent(Self.kept(event), index: header.index, time: header.time).frame
    }
    return bytes
      + Chunk.frame(
        of: summary.coarsened(to: Chunk.coarseSpan), length: bytes.count, events: places, hasSteps: false,
        index: chunk.index, time: chunk.time)
  }

  /// An event as it is kept for good: an evaluation's figures label by label go, unless it was the best so far.
  private static func kept(_ event: TrainingEvent) -> TrainingEvent {
    guard case .evaluated(var record) = event, !record.isBest else { return event }
    record.breakdowns = PerTask.all(nil)
    return .evaluated(record)
  }
}
