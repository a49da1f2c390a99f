public import RunFolder
internal import Storage
public import TrainingEvents

/// Reads a run's log on and on as it grows: every event that is there, and the summaries of steps that are there no more.
///
/// Another log may be put in its place: with the oldest steps put together, it goes on where it was left; of a run that
/// was resumed before that place, it is read anew.
public struct RunLogTail: Sendable {
  public enum Reading: Hashable, Sendable {
    /// Whether more may be there right now.
    case records(more: Bool)
    /// What was read is void: the next call begins anew.
    case replaced
  }

  /// Something that could not be read.
  public struct Damage: Hashable, Sendable {
    public var offset: Int
    /// As the end of a sentence.
    public var finding: String
  }

  /// A frame with its place in the file.
  private struct Mark: Sendable {
    var header: FrameHeader
    var place: Int
    var end: Int { place + header.frameLength }
  }

  private let folder: String
  /// The last frame that was read.
  private var last: Mark?
  /// Where the last whole frame ends, if more follows: what a writer is writing, or was when it died.
  public private(set) var tornEnd: Int?

  public init(folder: String) { self.folder = folder }

  /// Hands on what has come since the last call, in order, until it `isEnough`. Throws where there is no log to be read.
  public mutating func read(
    isEnough: () -> Bool, damaged: (Damage) -> Void, _ take: (RunRecord) -> Void
  ) throws(RunFolderError) -> Reading {
    let file = try LogFile.reading(folder: folder)
    guard let start = start(in: file) else {
      last = nil
      return .replaced
    }
    var isWhole = true
    let end = file.walk(start..<file.size) { gap in
      damaged(Damage(offset: gap.lowerBound, finding: "\(gap.count) bytes are damaged; what they held is left out"))
    } _: { header, place in
      last = Mark(header: header, place: place)
      do throws(CodingFault) {
        if let record = try Self.record(header, place, file) { take(record) }
      } catch {
        damaged(Damage(offset: place, finding: "\(error); what it held is left out"))
      }
      isWhole = !isEnough()
      return isWhole
    }
    tornEnd = isWhole && end < file.size ? end : nil
    return .records(more: !isWhole)
  }

  /// Nil for the summary of steps that are there one by one.
  private static func record(_ header: FrameHeader, _ place: Int, _ file: LogFile) throws(CodingFault) -> RunRecord? {
    switch header.kind {
    case .event, .steps: return .event(try file.payload(of: header, at: place, EventCodec.decode), time: header.time)
    case .summary: return nil
    case .soleSummary:
      guard let chunk = Chunk(summaryAt: place, in: file) else { throw CodingFault("has a damaged summary") }
      return .summary(try chunk.contents(in: file).summary, time: header.time)
    }
  }

  /// Where to go on; nil where the file does not hold what was read.
  private func start(in file: LogFile) -> Int? {
    guard let last else { return LogFile.headerLength }
    if file.header(at: last.place) == last.header { return last.end }
    // With older steps put together, the same frame lies elsewhere.
    let chunks = file.chunks()
    let index = last.header.index
    let start = chunks.first { $0.index >= index }?.start ?? chunks.last?.end ?? LogFile.headerLength
    var found: Int?
    file.walk(start..<file.size, damaged: { _ in }) { header, place in
      if header == last.header { found = place + header.frameLength }
      return found == nil && header.index <= index
    }
    return found
  }
}
