/// Which columns of a file of CoNLL columns hold the words and the tags, each from 0.
struct ColumnLayout: Hashable, Sendable {
  /// Columns of a line; nil where no line shows it.
  var count: Int?
  /// The line that `count` was seen on first, from 1.
  var line = 1
  /// The column that counts a sentence's words, from 0 or 1; nil without one.
  var number: Int?
  var word = 0
  /// nil where words have no tags.
  var tag: Int?

  /// The columns that hold nothing that is read, from 0.
  var unread: [Int] { (0..<(count ?? 0)).filter { $0 != number && $0 != word && $0 != tag } }

  /// What the log says where the words or the tags are not where they are expected.
  var remark: String? {
    guard let count else { return nil }
    let tags = tag.map { ", tags from column \($0 + 1)" } ?? ""
    if let number { return "column \(number + 1) counts the words; words are read from column \(word + 1)\(tags)." }
    guard let tag, tag != count - 1 else { return nil }
    return "tags are read from column \(tag + 1), the only one that has any."
  }
}

extension ColumnLayout {
  /// Tells the layout from the beginning of a file; throws where two columns could hold the tags.
  ///
  /// The word is in the first column, or in the second where the first counts the words. The tag is in the last column;
  /// where that has other things than tags, or words are counted, in the only column of tags.
  init(detecting start: UnsafeBufferPointer<UInt8>, path: String) throws(DataError) {
    var sample = ColumnSample()
    sample.read(start, includingHashes: false)
    if sample.count == nil { sample.read(start, includingHashes: true) }
    count = sample.count
    line = sample.line
    guard let count, count > 1 else { return }
    let last = count - 1
    if sample.countsWords, count > 2 || !sample.holdsTags(last) {
      number = 0
      word = 1
    }
    let candidates = (word + 1..<count).filter(sample.holdsTags)
    if number == nil, candidates.isEmpty || candidates.contains(last) {
      tag = last
    } else if candidates.count > 1 {
      let names = candidates.map { "\($0 + 1) (\(sample.examples[$0].map { quoted($0) } ?? "O"))" }
      throw .malformed(
        path, line: line,
        "tags stand in columns \(names.joined(separator: " and ")): which are meant cannot be told; leave one of them")
    } else {
      tag = candidates.first
    }
  }
}

/// What the first lines of a file of columns have in their columns.
private struct ColumnSample {
  private(set) var count: Int?
  private(set) var line = 1
  /// By column: cells that are tags, those that are something else, and the first tag that is not `O`.
  private var tags: [Int] = []
  private var others: [Int] = []
  private(set) var examples: [String?] = []
  private var counter = WordCounter()
  private var isCounting = true
  private var hasCountedTwo = false

  /// Whether the first column counts each sentence's words.
  var countsWords: Bool { isCounting && hasCountedTwo }

  /// Whether most of a column's cells are tags; empty ones (`_`) do not count.
  func holdsTags(_ column: Int) -> Bool { tags[column] > others[column] }

  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, includingHashes: Bool) {
    var lines = LineCursor(bytes)
    while let line = lines.next() {
      if line.isEmpty {
        counter = WordCounter()
        continue
      }
      if bytes[line.lowerBound] == UInt8(ascii: "#"), !includingHashes || bytes.isSpacedHash(line) { continue }
      let cells = bytes.cells(of: line)
      if equal(bytes.slice(cells[0]), "-DOCSTART-") { continue }
      if count == nil { begin(cells.count, lines.number) }
      // What is cut off at the end of the sample, and what the reader will refuse.
      guard cells.count == count else { continue }
      note(cells.map { bytes.slice($0) })
    }
  }

  private mutating func begin(_ columns: Int, _ line: Int) {
    count = columns
    self.line = line
    tags = [Int](repeating: 0, count: columns)
    others = tags
    examples = [String?](repeating: nil, count: columns)
  }

  private mutating func note(_ cells: [UnsafeBufferPointer<UInt8>]) {
    if isCounting {
      switch counter.note(cells[0]) {
      case .word: hasCountedTwo = hasCountedTwo || counter.words > 1
      case .range: return
      case .other: isCounting = false
      }
    }
    for (column, cell) in cells.enumerated() where !equal(cell, "_") {
      guard tagProblem(cell) == nil else {
        others[column] += 1
        continue
      }
      tags[column] += 1
      if examples[column] == nil, cell.count > 1 { examples[column] = cell.text(cell.indices) }
    }
  }
}

/// Follows a column that counts the words of one sentence from 0 or 1.
///
/// CoNLL-U writes ranges (`1-2`) and empty nodes (`1.1`) between them, which are no words.
struct WordCounter {
  enum Cell { case word, range, other }

  private var next: Int?
  private(set) var words = 0

  mutating func note(_ cell: UnsafeBufferPointer<UInt8>) -> Cell {
    guard let first = cell.first, first >= 0x30, first <= 0x39, cell.count <= 20 else { return .other }
    let parts = cell.split { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    let numbers = parts.compactMap { Int(String(decoding: $0, as: UTF8.self)) }
    guard numbers.count == parts.count, numbers.count <= 2 else { return .other }
    if numbers.count == 2 { return .range }
    guard next.map({ numbers[0] == $0 }) ?? (numbers[0] <= 1) else { return .other }
    next = numbers[0] + 1
    words += 1
    return .word
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The columns of a line: separated by tabs if it has one, else by runs of ASCII white space.
  func cells(of line: Range<Int>) -> [Range<Int>] {
    var cells: [Range<Int>] = []
    forEachCell(of: line) { cells.append($1) }
    return cells
  }

  /// Calls `body` with the number and the place of each column of a line; returns how many there are.
  @inline(__always) @discardableResult
  func forEachCell(of line: Range<Int>, _ body: (Int, Range<Int>) -> Void) -> Int {
    let hasTab = self[line].contains(0x09)
    var count = 0
    var position = line.lowerBound
    while position <= line.upperBound {
      let start = position
      while position < line.upperBound, !(hasTab ? self[position] == 0x09 : isWhiteSpace(self[position])) {
        position += 1
      }
      if hasTab || position > start {
        body(count, hasTab ? trimmed(start..<position) : start..<position)
        count += 1
      }
      position += 1
    }
    return count
  }

  /// Whether a line begins with `#` and a space, or is nothing but `#`.
  func isSpacedHash(_ line: Range<Int>) -> Bool {
    self[line.lowerBound] == UInt8(ascii: "#") && (line.count == 1 || self[line.lowerBound + 1] == 0x20)
  }
}
