public import RunFolder
internal import Storage
public import TrainingEvents

/// Reads a run's log, from any event on, however long it is.
///
/// For one thread at a time.
public final class RunLogReader {
  private let file: LogFile
  private let path: String
  /// Sentences about what is damaged.
  public private(set) var remarks: [String] = []
  /// Where the last whole event ends, if more follows: what a writer is writing, or was when it died.
  public private(set) var tornEnd: Int?
  /// The number and time of the last event read.
  public private(set) var lastIndex: UInt64 = 0
  public private(set) var lastTime = 0.0

  /// Opens the log in a run's folder.
  public init(folder: String) throws(RunFolderError) {
    path = folder + "/" + RunLog.fileName
    file = try LogFile.reading(folder: folder)
  }

  /// Whether there is a log in a folder.
  public static func exists(in folder: String) -> Bool { FileSystem.exists(folder + "/" + RunLog.fileName) }

  /// A sentence about bytes that no writer will complete any more; nil where there are none.
  public var remarkOnTornEnd: String? {
    tornEnd.map { "\(path): ends within an event, at byte \($0); it is left out." }
  }

  /// Events that are handed over at once, and for how many of them a summary counts.
  private static let groupSize = 2048
  private static let weightOfSummary = 128

  /// Hands on what comes after an event, in groups, up to another, in order. A long run's steps come as summaries.
  ///
  /// - Parameters:
  ///   - index: the last event that the caller has; 0 for none.
  ///   - last: the last event that it wants.
  ///   - oneByOne: whether to give every step that is there; nil for short runs alone.
  public func read(
    after index: UInt64 = 0, through last: UInt64 = .max, oneByOne: Bool? = nil, _ take: ([RunRecord]) -> Void
  ) {
    lastIndex = max(lastIndex, index)
    var group: [RunRecord] = []
    var weight = 0
    func hand(_ record: RunRecord) {
      group.append(record)
      if case .summary = record { weight += Self.weightOfSummary } else { weight += 1 }
      guard weight >= Self.groupSize else { return }
      take(group)
      group = []
      weight = 0
    }
    let chunks = file.chunks()
    let isShort = chunks.last.map { $0.steps.upperBound <= RunLog.stepsReadOneByOne } ?? true
    if let last = chunks.last, !isShort, index == 0 { hand(.extent(steps: last.steps.upperBound)) }
    var place = LogFile.headerLength
    for chunk in chunks {
      guard chunk.index > lastIndex else {
        place = chunk.end
        continue
      }
      if chunk.start > place { readFrames(place..<chunk.start, through: last, hand) }
      let isWhole = chunk.index <= last && !(chunk.hasSteps && (oneByOne ?? isShort))
      // One that was partly read before is gone through frame by frame.
      if isWhole, lastIndex < chunk.index, firstIndex(of: chunk) > lastIndex {
        readSummary(of: chunk, hand)
      } else {
        readFrames(chunk.start..<chunk.end, through: last, hand)
      }
      place = chunk.end
    }
    let end = readFrames(place..<file.size, through: last, hand)
    tornEnd = end < file.size && last == .max ? end : nil
    if !group.isEmpty { take(group) }
  }

  /// The number of a chunk's first event.
  private func firstIndex(of chunk: Chunk) -> UInt64 {
    // One that holds nothing but its summary is new as a whole, or not at all.
    file.header(at: chunk.start)?.index ?? 0
  }

  private func readSummary(of chunk: Chunk, _ hand: (RunRecord) -> Void) {
    do throws(CodingFault) {
      let (events, summary) = try chunk.contents(in: file)
      for offset in events { readEvent(at: offset, hand) }
      hand(.summary(summary, time: chunk.time))
      (lastIndex, lastTime) = (max(lastIndex, chunk.index), chunk.time)
    } catch {
      remarks.append("\(path): \(error), at byte \(chunk.summary); its steps are read one by one.")
      readFrames(chunk.start..<chunk.end, through: .max, hand)
    }
  }

  private func readEvent(at offset: Int, _ hand: (RunRecord) -> Void) {
    guard let header = file.header(at: offset), header.index > lastIndex else { return }
    do throws(CodingFault) {
      hand(.event(try file.payload(of: header, at: offset, EventCodec.decode), time: header.time))
      (lastIndex, lastTime) = (header.index, header.time)
    } catch {
      remarks.append("\(path): \(error), at byte \(offset); an event is left out.")
    }
  }

  /// Reads frame by frame; what is damaged is left out up to the next sound header. Returns where it ended.
  @discardableResult
  private func readFrames(_ range: Range<Int>, through last: UInt64, _ hand: (RunRecord) -> Void) -> Int {
    file.walk(range) { gap in
      remarks.append(
        "\(path): \(gap.count) bytes from byte \(gap.lowerBound) on are damaged; what they held is left out.")
    } _: { header, place in
      guard header.index <= last else { return false }
      if !header.kind.isSummary { readEvent(at: place, hand) }
      return true
    }
  }
}
