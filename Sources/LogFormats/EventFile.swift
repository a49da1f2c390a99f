internal import LoggedRuns
internal import SwiftProtobuf

/// One TensorBoard event file, read on as it grows.
struct EventFile: Sendable {
  let path: String
  /// Its place among the run's files, in the order of their names.
  let number: Int
  private var file: GrowingFile
  private var records = TFRecordBuffer()
  private var table = TagTable()
  /// Whether all that was there when the file was looked at last is read.
  private var isCaughtUp = false

  var size: Int { file.size }
  var modified: Double? { file.modified }

  private static let chunk = 1 << 18

  init(path: String, number: Int) {
    self.path = path
    self.number = number
    file = GrowingFile(path: path)
  }

  /// Returns whether there may be more right now.
  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    let change = file.look()
    file.report(&sink)
    switch change {
    case .unchanged:
      if isCaughtUp {
        noteTornEnd(&sink)
        return false
      }
    case .grown:
      records.dropUnread()
      sink.run.withdraw(LogProblem.tornEnd, in: path)
    case .replaced: restart(&sink)
    case .gone: return false
    }
    isCaughtUp = false
    defer { file.rest() }
    repeat {
      if !readChunk(&sink) {
        isCaughtUp = true
        return false
      }
    } while !budget.isSpent
    // Others have their turn now, maybe a hundred, each with bytes to go on with.
    records.compact()
    records.shrink()
    return true
  }

  private mutating func restart(_ sink: inout LogSink) {
    sink.run.remove(file: number, path: path)
    sink.run.declaredState = nil
    records.reset()
    table = TagTable()
  }

  /// Reads more bytes and every whole record among them; false where nothing came.
  private mutating func readChunk(_ sink: inout LogSink) -> Bool {
    records.compact()
    let got = file.read(into: &records.bytes, from: records.end, count: Self.chunk)
    guard got > 0 else {
      noteTornEnd(&sink)
      records.shrink()
      return false
    }
    let bytes = records.bytes
    bytes.withUnsafeBytes { all in
      while true {
        switch records.step(all) {
        case .record(let range): event(all, range, &sink)
        case .needsMore: return
        case .damaged(let offset, let finding):
          sink.run.note(LogProblem(file: path, place: .byte(offset), finding: finding))
        case .oversized: break
        }
      }
    }
    return true
  }

  /// A record that nobody goes on writing was torn by its writer's end.
  private func noteTornEnd(_ sink: inout LogSink) {
    guard let offset = records.unfinished, file.isAbandoned else { return }
    sink.run.noteOnce(LogProblem(file: path, place: .byte(offset), finding: LogProblem.tornEnd))
  }

  // MARK: - Events

  private mutating func event(_ all: UnsafeRawBufferPointer, _ range: Range<Int>, _ sink: inout LogSink) {
    var (time, step) = (0.0, Int64(0))
    var summary: Range<Int>?
    // Of several each is a part of the whole.
    var earlier: [Range<Int>] = []
    var isStart = false
    var event = WireReader(all, range)
    while event.next() {
      switch (event.field, event.type) {
      case (1, 1): time = Double(bitPattern: event.fixed64())
      case (2, 0): step = Int64(bitPattern: event.varint())
      case (5, 2):
        if let summary { earlier.append(summary) }
        summary = event.range()
      case (7, 2): isStart = Self.isStart(all, event.range())
      default: event.skip()
      }
    }
    if isStart { sink.run.rewind(to: step, upTo: number) }
    for part in earlier { values(all, part, step: step, time: time, &sink) }
    if let summary { values(all, summary, step: step, time: time, &sink) }
  }

  private mutating func values(
    _ all: UnsafeRawBufferPointer, _ summary: Range<Int>, step: Int64, time: Double, _ sink: inout LogSink
  ) {
    var values = WireReader(all, summary)
    while values.next() {
      guard values.field == 1, values.type == 2 else {
        values.skip()
        continue
      }
      value(all, values.range(), step: step, time: time, &sink)
    }
  }

  private static func isStart(_ all: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    var log = WireReader(all, range)
    while log.next() {
      if log.field == 1, log.type == 0 { return log.varint() == 1 }
      log.skip()
    }
    return false
  }

  private mutating func value(
    _ all: UnsafeRawBufferPointer, _ range: Range<Int>, step: Int64, time: Double, _ sink: inout LogSink
  ) {
    var name = 0..<0
    var simple: Float?
    var tensor: Range<Int>?
    var metadata: Range<Int>?
    var value = WireReader(all, range)
    while value.next() {
      switch (value.field, value.type) {
      case (1, 2): name = value.range()
      case (2, 5): simple = Float(bitPattern: value.fixed32())
      case (8, 2): tensor = value.range()
      case (9, 2): metadata = value.range()
      default: value.skip()
      }
    }
    guard !value.isBroken else { return }
    let tag = table.number(of: UnsafeRawBufferPointer(rebasing: all[name]))
    if let metadata { describe(tag, all, metadata, &sink) }
    if let simple { return add(tag, Double(simple), step, time, &sink) }
    guard let tensor else { return }
    switch table.tags[tag].kind {
    case .scalar, .unknown:
      if let number = TensorScalar.value(all, tensor) { add(tag, number, step, time, &sink) }
    case .text:
      if let text = TensorScalar.text(all, tensor) { configure(tag, all, text, &sink) }
    case .hparams, .other: break
    }
  }

  private mutating func add(_ tag: Int, _ value: Double, _ step: Int64, _ time: Double, _ sink: inout LogSink) {
    let metric: Int
    if let known = table.tags[tag].metric {
      metric = known
    } else {
      metric = sink.run.place(of: String(decoding: table.tags[tag].name, as: UTF8.self))
      table.tags[tag].metric = metric
    }
    sink.add(metric, file: number, step: step, time: time, value: value)
  }

  // MARK: - Plugins

  /// Takes in a tag's metadata: whose values they are.
  private mutating func describe(
    _ tag: Int, _ all: UnsafeRawBufferPointer, _ range: Range<Int>, _ sink: inout LogSink
  ) {
    var (plugin, content) = (0..<0, 0..<0)
    var dataClass: UInt64 = 0
    var metadata = WireReader(all, range)
    while metadata.next() {
      switch (metadata.field, metadata.type) {
      case (1, 2):
        var data = WireReader(all, metadata.range())
        while data.next() {
          switch (data.field, data.type) {
          case (1, 2): plugin = data.range()
          case (2, 2): content = data.range()
          default: data.skip()
          }
        }
      case (4, 0): dataClass = metadata.varint()
      default: metadata.skip()
      }
    }
    switch String(decoding: all[plugin], as: UTF8.self) {
    case "scalars": table.tags[tag].kind = .scalar
    case "text": table.tags[tag].kind = .text
    case "hparams":
      table.tags[tag].kind = .hparams
      takeHParams([UInt8](all[content]), &sink)
    case "": table.tags[tag].kind = dataClass == 1 ? .scalar : dataClass == 0 ? table.tags[tag].kind : .other
    default: table.tags[tag].kind = dataClass == 1 ? .scalar : .other
    }
  }

  private func takeHParams(_ content: [UInt8], _ sink: inout LogSink) {
    guard let data = try? MttTui_Tfevents_HParamsPluginData(serializedBytes: content) else {
      return sink.run.note(LogProblem(file: path, finding: "holds hyperparameters that cannot be read"))
    }
    switch data.data {
    case .sessionStartInfo(let start):
      for (name, value) in start.hparams {
        switch value.kind {
        case .numberValue(let number): sink.run.configuration[name] = .number(number)
        case .stringValue(let text): sink.run.configuration[name] = .text(text)
        case .boolValue(let flag): sink.run.configuration[name] = .flag(flag)
        default: break
        }
      }
    case .sessionEndInfo(let end):
      switch end.status {
      case .success: sink.run.declaredState = .finished
      case .failure: sink.run.declaredState = .failed
      default: break
      }
    case .experiment, nil: break
    }
  }

  /// Texts that are JSON objects, as Hugging Face writes its arguments, are configuration.
  private func configure(_ tag: Int, _ all: UnsafeRawBufferPointer, _ range: Range<Int>, _ sink: inout LogSink) {
    let bytes = Array(all[range])
    guard let first = bytes.first(where: { $0 > 32 }), first == UInt8(ascii: "{") else { return }
    try? JSONFields.read(bytes) { name, value in
      if let value = value.configuration, sink.run.configuration[name] == nil { sink.run.configuration[name] = value }
    }
  }
}
