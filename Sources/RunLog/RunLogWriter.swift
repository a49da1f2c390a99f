internal import RunFolder
internal import TrainingEvents

/// Writes a run's log. For one thread at a time.
final class RunLogWriter {
  /// How much stays step by step.
  struct Limits: Sendable {
    var chunk = Chunk.steps
    var detailed = RunLog.detailedSteps
    var slack = RunLog.slackSteps
  }

  private let file: AppendFile
  private let limits: Limits
  /// The chunks whose steps are there one by one.
  private var detailed: [Chunk]
  /// Where those of which only summaries are left end.
  private var detailedStart: Int
  /// The chunk that is being written: where it begins, and where its events other than steps lie, counted from there.
  private var chunkStart: Int
  private var chunkEvents: [Int] = []
  private var summarizer = StepSummarizer(span: Chunk.fineSpan)
  private(set) var lastIndex: UInt64
  private var lastTime = 0.0
  private var isCompacting = false

  /// Opens or makes the log in a folder. What a crash has torn is cut off.
  ///
  /// - Parameter checkpoint: where a resumed run goes on; what the log has of later steps will be done again.
  init(folder: String, checkpoint: RunLogPosition? = nil, limits: Limits = Limits()) throws(RunFolderError) {
    self.limits = limits
    let path = folder + "/" + RunLog.fileName
    try RunLogRepair.prepare(path)
    if let checkpoint { try RunLogRepair.rewind(path, to: checkpoint) }
    let log = try LogFile(try OpenFile.reading(path))
    let chunks = log.chunks()
    detailed = chunks.filter(\.hasSteps)
    detailedStart = detailed.first?.start ?? chunks.last?.end ?? LogFile.headerLength
    chunkStart = chunks.last?.end ?? LogFile.headerLength
    lastIndex = chunks.last?.index ?? 0
    if let last = chunks.last, let summary = try? last.contents(in: log).summary { summarizer.follow(summary) }
    var place = chunkStart
    var noted: [(TrainingEvent, Int)] = []
    while let header = log.isSound(at: place) {
      // What cannot be understood is not ours to judge: it stays where it is.
      if let event = try? log.payload(of: header, at: place, EventCodec.decode) { noted.append((event, place)) }
      (lastIndex, lastTime) = (header.index, header.time)
      place += header.frameLength
    }
    file = try AppendFile(path: path, keeping: place)
    for (event, place) in noted { note(event, at: place) }
  }

  var path: String { file.path }
  var dropped: Int { file.dropped }
  var isInPlace: Bool { file.isInPlace }

  /// Adds an event; nothing reaches the disk before the next flush.
  func append(_ logged: LoggedEvent) {
    let place = file.length
    guard file.append(logged.frame) else { return }
    (lastIndex, lastTime) = (logged.index, logged.time)
    note(logged.event, at: place)
    if summarizer.summary?.count ?? 0 >= limits.chunk { endChunk() }
  }

  private func note(_ event: TrainingEvent, at place: Int) {
    guard case .stepsCompleted(let steps) = event else { return chunkEvents.append(place - chunkStart) }
    for step in steps where summarizer.fits(step) { summarizer.add(step) }
  }

  private func endChunk() {
    guard let summary = summarizer.summary else { return }
    let place = file.length
    let frame = Chunk.frame(
      of: summary, length: place - chunkStart, events: chunkEvents, hasSteps: true, index: lastIndex, time: lastTime)
    // Without room for it the chunk goes on.
    guard file.append(frame) else { return }
    detailed.append(
      Chunk(
        start: chunkStart, summary: place, end: file.length, steps: summary.steps, index: lastIndex, time: lastTime,
        hasSteps: true))
    summarizer.follow(summary)
    chunkStart = file.length
    chunkEvents = []
  }

  /// Hands everything to the system.
  func flush() throws(RunFolderError) { try file.flush() }

  /// Hands everything to the disk.
  func synchronize() throws(RunFolderError) { try file.synchronize() }

  /// Makes the file anew that was deleted.
  func restore() throws(RunFolderError) { try file.restore() }

  // MARK: - Putting old steps together

  /// What is to be put together, where there is enough: to be run on any thread, then handed to `take`.
  func compaction() -> RunLogCompaction? {
    guard !isCompacting, let first = detailed.first, let last = detailed.last,
      last.steps.upperBound - first.steps.lowerBound >= limits.detailed + limits.slack
    else { return nil }
    let kept = last.steps.upperBound - limits.detailed
    let old = detailed.prefix { $0.steps.upperBound <= kept }
    guard !old.isEmpty, file.written >= last.end else { return nil }
    isCompacting = true
    return RunLogCompaction(path: file.path, prefix: detailedStart, chunks: Array(old), end: last.end)
  }

  /// Takes in a compaction's file in place of the present one. Where anything fails, the present one stays.
  func take(_ result: RunLogCompaction.Result?) {
    isCompacting = false
    guard let result, file.isInPlace else { return RunLogCompaction.discard(path) }
    do throws(RunFolderError) {
      try file.flush()
      let length = try result.finish(path, upTo: file.written)
      let shift = length - file.written
      file.move(to: try result.file.renamed(to: path), length: length)
      detailed.removeFirst(result.count)
      for index in detailed.indices { detailed[index].move(by: shift) }
      detailedStart = detailed.first?.start ?? chunkStart + shift
      chunkStart += shift
    } catch {
      RunLogCompaction.discard(path)
    }
  }
}

extension Chunk {
  mutating func move(by shift: Int) {
    start += shift
    summary += shift
    end += shift
  }
}
