internal import LoggedRuns

/// A CSV or TSV file with a header, as Lightning, Keras, Ultralytics and Stable-Baselines3 write them. What separates
/// the columns is read from the header; rows may be sparse; a header may come again, with other columns.
struct TableLog: LogReader {
  private var file: GrowingLines
  private var header: [[UInt8]] = []
  private var separator = UInt8(ascii: ",")
  private var fields = PointFields()

  init(path: String) { file = GrowingLines(path: path) }

  mutating func read(into sink: inout LogSink, within budget: ReadBudget) -> Bool {
    var file = file
    let reading = file.read(within: budget) { line, number in take(line, number, file: sink.run.id, &sink) }
    file.report(&sink)
    self.file = file
    sink.run.bytes = file.size
    sink.run.lastWrite = file.modified
    switch reading {
    case .lines(let more): return more
    case .nothing: return false
    case .replaced:
      sink.run.remove(file: 0, path: file.path)
      (header, fields) = ([], PointFields())
      return true
    }
  }

  private mutating func take(
    _ line: UnsafeRawBufferPointer, _ number: Int, file path: String, _ sink: inout LogSink
  ) {
    guard line.contains(where: { $0 > 32 }) else { return }
    if header.isEmpty { separator = Self.separator(of: line) }
    let cells = Self.cells(line, separator)
    if header.isEmpty || isHeader(cells, line) {
      header = cells.map { [UInt8](Self.unquoted(UnsafeRawBufferPointer(rebasing: line[$0]))) }
      return
    }
    guard cells.count == header.count else {
      let finding = "a row has \(cells.count) columns and its header \(header.count); it is left out"
      return sink.run.note(LogProblem(file: self.file.path, place: .line(number), finding: finding))
    }
    fields.begin()
    for (cell, name) in zip(cells, header) where !name.isEmpty {
      let text = UnsafeRawBufferPointer(rebasing: line[cell])
      guard let value = NumberBytes.value(text) else { continue }
      name.withUnsafeBytes { fields.take($0, value, &sink) }
    }
    fields.end(number: number - 1, &sink)
  }

  /// Whether a row is a header that comes again: none of its cells is a number or empty, and one names a step, or the
  /// first header's first column comes again.
  private func isHeader(_ cells: [Range<Int>], _ line: UnsafeRawBufferPointer) -> Bool {
    var names: [String] = []
    for cell in cells {
      let text = Self.unquoted(UnsafeRawBufferPointer(rebasing: line[cell]))
      if text.isEmpty || NumberBytes.value(text) != nil { return false }
      names.append(String(decoding: text, as: UTF8.self))
    }
    return PointFields.namesStep(names) || names.first.map { Array($0.utf8) } == header.first
  }

  /// What a header's columns are distinguished by.
  static func separator(of line: UnsafeRawBufferPointer) -> UInt8 {
    let candidates: [UInt8] = [9, UInt8(ascii: ","), UInt8(ascii: ";")]
    let counts = candidates.map { candidate in line.reduce(0) { $0 + ($1 == candidate ? 1 : 0) } }
    let most = counts.max() ?? 0
    return zip(candidates, counts).first { $0.1 == most && most > 0 }?.0 ?? UInt8(ascii: ",")
  }

  /// The cells of a line without the spaces around them; a separator in quotation marks is none.
  static func cells(_ line: UnsafeRawBufferPointer, _ separator: UInt8) -> [Range<Int>] {
    var cells: [Range<Int>] = []
    var start = 0
    var isQuoted = false
    for place in 0...line.count {
      if place < line.count {
        if line[place] == UInt8(ascii: "\"") { isQuoted.toggle() }
        if isQuoted || line[place] != separator { continue }
      }
      cells.append(trimmed(line, start..<place))
      start = place + 1
    }
    return cells
  }

  private static func trimmed(_ line: UnsafeRawBufferPointer, _ range: Range<Int>) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, line[low] <= 32 { low += 1 }
    while high > low, line[high - 1] <= 32 { high -= 1 }
    return low..<high
  }

  private static func unquoted(_ cell: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    let quote = UInt8(ascii: "\"")
    var cell = cell
    // A byte order mark before the first name.
    if cell.starts(with: [0xEF, 0xBB, 0xBF]) { cell = UnsafeRawBufferPointer(rebasing: cell.dropFirst(3)) }
    guard cell.count >= 2, cell.first == quote, cell.last == quote else { return cell }
    return UnsafeRawBufferPointer(rebasing: cell[1..<cell.count - 1])
  }

  /// Whether a first line looks like the header of a table of metrics.
  static func isHeader(_ line: UnsafeRawBufferPointer) -> Bool {
    let cells = cells(line, separator(of: line))
    guard cells.count > 1 else { return false }
    let names = cells.map { String(decoding: unquoted(UnsafeRawBufferPointer(rebasing: line[$0])), as: UTF8.self) }
    return PointFields.namesStep(names) && names.allSatisfy { !$0.isEmpty && Double($0) == nil }
  }
}
