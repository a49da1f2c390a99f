internal import CZlib
internal import LoggedRuns
internal import SwiftProtobuf

/// A W&B run's own file, `run-ID.wandb`: protobuf records in LevelDB's log format, with zlib's checksums.
struct WandbLog: LogReader {
  private static let blockSize = 32_768
  private static let fileHeader = 7
  private static let chunkHeader = 7
  private static let largest = 64 << 20
  private static let readSize = 1 << 18

  private var file: GrowingFile
  private var buffer: [UInt8] = []
  /// The next chunk's place in the buffer, and the buffer's offset in the file.
  private var next = 0
  private var base = 0
  private var hasHeader = false
  private var isCaughtUp = false
  /// The beginning of a record whose other chunks are still to come.
  private var record: [UInt8]?
  /// Where that beginning lies in the file.
  private var recordStart = 0
  private var fields = PointFields()

  init(path: String) { file = GrowingFile(path: path) }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    let change = file.look()
    file.report(&sink)
    sink.run.bytes = file.size
    sink.run.lastWrite = file.modified
    switch change {
    case .unchanged:
      if isCaughtUp {
        noteTornEnd(&sink)
        return false
      }
    case .grown:
      buffer.removeSubrange(next...)
      sink.run.withdraw(LogProblem.tornEnd, in: file.path)
    case .replaced:
      sink.run.remove(file: 0, path: file.path)
      (sink.run.declaredState, sink.run.configuration) = (nil, [:])
      self = WandbLog(path: file.path)
      _ = file.look()
    case .gone: return false
    }
    isCaughtUp = false
    defer { file.rest() }
    repeat {
      compact()
      guard file.read(into: &buffer, from: base + buffer.count, count: Self.readSize) > 0, takeHeader(&sink) else {
        isCaughtUp = true
        buffer = buffer.map { $0 }
        noteTornEnd(&sink)
        return false
      }
      takeChunks(&sink)
    } while !budget.isSpent
    // Others have their turn now, maybe a hundred, each with bytes to go on with.
    compact()
    buffer = buffer.map { $0 }
    return true
  }

  /// Drops what was read.
  private mutating func compact() {
    buffer.removeSubrange(..<next)
    base += next
    next = 0
  }

  /// A record that nobody goes on writing was torn by its writer's end. Zeros are room that was never written to.
  private func noteTornEnd(_ sink: inout LogSink) {
    let isTorn = record != nil || buffer[next...].contains { $0 != 0 }
    guard hasHeader, isTorn, file.isAbandoned else { return }
    let start = record == nil ? base + next : recordStart
    sink.run.noteOnce(LogProblem(file: file.path, place: .byte(start), finding: LogProblem.tornEnd))
  }

  /// Checks the file's own header; false where it is not there, or another version's.
  private mutating func takeHeader(_ sink: inout LogSink) -> Bool {
    if hasHeader { return true }
    guard buffer.count >= Self.fileHeader else { return false }
    guard buffer.starts(with: Array(":W&B".utf8) + [0xE1, 0xBE]) else {
      sink.run.noteOnce(LogProblem(file: file.path, finding: "does not begin as a .wandb file does"))
      return false
    }
    guard buffer[6] == 0 else {
      let finding = "has version \(buffer[6]) of W&B's format; version 0 can be read"
      sink.run.noteOnce(LogProblem(file: file.path, finding: finding))
      return false
    }
    next = Self.fileHeader
    hasHeader = true
    return true
  }

  private mutating func takeChunks(_ sink: inout LogSink) {
    while true {
      let offset = base + next
      let left = Self.blockSize - offset % Self.blockSize
      if left < Self.chunkHeader {
        guard buffer.count - next >= left else { return }
        next += left
        continue
      }
      guard buffer.count - next >= Self.chunkHeader else { return }
      let length = Int(buffer[next + 4]) | Int(buffer[next + 5]) << 8
      let type = buffer[next + 6]
      if type == 0, length == 0 {
        // Not yet written; where a chunk or another block follows, it never will be.
        let isOver = buffer.count - next >= left + Self.chunkHeader
        guard passOver("zero bytes are passed over", left, isOver: isOver, &sink) else { return }
        continue
      }
      let isPossible = (1...4).contains(type) && length <= left - Self.chunkHeader
      if isPossible, buffer.count - next < Self.chunkHeader + length { return }
      guard let data = chunk(at: next, before: next + left) else {
        let isOver = buffer.count - next >= left
        guard passOver("bytes of a block are damaged and left out", left, isOver: isOver, &sink) else { return }
        continue
      }
      next = data.upperBound
      take(type, data, offset, &sink)
    }
  }

  /// Passes over everything before the next whole chunk of a block of which `left` bytes are left; false where there is
  /// none yet. `isOver`: whether none can come any more.
  private mutating func passOver(_ finding: String, _ left: Int, isOver: Bool, _ sink: inout LogSink) -> Bool {
    let end = next + left
    let following = (next + 1..<end).first { chunk(at: $0, before: end) != nil }
    guard let found = following ?? (isOver ? end : nil) else { return false }
    sink.run.note(
      LogProblem(file: file.path, place: .byte(base + next), finding: "\(found - next) \(finding)"))
    next = found
    record = nil
    return true
  }

  /// Where the data of a chunk lie; nil where there is none, or a damaged one.
  private func chunk(at place: Int, before end: Int) -> Range<Int>? {
    let start = place + Self.chunkHeader
    guard start <= min(end, buffer.count), (1...4).contains(buffer[place + 6]) else { return nil }
    let length = Int(buffer[place + 4]) | Int(buffer[place + 5]) << 8
    guard start + length <= min(end, buffer.count),
      Self.checksum(buffer[place + 6..<start + length]) == stored(place)
    else { return nil }
    return start..<start + length
  }

  private func stored(_ place: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(buffer[place + $1]) << UInt32(8 * $1) }
  }

  /// zlib's CRC-32 of a chunk's type and data.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count))) }
  }

  /// A chunk: a whole record, its first part, one in the middle, or its last.
  private mutating func take(_ type: UInt8, _ data: Range<Int>, _ offset: Int, _ sink: inout LogSink) {
    switch type {
    case 1:
      record = nil
      takeRecord(Array(buffer[data]), offset, &sink)
    case 2: (record, recordStart) = (Array(buffer[data]), offset)
    default:
      // Parts whose beginning was damaged belong to nothing.
      guard var whole = record, whole.count + data.count <= Self.largest else { return record = nil }
      whole += buffer[data]
      record = type == 4 ? nil : whole
      if type == 4 { takeRecord(whole, offset, &sink) }
    }
  }

  // MARK: - Records

  private mutating func takeRecord(_ bytes: [UInt8], _ offset: Int, _ sink: inout LogSink) {
    guard let record = try? MttTui_Wandb_Record(serializedBytes: bytes) else {
      let finding = "a record cannot be read and is left out"
      return sink.run.note(LogProblem(file: file.path, place: .byte(offset), finding: finding))
    }
    switch record.recordType {
    case .history(let history): takeHistory(history, &sink)
    case .config(let config): takeConfig(config, &sink)
    case .run(let run):
      if !run.displayName.isEmpty {
        sink.run.name = run.displayName
      } else if !run.runID.isEmpty {
        sink.run.name = run.runID
      }
      if run.hasStartTime { sink.run.created = Double(run.startTime.seconds) }
      takeConfig(run.config, &sink)
    case .exit(let exit): sink.run.declaredState = exit.exitCode == 0 ? .finished : .failed
    case .summary, nil: break
    }
  }

  private static func name(_ item: MttTui_Wandb_Item) -> String {
    item.nestedKey.isEmpty ? item.key : item.nestedKey.joined(separator: ".")
  }

  private mutating func takeHistory(_ history: MttTui_Wandb_History, _ sink: inout LogSink) {
    fields.begin()
    var hasStep = false
    for item in history.item {
      var name = Self.name(item)
      // Keys with an underscore are W&B's own.
      guard !name.hasPrefix("_") || PointFields.steps.contains(name) || PointFields.times.contains(name) else {
        continue
      }
      hasStep = hasStep || name == "_step"
      try? JSONFields.read(Array(item.valueJson.utf8)) { path, value in
        guard let number = value.number else { return }
        if path.isEmpty {
          name.withUTF8 { fields.take(UnsafeRawBufferPointer($0), number, &sink) }
        } else if !path.hasPrefix("_") {
          var nested = name + "." + path.split(separator: "/").joined(separator: ".")
          nested.withUTF8 { fields.take(UnsafeRawBufferPointer($0), number, &sink) }
        }
      }
    }
    if !hasStep, history.hasStep {
      var name = "_step"
      name.withUTF8 { fields.take(UnsafeRawBufferPointer($0), Double(history.step.num), &sink) }
    }
    fields.end(number: 0, &sink)
  }

  private func takeConfig(_ config: MttTui_Wandb_Update, _ sink: inout LogSink) {
    for item in config.update {
      let name = Self.name(item)
      guard !name.hasPrefix("_") else { continue }
      try? JSONFields.read(Array(item.valueJson.utf8)) { path, value in
        let key = path.isEmpty ? name : name + "/" + path
        sink.run.configuration[key] = value.configuration
      }
    }
  }
}
