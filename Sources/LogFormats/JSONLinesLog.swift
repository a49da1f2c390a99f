internal import LoggedRuns

/// A file with a JSON object a line, such as `metrics.jsonl`, `trainer_log.jsonl` or detectron2's `metrics.json`.
struct JSONLinesLog: LogReader {
  private var file: GrowingLines
  private var fields = PointFields()
  /// Fields in which there are texts: not a configuration, which does not change, so the last one counts.
  private var hasBegun = false

  init(path: String) { file = GrowingLines(path: path) }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    let path = file.path
    var fields = fields
    let reading = file.read(within: budget) { line, number in
      Self.take(line, number, path, &fields, &sink)
    }
    self.fields = fields
    file.report(&sink)
    sink.run.bytes = file.size
    sink.run.lastWrite = file.modified
    switch reading {
    case .lines(let more): return more
    case .nothing: return false
    case .replaced:
      sink.run.remove(file: 0, path: path)
      self.fields = PointFields()
      return true
    }
  }

  private static func take(
    _ line: UnsafeRawBufferPointer, _ number: Int, _ path: String, _ fields: inout PointFields, _ sink: inout LogSink
  ) {
    guard line.contains(where: { $0 > 32 }) else { return }
    fields.begin()
    do throws(JSONProblem) {
      try JSONFields.read(line) { name, value in
        if let number = value.number { fields.take(name, number, &sink) }
      }
    } catch {
      return sink.run.note(
        LogProblem(file: path, place: .line(number), finding: "a line is no JSON object and is left out"))
    }
    fields.end(number: number, &sink)
  }
}
