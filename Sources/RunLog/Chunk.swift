internal import RunFolder
internal import Storage
internal import TrainingEvents

/// A stretch of a run's log that ends with a summary of its steps.
///
/// The summary's payload: where the chunk begins, as a distance back from the summary's frame (8 bytes); its first and
/// last step (8 each); the distances of its other events' frames from the chunk's beginning; the summary; and last the
/// length of the whole frame (8), by which a reader that comes from behind finds the frame's beginning.
struct Chunk: Hashable {
  /// Steps after which a chunk ends.
  static let steps = 4096
  /// Steps of a row where the steps are there one by one, and where they are not.
  static let fineSpan = 16
  static let coarseSpan = 64

  /// Where its first frame lies.
  var start: Int
  /// Where its summary's frame lies, and where it ends.
  var summary: Int
  var end: Int
  var steps: ClosedRange<Int>
  /// Of its last event.
  var index: UInt64
  var time: Double
  /// Whether its steps are there one by one.
  var hasSteps: Bool

  static let fixedLength = 24

  /// Nil where there is no whole summary's frame.
  init?(summaryAt offset: Int, in file: LogFile) {
    guard let header = file.header(at: offset), header.kind.isSummary,
      header.payloadLength >= Self.fixedLength + 8, offset + header.frameLength <= file.size
    else { return nil }
    let fixed = file.withBytes(at: offset + FrameHeader.length, count: Self.fixedLength) { bytes -> [Int] in
      (0..<3).map { Int(truncatingIfNeeded: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self).littleEndian) }
    }
    guard let fixed, fixed[0] >= 0, fixed[0] <= offset - LogFile.headerLength, fixed[1] >= 1, fixed[2] >= fixed[1]
    else {
      return nil
    }
    start = offset - fixed[0]
    summary = offset
    end = offset + header.frameLength
    steps = fixed[1]...fixed[2]
    index = header.index
    time = header.time
    hasSteps = header.kind == .summary
  }

  init(
    start: Int, summary: Int, end: Int, steps: ClosedRange<Int>, index: UInt64, time: Double, hasSteps: Bool
  ) {
    self.start = start
    self.summary = summary
    self.end = end
    self.steps = steps
    self.index = index
    self.time = time
    self.hasSteps = hasSteps
  }

  /// The frame that ends a chunk.
  ///
  /// - Parameters:
  ///   - length: bytes of the chunk before it.
  ///   - events: distances of the frames that are no steps from the chunk's beginning.
  static func frame(
    of summary: StepSummary, length: Int, events: [Int], hasSteps: Bool, index: UInt64, time: Double
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: 48 * 1024)
    writer.put(fixed: UInt64(length))
    writer.put(fixed: UInt64(summary.steps.lowerBound))
    writer.put(fixed: UInt64(summary.steps.upperBound))
    writer.put(events.count)
    var last = 0
    for event in events {
      writer.put(event - last)
      last = event
    }
    SummaryCodec.append(summary, to: &writer)
    writer.put(fixed: UInt64(writer.bytes.count + 8 + FrameHeader.length))
    return FrameHeader(
      kind: hasSteps ? .summary : .soleSummary, payload: writer.bytes, index: index, time: time
    ).bytes + writer.bytes
  }

  /// The offsets of its events' frames, and the summary.
  ///
  /// Throws where the summary is damaged.
  func contents(in file: LogFile) throws(CodingFault) -> (events: [Int], summary: StepSummary) {
    guard let header = file.header(at: summary) else { throw CodingFault("has a damaged summary") }
    return try file.payload(of: header, at: summary) { (bytes) throws(CodingFault) in
      var reader = ByteReader(UnsafeRawBufferPointer(rebasing: bytes[Self.fixedLength...]))
      var events: [Int] = []
      var place = start
      for _ in 0..<(try reader.count()) {
        let distance = try reader.integer()
        guard distance >= 0, distance < summary - place else { throw CodingFault("lists an event beyond its end") }
        place += distance
        events.append(place)
      }
      return (events, try SummaryCodec.summary(&reader))
    }
  }
}
