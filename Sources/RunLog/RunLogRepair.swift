internal import RunFolder
internal import TrainingEvents

/// A place in a run's log: what a checkpoint says of it.
public struct RunLogPosition: Hashable, Sendable {
  /// The number of the last event before it.
  public var index: UInt64
  /// The last step before it.
  public var step: Int

  public init(index: UInt64, step: Int) {
    self.index = index
    self.step = step
  }
}

/// Brings the log that another process has left into a state to go on from.
enum RunLogRepair {
  /// Makes a log where there is none; puts one that cannot be read out of the way.
  static func prepare(_ path: String) throws(RunFolderError) {
    if FileSystem.exists(path) {
      let log = try LogFile(try OpenFile.reading(path))
      if log.version == RunLog.version { return }
      // Not even its beginning was written: nothing is lost with it.
      if log.size >= LogFile.headerLength { try FileSystem.rename(path, to: path + ".unreadable") }
    }
    try FileSystem.writeAtomically(LogFile.header(version: RunLog.version), to: path)
  }

  /// Takes out what comes after a checkpoint, but for what was said meanwhile and for checkpoints up to its step: steps
  /// will be done again, words will not.
  static func rewind(_ path: String, to checkpoint: RunLogPosition) throws(RunFolderError) {
    let log = try LogFile(try OpenFile.reading(path))
    let (cut, words) = split(log, checkpoint)
    guard cut < log.size else { return }
    let temporary = FileSystem.temporary(of: path)
    FileSystem.remove(temporary)
    do throws(RunFolderError) {
      let new = try OpenFile.writing(temporary, flags: OpenFile.appending)
      try FileSystem.copy(0..<cut, of: log.file, to: new)
      try FileSystem.writeAll(words, to: new)
      try new.synchronize()
      try FileSystem.rename(temporary, to: path)
      try FileSystem.synchronizeFolder(FileSystem.folder(of: path))
    } catch {
      FileSystem.remove(temporary)
      throw error
    }
  }

  /// Where the part that stays ends, and the frames that follow it from the rest.
  private static func split(_ log: LogFile, _ checkpoint: RunLogPosition) -> (cut: Int, words: [UInt8]) {
    var place = log.chunks().last { $0.index <= checkpoint.index }?.end ?? LogFile.headerLength
    while let header = log.isSound(at: place), header.index <= checkpoint.index { place += header.frameLength }
    let cut = place
    var words: [UInt8] = []
    var index = checkpoint.index
    while let header = log.isSound(at: place) {
      if header.kind == .event, let event = try? log.payload(of: header, at: place, EventCodec.decode),
        let kept = kept(event, checkpoint, time: header.time)
      {
        index += 1
        words += LoggedEvent(kept, index: index, time: header.time).frame
      }
      place += header.frameLength
    }
    return (cut, words)
  }

  /// What stays of an event after the checkpoint.
  private static func kept(_ event: TrainingEvent, _ checkpoint: RunLogPosition, time: Double) -> TrainingEvent? {
    switch event {
    case .log, .alert: event
    case .checkpointWritten(let record): record.step <= checkpoint.step ? event : nil
    case .phaseChanged(let change):
      // How the process ended is worth a line; that it has ended is no longer so.
      change.outcome.flatMap { outcome in
        outcome.message.isEmpty
          ? nil
          : .log(
            LogLine(
              level: change.phase == .failed ? .error : .info, text: outcome.message, time: time, step: change.step))
      }
    default: nil
    }
  }
}
